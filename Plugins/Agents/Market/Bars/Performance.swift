// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a line of prices, or of an account's worth, earned and risked, by the usual ratios on simple returns.
package struct Performance: Sendable {
    package let perYear: Double
    package let mean: Double
    package let deviation: Double
    /// Indices into the prices; nil when they never fell.
    package let fall: Drawdown?
    private let prices: [Double]
    private let returns: [Double]
    /// Of one period.
    private let riskFree: Double

    package var count: Int { returns.count }

    /// - Parameters:
    ///   - prices: at least three, all above 0.
    ///   - riskFree: yearly; each period earns its compound share of it.
    package init(prices: [Double], perYear: Double, riskFree: Double) {
        self.prices = prices
        self.perYear = perYear
        self.riskFree = pow(1 + riskFree, 1 / perYear) - 1
        returns = zip(prices.dropFirst(), prices).map { $0 / $1 - 1 }
        mean = Moments.mean(returns)
        deviation = Moments.standardDeviation(returns) ?? 0
        fall = Drawdown.deepest(Drawdown.line(prices))
    }

    /// (last / first)^(periods a year / periods) − 1.
    package var annualReturn: Double {
        guard let first = prices.first, let last = prices.last else { return 0 }
        return pow(last / first, perYear / Double(count)) - 1
    }

    /// Standard deviation × √(periods a year): as if returns did not depend on those before.
    package var annualVolatility: Double { deviation * perYear.squareRoot() }

    /// Sharpe 1994: mean excess return over its deviation, × √(periods a year). Nil when nothing moved.
    package var sharpe: Double? { deviation > 0 ? (mean - riskFree) / deviation * perYear.squareRoot() : nil }

    /// Sortino & Price 1994: the same over the downside deviation, the root of the mean square of what fell short of
    /// the riskless return, counting all periods. Nil when none fell short.
    package var sortino: Double? {
        let squares = returns.reduce(0) { sum, value in
            let short = min(0, value - riskFree)
            return sum + short * short
        }
        let downside = (squares / Double(count)).squareRoot()
        return downside > 0 ? (mean - riskFree) / downside * perYear.squareRoot() : nil
    }

    /// Young 1991: compound yearly return over the deepest fall, here of the whole line and not of three years.
    package var calmar: Double? { fall.map { annualReturn / -$0.depth } }
}
