// SPDX-License-Identifier: Apache-2.0

/// The values of a moving window in rising order, so that a quantile or a median absolute deviation costs no sort.
package struct SortedWindow: Sendable {
    package private(set) var sorted: [Double] = []

    package init() {}

    package var count: Int { sorted.count }

    /// - Parameter value: finite.
    package mutating func insert(_ value: Double) { sorted.insert(value, at: place(value)) }

    /// Takes one value of this size away; what is not there is not missed.
    package mutating func remove(_ value: Double) {
        let place = place(value)
        if place < sorted.count, sorted[place] == value { sorted.remove(at: place) }
    }

    /// Nil while empty. Linear between order statistics, as `Moments.quantile`.
    package func quantile(_ share: Double) -> Double? { sorted.isEmpty ? nil : Moments.quantile(sorted, share) }

    package var median: Double? { quantile(0.5) }

    /// The median of the distances from the median (Hampel 1974); nil while empty.
    ///
    /// The values are in order, so the nearest ones are found by walking outwards from the middle.
    package var medianAbsoluteDeviation: Double? {
        guard let middle = median else { return nil }
        var right = sorted.firstIndex { $0 >= middle } ?? sorted.count
        var left = right - 1
        var (before, last) = (0.0, 0.0)
        for _ in 0...(sorted.count / 2) {
            let below = left >= 0 ? middle - sorted[left] : .infinity
            let above = right < sorted.count ? sorted[right] - middle : .infinity
            before = last
            if below < above { (last, left) = (below, left - 1) } else { (last, right) = (above, right + 1) }
        }
        return sorted.count.isMultiple(of: 2) ? (before + last) / 2 : last
    }

    /// Where `value` is or would be: the first place whose value is not below it.
    private func place(_ value: Double) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
