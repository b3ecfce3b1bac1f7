// SPDX-License-Identifier: Apache-2.0
import MarketBars

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The vertical axis: from values to 0 (bottom) to 1 (top), with ticks at round numbers.
struct ValueAxis {
    let low: Double
    let high: Double
    let isLogarithmic: Bool

    /// - Parameter values: Finite; may be empty.
    init(_ values: [Double], scale: Chart.Scale, includesZero: Bool) {
        var low = values.min() ?? 0
        var high = values.max() ?? 1
        if includesZero { (low, high) = (min(low, 0), max(high, 0)) }
        if case .fixed(let range) = scale {
            (self.low, self.high, isLogarithmic) = (range.lowerBound, range.upperBound, false)
            return
        }
        if case .logarithmic = scale, low > 0, high / low > 1.5 { isLogarithmic = true } else { isLogarithmic = false }
        if isLogarithmic {
            let margin = pow(high / low, 0.04)
            (low, high) = (low / margin, high * margin)
        } else {
            let span = high - low
            let margin = span > 0 ? span * 0.05 : max(abs(high) * 0.01, 1e-9)
            let floor = includesZero && low == 0 ? 0 : low - margin
            (low, high) = (floor, includesZero && high == 0 ? 0 : high + margin)
        }
        (self.low, self.high) = (low, high)
    }

    func position(_ value: Double) -> Double {
        let part = isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
        return part.isFinite ? min(1, max(0, part)) : 0
    }

    func ticks(about count: Int) -> [Double] {
        if isLogarithmic {
            let ticks = logarithmicTicks(about: count)
            if ticks.count >= 3 { return ticks }
        }
        let step = Self.roundStep((high - low) / Double(max(1, count)))
        guard step > 0, step.isFinite, (high - low) / step < 50 else { return [] }
        let first = (low / step).rounded(.up)
        return (0..<50).map { (first + Double($0)) * step }.filter { $0 <= high * (high > 0 ? 1 + 1e-12 : 1) }
    }

    private func logarithmicTicks(about count: Int) -> [Double] {
        for digits in [
            [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9], [1, 1.5, 2, 2.5, 3, 4, 5, 7], [1, 1.5, 2, 3, 5, 7], [1, 2, 5],
            [1],
        ] as [[Double]] {
            let exponents = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
            let ticks = exponents.flatMap { exponent in digits.map { $0 * pow(10, Double(exponent)) } }
            let inside = ticks.filter { $0 >= low && $0 <= high }
            if inside.count <= count + 1 { return inside }
        }
        return []
    }

    /// The next of 1, 2, 2.5, 5, 10 × 10ⁿ.
    private static func roundStep(_ raw: Double) -> Double {
        guard raw > 0, raw.isFinite else { return 0 }
        let power = pow(10, log10(raw).rounded(.down))
        let digit = [1, 2, 2.5, 5].first { $0 * power >= raw * 0.999_999 } ?? 10
        return digit * power
    }
}

/// The horizontal axis: bars at equal distances, ticks where a month or a year begins.
struct TimeAxis {
    struct Tick {
        let bar: Int
        let label: String
    }

    let ticks: [Tick]

    init(_ dates: [String], about count: Int) {
        let days = dates.map(CivilDate.init(iso:))
        guard let first = days.first.flatMap(\.self), let last = days.last.flatMap(\.self) else {
            ticks = []
            return
        }
        let months = (last.year - first.year) * 12 + last.month - first.month
        let step = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200].first { months / $0 <= count } ?? 2400
        let found = Self.boundaries(days, step: step)
        ticks = found.count >= 2 ? found : Self.evenly(dates, days, count: count)
    }

    private static func boundaries(_ days: [CivilDate?], step: Int) -> [Tick] {
        var ticks: [Tick] = []
        var previous: Int?
        for (bar, day) in days.enumerated() {
            guard let day else { continue }
            let period = (day.year * 12 + day.month - 1) / step
            if let previous, period != previous {
                let isYear = step >= 12 || day.month <= step && step < 12 && day.month == 1
                ticks.append(Tick(bar: bar, label: isYear ? String(day.year) : CalendarText.shortMonth(day)))
            }
            previous = period
        }
        return ticks
    }

    /// For spans too short for months: days, or times within one day.
    private static func evenly(_ dates: [String], _ days: [CivilDate?], count: Int) -> [Tick] {
        guard dates.count > 2 else {
            return dates.indices.map { Tick(bar: $0, label: label(dates[$0], days[$0], false)) }
        }
        let isOneDay = days.first == days.last
        let parts = max(2, min(count, 4, dates.count - 1))
        return (0...parts).map { part in
            let bar = (dates.count - 1) * part / parts
            return Tick(bar: bar, label: label(dates[bar], days[bar], isOneDay))
        }
    }

    private static func label(_ date: String, _ day: CivilDate?, _ isOneDay: Bool) -> String {
        if isOneDay, let mark = date.firstIndex(of: "T") { return String(date[date.index(after: mark)...].prefix(5)) }
        return day.map { "\($0.day) \(CalendarText.shortMonth($0))" } ?? ""
    }
}
