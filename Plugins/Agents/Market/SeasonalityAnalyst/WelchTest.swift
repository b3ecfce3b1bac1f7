// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Whether two samples have the same mean, without supposing that they vary alike: B. L. Welch, "The generalization of
/// Student's problem when several different population variances are involved", Biometrika, 1947.
struct WelchTest {
    let difference: Double
    let t: Double
    let degrees: Double
    let p: Double
    /// Ends of the confidence interval of the difference.
    let low: Double
    let high: Double

    /// Nil when a sample has fewer than two values, or neither varies.
    init?(_ left: [Double], _ right: [Double], level: Double) {
        guard let leftDeviation = Moments.standardDeviation(left),
            let rightDeviation = Moments.standardDeviation(right)
        else { return nil }
        let leftShare = leftDeviation * leftDeviation / Double(left.count)
        let rightShare = rightDeviation * rightDeviation / Double(right.count)
        let error = (leftShare + rightShare).squareRoot()
        difference = Moments.mean(left) - Moments.mean(right)
        guard error > 0 else { return nil }
        t = difference / error
        // Welch and Satterthwaite.
        degrees =
            (leftShare + rightShare) * (leftShare + rightShare)
            / (leftShare * leftShare / Double(left.count - 1) + rightShare * rightShare / Double(right.count - 1))
        guard t.isFinite, degrees.isFinite else { return nil }
        p = StudentT.twoSided(t, degrees: degrees)
        let width = StudentT.central(level, degrees: degrees) * error
        (low, high) = (difference - width, difference + width)
    }
}

/// Of twenty true nothings, one looks significant at 5 % by chance; these say what is left when all that was asked is
/// counted.
enum MultipleTesting {
    /// S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics, 1979:
    /// keeps the chance of even one false discovery below the level. Adjusted values, in the order of `p`.
    static func holm(_ p: [Double]) -> [Double] {
        var adjusted = p
        var highest = 0.0
        for (rank, index) in rising(p).enumerated() {
            highest = max(highest, min(1, Double(p.count - rank) * p[index]))
            adjusted[index] = highest
        }
        return adjusted
    }

    /// Y. Benjamini and Y. Hochberg, "Controlling the False Discovery Rate", Journal of the Royal Statistical Society
    /// B, 1995: keeps the expected share of false ones among the discoveries below the level.
    static func benjaminiHochberg(_ p: [Double]) -> [Double] {
        var adjusted = p
        var lowest = 1.0
        for (rank, index) in rising(p).enumerated().reversed() {
            lowest = min(lowest, Double(p.count) * p[index] / Double(rank + 1))
            adjusted[index] = lowest
        }
        return adjusted
    }

    private static func rising(_ p: [Double]) -> [Int] { p.indices.sorted { (p[$0], $0) < (p[$1], $1) } }
}
