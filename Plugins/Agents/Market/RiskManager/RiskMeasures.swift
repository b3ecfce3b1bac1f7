// SPDX-License-Identifier: Apache-2.0
import MarketBars

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The formulas, on simple returns of one history.
struct RiskMeasures {
    let returns: Returns
    let perYear: Double
    /// Of one period.
    private let riskFree: Double
    private let sorted: [Double]
    private let mean: Double
    private let deviation: Double
    private let fall: Drawdown?

    var count: Int { returns.values.count }

    /// - Parameters:
    ///   - returns: at least two.
    ///   - riskFree: yearly; each period earns its compound share of it.
    init(_ returns: Returns, perYear: Double, riskFree: Double) {
        self.returns = returns
        self.perYear = perYear
        self.riskFree = pow(1 + riskFree, 1 / perYear) - 1
        sorted = returns.values.sorted()
        mean = Moments.mean(returns.values)
        deviation = Moments.standardDeviation(returns.values) ?? 0
        fall = Drawdown.deepest(Drawdown.line(returns.prices))
    }

    /// (last / first)^(periods a year / periods) − 1.
    var annualReturn: Double {
        guard let first = returns.prices.first, let last = returns.prices.last else { return 0 }
        return pow(last / first, perYear / Double(count)) - 1
    }

    /// Standard deviation × √(periods a year): as if returns did not depend on those before.
    var annualVolatility: Double { deviation * perYear.squareRoot() }

    /// Jorion, Value at Risk, 3rd ed. 2006, chapters 5 and 10. Historical: the (1 − level) quantile of returns, linear
    /// between order statistics. Parametric: −(μ − z σ). Expected shortfall: the mean beyond it; for the normal
    /// distribution −(μ − σ φ(z) / (1 − level)) (Rockafellar & Uryasev 2000).
    func valueAtRisk(_ level: Double) -> RiskReport.ValueAtRisk {
        let quantile = Moments.quantile(sorted, 1 - level)
        let beyond = sorted.prefix { $0 <= quantile }
        let z = Normal.quantile(level)
        return RiskReport.ValueAtRisk(
            level: level, historical: -quantile, parametric: -(mean - z * deviation),
            historicalShortfall: -(beyond.isEmpty ? quantile : Moments.mean(beyond)),
            parametricShortfall: -(mean - deviation * Normal.density(z) / (1 - level)), observations: beyond.count)
    }

    var maxDrawdown: RiskReport.Fall? {
        fall.map { fall in
            RiskReport.Fall(
                depth: fall.depth, peak: returns.date[fall.peak], trough: returns.date[fall.trough],
                recovered: fall.recovered.map { returns.date[$0] })
        }
    }

    /// Sharpe 1994: mean excess return over its deviation, × √(periods a year).
    var sharpe: Double? { deviation > 0 ? (mean - riskFree) / deviation * perYear.squareRoot() : nil }

    /// Sortino & Price 1994: the same over the downside deviation, the root of the mean square of what fell short of
    /// the riskless return, counting all periods.
    var sortino: Double? {
        let squares = returns.values.reduce(0) { sum, value in
            let short = min(0, value - riskFree)
            return sum + short * short
        }
        let downside = (squares / Double(count)).squareRoot()
        return downside > 0 ? (mean - riskFree) / downside * perYear.squareRoot() : nil
    }

    /// Young 1991: compound yearly return over the deepest fall, here of the whole history and not of three years.
    var calmar: Double? { fall.map { annualReturn / -$0.depth } }

    /// Three years of bars make a full 1; what is less counts in proportion, and never below 0.1.
    var confidence: Double {
        let share = min(1, Double(count) / (3 * perYear))
        return max(0.1, (share * 100).rounded() / 100)
    }

    var absences: [String] {
        [
            sharpe == nil ? "sharpe: the prices never moved" : nil,
            sortino == nil ? "sortino: no bar fell short of the riskless return" : nil,
            calmar == nil ? "calmar, max_drawdown: the prices never fell" : nil,
        ].compactMap(\.self)
    }
}

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
