// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What one history risked: the shared ratios, and the tail of its returns.
struct RiskMeasures {
    let returns: Returns
    let performance: Performance
    private let sorted: [Double]

    var count: Int { returns.values.count }

    init(_ returns: Returns, perYear: Double, riskFree: Double) {
        self.returns = returns
        performance = Performance(prices: returns.prices, perYear: perYear, riskFree: riskFree)
        sorted = returns.values.sorted()
    }

    /// Jorion, Value at Risk, 3rd ed. 2006, chapters 5 and 10. Historical: the (1 − level) quantile of returns, linear
    /// between order statistics. Parametric: −(μ − z σ). Expected shortfall: the mean beyond it; for the normal
    /// distribution −(μ − σ φ(z) / (1 − level)) (Rockafellar & Uryasev 2000).
    func valueAtRisk(_ level: Double) -> RiskReport.ValueAtRisk {
        let quantile = Moments.quantile(sorted, 1 - level)
        let beyond = sorted.prefix { $0 <= quantile }
        let z = Normal.quantile(level)
        return RiskReport.ValueAtRisk(
            level: level, historical: -quantile, parametric: -(performance.mean - z * performance.deviation),
            historicalShortfall: -(beyond.isEmpty ? quantile : Moments.mean(beyond)),
            parametricShortfall: -(performance.mean - performance.deviation * Normal.density(z) / (1 - level)),
            observations: beyond.count)
    }

    var maxDrawdown: RiskReport.Fall? {
        performance.fall.map { fall in
            RiskReport.Fall(
                depth: fall.depth, peak: returns.date[fall.peak], trough: returns.date[fall.trough],
                recovered: fall.recovered.map { returns.date[$0] })
        }
    }

    /// Three years of bars make a full 1; what is less counts in proportion, and never below 0.1.
    var confidence: Double {
        let share = min(1, Double(count) / (3 * performance.perYear))
        return max(0.1, (share * 100).rounded() / 100)
    }

    var absences: [String] {
        [
            performance.sharpe == nil ? "sharpe: the prices never moved" : nil,
            performance.sortino == nil ? "sortino: no bar fell short of the riskless return" : nil,
            performance.calmar == nil ? "calmar, max_drawdown: the prices never fell" : nil,
        ].compactMap(\.self)
    }
}
