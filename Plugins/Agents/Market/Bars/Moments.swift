// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Descriptive statistics of a sample.
package enum Moments {
    /// 0 for an empty sample.
    package static func mean(_ values: some Collection<Double>) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    /// With n − 1, in two passes so that a large mean does not swallow the differences. Nil below two values.
    package static func standardDeviation(_ values: some Collection<Double>) -> Double? {
        guard values.count > 1 else { return nil }
        let mean = mean(values)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot()
    }

    /// With n − 1. Nil below two pairs.
    package static func covariance(_ left: [Double], _ right: [Double]) -> Double? {
        guard left.count == right.count, left.count > 1 else { return nil }
        let (leftMean, rightMean) = (mean(left), mean(right))
        let products = zip(left, right).reduce(0) { $0 + ($1.0 - leftMean) * ($1.1 - rightMean) }
        return products / Double(left.count - 1)
    }

    /// Hyndman & Fan 1996, definition 7: linear between order statistics, as R, NumPy and spreadsheets do by default.
    /// - Parameter sorted: rising, not empty.
    package static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let position = min(max(share, 0), 1) * Double(sorted.count - 1)
        let below = Int(position)
        guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
        return sorted[below] + (position - Double(below)) * (sorted[below + 1] - sorted[below])
    }

    /// Half of the values lie below. Nil for an empty sample.
    package static func median(_ values: some Collection<Double>) -> Double? {
        values.isEmpty ? nil : quantile(values.sorted(), 0.5)
    }
}

/// The standard normal distribution.
package enum Normal {
    package static func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }

    package static func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

    /// The x below which a share of the distribution lies; `share` strictly between 0 and 1.
    ///
    /// By bisection: the distribution function is monotonic and 80 halvings of 80 units reach the last bit, so there is
    /// no table of coefficients to get wrong.
    package static func quantile(_ share: Double) -> Double {
        var (low, high) = (-40.0, 40.0)
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if cumulative(middle) < share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
