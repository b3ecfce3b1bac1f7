// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Indicators of width: how far prices swing.
enum Volatility {
    /// True range from the second bar on (Wilder 1978, section III): the largest of high − low, |high − previous close|
    /// and |low − previous close|. The first bar has no previous close and so no true range.
    static func trueRange(high: [Double], low: [Double], close: [Double]) -> [Double] {
        close.indices.dropFirst().map { bar in
            let before = close[bar - 1]
            return max(high[bar] - low[bar], abs(high[bar] - before), abs(low[bar] - before))
        }
    }

    /// Average true range, in the unit of the price: Wilder's average of the true range.
    static func averageTrueRange(high: [Double], low: [Double], close: [Double], period: Int) -> IndicatorLine? {
        let ranges = trueRange(high: high, low: low, close: close)
        return MovingAverages.wilder(ranges, period: period).map {
            IndicatorLine(start: $0.start + 1, values: $0.values)
        }
    }

    struct Bands: Equatable, Sendable {
        let middle: IndicatorLine
        let upper: IndicatorLine
        let lower: IndicatorLine
    }

    /// Bollinger bands (J. Bollinger, Bollinger on Bollinger Bands, 2001): the simple average of `period`
    /// closes, and `width` population standard deviations on both sides.
    static func bollinger(_ close: [Double], period: Int, width: Double) -> Bands? {
        guard let middle = MovingAverages.simple(close, period: period) else { return nil }
        let deviations = middle.values.enumerated().map { index, mean in
            let squares = close[index..<(index + period)].reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return (squares / Double(period)).squareRoot()
        }
        func band(_ side: Double) -> IndicatorLine {
            let values = zip(middle.values, deviations).map { $0 + side * width * $1 }
            return IndicatorLine(start: middle.start, values: values)
        }
        return Bands(middle: middle, upper: band(1), lower: band(-1))
    }
}
