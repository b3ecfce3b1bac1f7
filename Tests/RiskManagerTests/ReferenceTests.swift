// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import RiskManager

/// Against NumPy and SciPy on twenty years of real prices; `reference/make_reference.py` says how.
@Suite struct ReferenceTests {
    struct Reference: Decodable {
        struct Level: Decodable {
            let historical: Double
            let parametric: Double
            let historicalShortfall: Double
            let parametricShortfall: Double
            let observations: Int

            enum CodingKeys: String, CodingKey {
                case historical, parametric, observations
                case historicalShortfall = "historical_shortfall"
                case parametricShortfall = "parametric_shortfall"
            }
        }
        let figures: [String: Double]
        let levels: [String: Level]
        let peak: Int
        let trough: Int
        let recovered: Int
        let paired: Int
    }

    private let reference: Reference
    private let bars: Bars

    init() throws {
        let data = try Sample.file("Tests/RiskManagerTests/reference/reference.json")
        reference = try JSONDecoder().decode(Reference.self, from: data)
        bars = try Sample.sp500()
    }

    private func expect(_ name: String, _ value: Double?) throws {
        let expected = try #require(reference.figures[name])
        let value = try #require(value, "\(name)")
        #expect(abs(value - expected) <= 1e-9 * abs(expected), "\(name): \(value), expected \(expected)")
    }

    private func parameters() -> RiskParameters {
        var parameters = RiskParameters()
        parameters.levels = [0.9, 0.95, 0.99]
        parameters.riskFree = 0.02
        return parameters
    }

    @Test func ratiosAgreeWithNumPy() throws {
        let report = try RiskReport.measure(bars, parameters: parameters())
        try expect("annual_return", report.annualReturn)
        try expect("annual_volatility", report.annualVolatility)
        try expect("sharpe", report.sharpe)
        try expect("sortino", report.sortino)
        try expect("calmar", report.calmar)
    }

    @Test func valueAtRiskAgreesWithSciPy() throws {
        let report = try RiskReport.measure(bars, parameters: parameters())
        #expect(report.valueAtRisk.count == reference.levels.count)
        for value in report.valueAtRisk {
            let expected = try #require(reference.levels["\(value.level)"])
            for (ours, theirs) in [
                (value.historical, expected.historical), (value.parametric, expected.parametric),
                (value.historicalShortfall, expected.historicalShortfall),
                (value.parametricShortfall, expected.parametricShortfall),
            ] { #expect(abs(ours - theirs) <= 1e-9 * abs(theirs), "level \(value.level): \(ours), \(theirs)") }
            #expect(value.observations == expected.observations)
        }
    }

    @Test func deepestFallHasItsDates() throws {
        let fall = try #require(try RiskReport.measure(bars).maxDrawdown)
        try expect("depth", fall.depth)
        #expect(fall.peak == bars.date[reference.peak])
        #expect(fall.trough == bars.date[reference.trough])
        #expect(fall.recovered == bars.date[reference.recovered])
    }

    @Test func betaIsTakenOverCommonDates() throws {
        let high = try #require(bars.high)
        let kept = bars.close.indices.filter { $0 % 3 != 1 }
        let benchmark = Bars(
            symbol: "B", interval: "daily", date: kept.map { bars.date[$0] }, close: kept.map { high[$0] })
        let relation = try #require(
            try RiskReport.measure(bars, benchmark: benchmark, parameters: parameters()).benchmark)
        #expect(relation.returns == reference.paired)
        try expect("beta", relation.beta)
        try expect("correlation", relation.correlation)
        try expect("alpha", relation.alpha)
    }
}
