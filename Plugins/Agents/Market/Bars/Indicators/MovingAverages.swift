// SPDX-License-Identifier: Apache-2.0

/// Averages that the other indicators are built from.
package enum MovingAverages {
    /// Simple moving average: the mean of the last `period` values.
    ///
    /// Each window is summed anew. A running sum would be faster and drift: after 20 years of additions and
    /// subtractions its last digits are noise.
    package static func simple(_ values: [Double], period: Int) -> IndicatorLine? {
        guard period > 0, values.count >= period else { return nil }
        let averages = (period - 1..<values.count).map { end in
            values[(end - period + 1)...end].reduce(0, +) / Double(period)
        }
        return IndicatorLine(start: period - 1, values: averages)
    }

    package static func simple(_ line: IndicatorLine, period: Int) -> IndicatorLine? {
        simple(line.values, period: period).map { IndicatorLine(start: $0.start + line.start, values: $0.values) }
    }

    /// Exponential moving average with weight 2 / (period + 1) for the newest value (J. K. Hutson, "Filter Price Data",
    /// Stocks & Commodities, 1984), seeded with the simple average of the first `period` values, as TA-Lib does.
    /// Libraries that seed with the first value alone agree after a few hundred bars.
    package static func exponential(_ values: [Double], period: Int) -> IndicatorLine? {
        guard period > 0, values.count >= period else { return nil }
        let weight = 2 / Double(period + 1)
        return smoothed(values, period: period) { average, value in average + weight * (value - average) }
    }

    package static func exponential(_ line: IndicatorLine, period: Int) -> IndicatorLine? {
        exponential(line.values, period: period).map { IndicatorLine(start: $0.start + line.start, values: $0.values) }
    }

    /// Wilder's average: previous × (period − 1) + value, over period; seeded with the simple average
    /// (J. W. Wilder, New Concepts in Technical Trading Systems, 1978, section III, "average true range").
    package static func wilder(_ values: [Double], period: Int) -> IndicatorLine? {
        guard period > 0, values.count >= period else { return nil }
        let size = Double(period)
        return smoothed(values, period: period) { average, value in (average * (size - 1) + value) / size }
    }

    private static func smoothed(
        _ values: [Double], period: Int, _ step: (Double, Double) -> Double
    ) -> IndicatorLine {
        var average = values[..<period].reduce(0, +) / Double(period)
        var averages = [average]
        averages.reserveCapacity(values.count - period + 1)
        for value in values[period...] {
            average = step(average, value)
            averages.append(average)
        }
        return IndicatorLine(start: period - 1, values: averages)
    }
}
