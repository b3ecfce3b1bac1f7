// SPDX-License-Identifier: Apache-2.0
import MarketBars

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The headline numbers of a price history; what too few bars cannot say is nil.
struct PriceStatistics {
    let close: Double
    /// Against the bar before, as a ratio.
    let change: Double?
    /// Against the last bar a year ago or earlier.
    let yearChange: Double?
    /// Lowest and highest close since then.
    let yearLow: Double?
    let yearHigh: Double?
    /// Compound growth a year over the whole record, when it is a year or longer.
    let growth: Double?
    /// Standard deviation of log returns over the past year of bars, times √(bars a year).
    let volatility: Double?
    let deepestFall: Drawdown?
    /// Ratio below the highest close so far, per bar; 0 at a new high.
    let drawdown: [Double]

    /// - Parameter bars: Without flaw.
    init(_ bars: Bars) {
        let closes = bars.close
        close = closes.last ?? 0
        change = closes.count > 1 ? close / closes[closes.count - 2] - 1 : nil
        let yearStart = Self.yearAgo(bars.date)
        yearChange = yearStart.map { closes[closes.count - 1] / closes[$0] - 1 }
        yearLow = yearStart.flatMap { closes[$0...].min() }
        yearHigh = yearStart.flatMap { closes[$0...].max() }
        growth = Self.growth(bars)
        volatility = Self.volatility(bars)
        drawdown = Drawdown.line(closes)
        deepestFall = Drawdown.deepest(drawdown)
    }

    private static func yearAgo(_ dates: [String]) -> Int? {
        guard let last = dates.last.flatMap(CivilDate.init(iso:)) else { return nil }
        let day = last.month == 2 && last.day == 29 ? 28 : last.day
        guard let target = CivilDate(year: last.year - 1, month: last.month, day: day) else { return nil }
        return dates.lastIndex { date in CivilDate(iso: date).map { $0 <= target } ?? false }
    }

    private static func growth(_ bars: Bars) -> Double? {
        guard
            let first = bars.date.first.flatMap(CivilDate.init(iso:)),
            let last = bars.date.last.flatMap(CivilDate.init(iso:)),
            last.ordinal - first.ordinal >= 365, let start = bars.close.first, let end = bars.close.last
        else { return nil }
        return pow(end / start, 365.25 / Double(last.ordinal - first.ordinal)) - 1
    }

    private static func volatility(_ bars: Bars) -> Double? {
        guard let perYear = bars.perYear, perYear >= 12 else { return nil }
        let closes = bars.close.suffix(Int(perYear) + 1)
        let returns = zip(closes.dropFirst(), closes).map { log($0 / $1) }
        guard returns.count >= 10 else { return nil }
        return Moments.standardDeviation(returns).map { $0 * perYear.squareRoot() }
    }
}
