// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What one price history risked and earned. Ratios, not per cent; losses are positive numbers.
package struct RiskReport: Codable, Sendable, Equatable {
    /// The loss of one bar that is exceeded with probability 1 − level.
    package struct ValueAtRisk: Codable, Sendable, Equatable {
        package var level: Double
        /// From the order of what really happened.
        package var historical: Double
        /// As if returns were normal with the measured mean and deviation.
        package var parametric: Double
        /// The mean loss in the cases beyond, both ways.
        package var historicalShortfall: Double
        package var parametricShortfall: Double
        /// How many bars lie beyond the historical value: few make it a guess.
        package var observations: Int

        enum CodingKeys: String, CodingKey {
            case level, historical, parametric, observations
            case historicalShortfall = "historical_shortfall"
            case parametricShortfall = "parametric_shortfall"
        }
    }

    package struct Fall: Codable, Sendable, Equatable {
        /// As a ratio below zero.
        package var depth: Double
        /// Dates.
        package var peak: String
        package var trough: String
        /// Absent while it is under water.
        package var recovered: String?
    }

    package struct Benchmark: Codable, Sendable, Equatable {
        package var symbol: String
        /// Bars on which both have a price, less one.
        package var returns: Int
        package var beta: Double
        package var correlation: Double
        /// Jensen's alpha a year.
        package var alpha: Double
    }

    package var symbol: String
    package var asOf: String
    /// Number of returns.
    package var returns: Int
    /// `adjusted_close` (dividends in it) or `close`.
    package var basis: Returns.Basis
    package var periodsPerYear: PeriodsPerYear
    package var parameters: RiskParameters
    /// Compound.
    package var annualReturn: Double
    package var annualVolatility: Double
    package var valueAtRisk: [ValueAtRisk]
    /// Absent when prices never fell.
    package var maxDrawdown: Fall?
    /// Absent when nothing varied, never fell below the target, or never fell.
    package var sharpe: Double?
    package var sortino: Double?
    package var calmar: Double?
    package var benchmark: Benchmark?
    /// What could not be measured, and why.
    package var absences: [String]
    /// 0 to 1: how much history the measures rest on.
    package var confidence: Double
    package var summary: String

    enum CodingKeys: String, CodingKey {
        case symbol, returns, basis, parameters, sharpe, sortino, calmar, benchmark, absences, confidence, summary
        case asOf = "as_of"
        case periodsPerYear = "periods_per_year"
        case annualReturn = "annual_return"
        case annualVolatility = "annual_volatility"
        case valueAtRisk = "value_at_risk"
        case maxDrawdown = "max_drawdown"
    }
}

extension RiskReport {
    /// - Throws: `DataFault` when the bars or the parameters cannot be used.
    package static func measure(
        _ bars: Bars, benchmark: Bars? = nil, parameters: RiskParameters = RiskParameters()
    ) throws -> RiskReport {
        if let flaw = bars.flaw { throw RiskManagerErrors.bars("bars", flaw) }
        if let flaw = benchmark?.flaw { throw RiskManagerErrors.bars("benchmark bars", flaw) }
        try parameters.check()
        guard bars.count >= RiskParameters.barsMin else { throw RiskManagerErrors.tooFew(bars.count) }
        guard let perYear = PeriodsPerYear(bars) else { throw RiskManagerErrors.noYear() }
        let measures = RiskMeasures(Returns(bars), perYear: perYear.value, riskFree: parameters.riskFree)
        var absences = measures.absences
        var relation: Benchmark?
        if let benchmark {
            relation = BenchmarkRelation.measure(bars, benchmark, perYear: perYear.value, parameters.riskFree)
            if relation == nil {
                absences.append("beta: \(benchmark.symbol) and \(bars.symbol) share too few dates, or it never moved")
            }
        }
        var report = RiskReport(
            symbol: bars.symbol, asOf: bars.date.last ?? "", returns: measures.count, basis: measures.returns.basis,
            periodsPerYear: perYear, parameters: parameters, annualReturn: measures.performance.annualReturn,
            annualVolatility: measures.performance.annualVolatility,
            valueAtRisk: parameters.levels.map(measures.valueAtRisk), maxDrawdown: measures.maxDrawdown,
            sharpe: measures.performance.sharpe, sortino: measures.performance.sortino,
            calmar: measures.performance.calmar, benchmark: relation,
            absences: absences, confidence: measures.confidence, summary: "")
        report.summary = report.sentences()
        return report
    }

    private func sentences() -> String {
        let loss = annualReturn < 0
        var text =
            "\(symbol) \(loss ? "lost" : "returned") \(Figures.percent(abs(annualReturn))) a year "
            + "with a volatility of \(Figures.percent(annualVolatility))"
        if let sharpe { text += ", a Sharpe ratio of \(Figures.fixed(sharpe))" }
        text += "."
        if let worst = valueAtRisk.max(by: { $0.level < $1.level }) {
            text +=
                " One bar in \(Figures.fixed(1 / (1 - worst.level), 0)) lost more than "
                + "\(Figures.percent(worst.historical)), and \(Figures.percent(worst.historicalShortfall)) on average "
                + "(normal returns would say \(Figures.percent(worst.parametric)))."
        }
        if let fall = maxDrawdown {
            text +=
                " The deepest fall was \(Figures.percent(-fall.depth)), from \(CalendarText.long(fall.peak)) to "
                + CalendarText.long(fall.trough)
            text += fall.recovered.map { "; made good on \(CalendarText.long($0))." } ?? "; not made good yet."
        }
        if let benchmark { text += " Its beta to \(benchmark.symbol) is \(Figures.fixed(benchmark.beta))." }
        return text
    }
}
