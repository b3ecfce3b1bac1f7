// SPDX-License-Identifier: Apache-2.0
import MarketBars

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How a history moves with another.
enum BenchmarkRelation {
    /// Fewer common returns than this make no beta.
    static let returnsMin = 20

    /// Beta: covariance over the benchmark's variance; alpha: Jensen 1968, a year, arithmetic. Returns are taken between
    /// dates that both have, so a missing day in one does not shift the pairs.
    static func measure(
        _ bars: Bars, _ benchmark: Bars, perYear: Double, _ riskFree: Double
    ) -> RiskReport.Benchmark? {
        let (own, other) = (Returns(bars), Returns(benchmark))
        let places = Dictionary(zip(other.date, other.prices), uniquingKeysWith: { first, _ in first })
        let pairs = zip(own.date, own.prices).compactMap { date, price in places[date].map { (price, $0) } }
        guard pairs.count > returnsMin else { return nil }
        let left = zip(pairs.dropFirst(), pairs).map { $0.0 / $1.0 - 1 }
        let right = zip(pairs.dropFirst(), pairs).map { $0.1 / $1.1 - 1 }
        guard let covariance = Moments.covariance(left, right), let variance = Moments.covariance(right, right),
            let ownVariance = Moments.covariance(left, left), variance > 0
        else { return nil }
        let beta = covariance / variance
        let period = pow(1 + riskFree, 1 / perYear) - 1
        let alpha = Moments.mean(left) - period - beta * (Moments.mean(right) - period)
        return RiskReport.Benchmark(
            symbol: benchmark.symbol, returns: left.count, beta: beta,
            correlation: ownVariance > 0 ? covariance / (variance * ownVariance).squareRoot() : 0,
            alpha: alpha * perYear)
    }
}
