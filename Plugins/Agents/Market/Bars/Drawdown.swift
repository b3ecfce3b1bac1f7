// SPDX-License-Identifier: Apache-2.0

/// A fall from a high: how deep, from when, to when.
package struct Drawdown: Equatable, Sendable {
    /// As a ratio below zero.
    package let depth: Double
    /// Indices of bars.
    package let peak: Int
    package let trough: Int
    /// The first bar at or above the peak again; nil while it is under water.
    package let recovered: Int?

    package init(depth: Double, peak: Int, trough: Int, recovered: Int?) {
        self.depth = depth
        self.peak = peak
        self.trough = trough
        self.recovered = recovered
    }

    /// The ratio below the highest price so far, for each bar; 0 at a new high.
    package static func line(_ prices: [Double]) -> [Double] {
        var peak = 0.0
        return prices.map { price in
            peak = max(peak, price)
            return price / peak - 1
        }
    }

    /// Nil when prices never fell.
    /// - Parameter line: of `line(_:)`.
    package static func deepest(_ line: [Double]) -> Drawdown? {
        guard let trough = line.indices.min(by: { line[$0] < line[$1] }), line[trough] < 0 else { return nil }
        return Drawdown(
            depth: line[trough], peak: line[..<trough].lastIndex(of: 0) ?? 0, trough: trough,
            recovered: line[trough...].firstIndex(of: 0))
    }
}
