// SPDX-License-Identifier: Apache-2.0

/// The values of an indicator from the first bar on which it is defined.
///
/// There is no value before `start`, rather than a NaN or a zero: an indicator that has seen too few bars has no
/// opinion.
package struct IndicatorLine: Equatable, Sendable {
    /// Index of the bar that `values[0]` belongs to.
    package let start: Int
    package let values: [Double]

    package init(start: Int, values: [Double]) {
        self.start = start
        self.values = values
    }

    package var latest: Double? { values.last }
    package var previous: Double? { values.dropLast().last }

    package func at(_ bar: Int) -> Double? {
        bar >= start && bar - start < values.count ? values[bar - start] : nil
    }

    /// The last `count` of `total` bars, null where the indicator was not defined yet.
    package func tail(_ count: Int, of total: Int) -> [Double?] { (max(0, total - count)..<total).map(at) }

    /// Combines two lines where both are defined.
    package static func zip(
        _ left: IndicatorLine, _ right: IndicatorLine, _ combine: (Double, Double) -> Double
    ) -> IndicatorLine {
        let start = max(left.start, right.start)
        let end = min(left.start + left.values.count, right.start + right.values.count)
        guard start < end else { return IndicatorLine(start: start, values: []) }
        let values = (start..<end).map { combine(left.values[$0 - left.start], right.values[$0 - right.start]) }
        return IndicatorLine(start: start, values: values)
    }
}
