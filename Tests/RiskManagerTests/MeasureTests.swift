// SPDX-License-Identifier: Apache-2.0
import MarketBars
import Testing

@testable import RiskManager

@Suite struct MeasureTests {
    private let steady = (0..<40).map { 100 + Double($0) }

    @Test func saysWhatCannotBeMeasured() throws {
        let flat = try RiskReport.measure(Sample.bars(Array(repeating: 7, count: 30)))
        #expect(flat.sharpe == nil && flat.sortino == nil && flat.calmar == nil && flat.maxDrawdown == nil)
        #expect(flat.absences.count == 3)
        let rising = try RiskReport.measure(Sample.bars(steady))
        #expect(rising.sharpe != nil && rising.sortino == nil && rising.maxDrawdown == nil)
    }

    @Test func infersPeriodsFromDates() throws {
        let dates = (0..<40).compactMap { CivilDate(ordinal: 10_000 + 3 * $0)?.iso }
        let report = try RiskReport.measure(Sample.bars(steady, interval: "irregular", dates: dates))
        #expect(abs(report.periodsPerYear.value - 365.25 / 3) < 1e-9)
        #expect(report.periodsPerYear.reason.contains("40 bars"))
        #expect(try RiskReport.measure(Sample.bars(steady, interval: "monthly")).periodsPerYear.value == 12)
    }

    @Test func prefersAdjustedCloses() throws {
        var bars = Sample.bars(steady)
        bars.adjustedClose = steady.map { $0 / 2 }
        #expect(try RiskReport.measure(bars).basis == .adjustedClose)
        bars.adjustedClose?[3] = nil
        #expect(try RiskReport.measure(bars).basis == .close)
    }

    @Test func omitsBetaWithoutCommonDates() throws {
        let other = Bars(
            symbol: "B", interval: "daily", date: steady.indices.map { "other \($0)" }, close: steady)
        let report = try RiskReport.measure(Sample.bars(steady), benchmark: other)
        #expect(report.benchmark == nil)
        #expect(report.absences.contains { $0.hasPrefix("beta:") })
    }

    struct Refusal: Sendable {
        var name: String
        var bars: Bars
        var parameters = RiskParameters()
        var says: String
    }

    static let refusals: [Refusal] = {
        let good = Sample.bars((0..<40).map { 100 + Double($0) })
        func with(_ change: (inout RiskParameters) -> Void) -> RiskParameters {
            var parameters = RiskParameters()
            change(&parameters)
            return parameters
        }
        return [
            Refusal(name: "empty", bars: Sample.bars([]), says: "empty"),
            Refusal(name: "few", bars: Sample.bars(Array(repeating: 1, count: 19)), says: "19 bars"),
            Refusal(
                name: "no year", bars: Sample.bars(Array(repeating: 1, count: 30), interval: "irregular"),
                says: "30 days"),
            Refusal(name: "level", bars: good, parameters: with { $0.levels = [0.95, 1] }, says: "1.0"),
            Refusal(name: "not a number", bars: good, parameters: with { $0.levels = [.nan] }, says: "nan"),
            Refusal(name: "levels", bars: good, parameters: with { $0.levels = [] }, says: "0 confidence levels"),
            Refusal(name: "rate", bars: good, parameters: with { $0.riskFree = 3 }, says: "3.0"),
            Refusal(name: "not a price", bars: Sample.bars(Array(repeating: -1, count: 30)), says: "not a price"),
        ]
    }()

    @Test(arguments: refusals) func refuses(_ refusal: Refusal) {
        let fault = #expect(throws: DataFault.self) {
            try RiskReport.measure(refusal.bars, parameters: refusal.parameters)
        }
        #expect(fault?.message.contains(refusal.says) == true, "\(refusal.name): \(fault?.message ?? "")")
    }

    @Test func normalQuantilesInvertTheDistribution() {
        for share in [1e-9, 0.01, 0.3, 0.5, 0.95, 0.999, 1 - 1e-9] {
            #expect(abs(Normal.cumulative(Normal.quantile(share)) - share) < 1e-12 + share * 1e-9)
        }
        #expect(abs(Normal.quantile(0.975) - 1.959963984540054) < 1e-12)
    }
}
