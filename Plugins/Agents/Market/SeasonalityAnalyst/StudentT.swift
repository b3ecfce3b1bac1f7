// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Student's t distribution (Student 1908), for any positive number of degrees of freedom.
enum StudentT {
    /// The probability of a value at least as far from 0 on either side: I_x(ν/2, ½) with x = ν / (ν + t²)
    /// (Abramowitz & Stegun 26.7.1). The part beside x is passed on, for 1 − x would lose its digits.
    static func twoSided(_ t: Double, degrees: Double) -> Double {
        let whole = degrees + t * t
        return incompleteBeta(degrees / whole, beside: t * t / whole, degrees / 2, 0.5)
    }

    static func cumulative(_ t: Double, degrees: Double) -> Double {
        let tail = twoSided(t, degrees: degrees) / 2
        return t > 0 ? 1 - tail : tail
    }

    /// The t with a share of `level` between −t and t. By bisection, as `Normal.quantile`.
    static func central(_ level: Double, degrees: Double) -> Double {
        let outside = 1 - level
        var (low, high) = (0.0, 1.0)
        while twoSided(high, degrees: degrees) > outside, high < 1e12 { (low, high) = (high, high * 2) }
        for _ in 0..<70 {
            let middle = (low + high) / 2
            if twoSided(middle, degrees: degrees) > outside { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// I_x(a, b), by the continued fraction of DLMF 8.17.22, on the side where it converges fast. One of a and b is ½.
    /// - Parameter y: 1 − x.
    private static func incompleteBeta(_ x: Double, beside y: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard y > 0 else { return 1 }
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(y, beside: x, b, a) }
        let logX = x < y ? log(x) : log1p(-y)
        let logY = y < x ? log(y) : log1p(-x)
        let scale = logGammaRatio(max(a, b)) - logGamma(min(a, b))
        return exp(scale + a * logX + b * logY) / a * fraction(x, a, b)
    }

    /// Lentz's method as modified by Thompson and Barnett 1986.
    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func bounded(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var d = 1 / bounded(1 - (a + b) * x / (a + 1))
        var c = 1.0
        var result = d
        // √(max(a, b)) steps suffice; a thousand are enough for a billion degrees of freedom.
        for step in 1...1_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / bounded(1 + even * d)
            c = bounded(1 + even / c)
            result *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / bounded(1 + odd * d)
            c = bounded(1 + odd / c)
            result *= d * c
            if abs(d * c - 1) < 1e-15 { break }
        }
        return result
    }

    private static func logGamma(_ x: Double) -> Double {
        var sign: Int32 = 0
        return lgamma_r(x, &sign)
    }

    /// ln Γ(x + ½) − ln Γ(x). Two large logarithms would lose the digits of their small difference, so large x take the
    /// series of that difference (Tricomi & Erdélyi 1951).
    private static func logGammaRatio(_ x: Double) -> Double {
        guard x > 100 else { return logGamma(x + 0.5) - logGamma(x) }
        let cube = x * x * x
        return 0.5 * log(x) - 1 / (8 * x) + 1 / (192 * cube) - 1 / (640 * cube * x * x)
    }
}
