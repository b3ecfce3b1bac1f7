// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import TechnicalAnalyst
import Testing

@testable import ReportWriter

@Suite struct PartsTests {
    @Test func writesWithoutTechnicalOrQuality() throws {
        let report = try Report(ReportRequest(bars: try Sample.bars((0..<300).map { 100 + Double($0) })))
        #expect(report.recentCharts.map(\.name) == ["price"] && report.recordCharts.map(\.name) == ["record"])
        #expect(!report.html.contains("Data quality") && !report.html.contains("What the indicators say"))
        #expect(XMLCheck.problem(report.html) == nil)
    }

    @Test func placesRemarksOfOthers() throws {
        let request = ReportRequest(
            title: "My report", bars: try Sample.bars([1, 2, 3]), sections: [.init(heading: "Risk", text: "One.\nTwo.")]
        )
        let report = try Report(request)
        #expect(
            report.html.contains("<h2>Risk</h2>\n<p>One.</p>\n<p>Two.</p>")
                && report.html.contains("<h1>My report</h1>"))
        #expect(report.markdown.contains("## Risk\n\nOne.\n\nTwo."))
    }

    @Test func refusesWhatCannotBeReported() throws {
        let none = try #require(throws: DataFault.self) { try Report(ReportRequest()) }
        #expect(none.message == "there are no prices to report")
        var bars = try Sample.bars([1, 2])
        bars.date = []
        let flawed = try #require(throws: DataFault.self) { try Report(ReportRequest(bars: bars)) }
        #expect(flawed.message == #"cannot report these bars: column "date" has 0 values and "close" has 2"#)
        bars = try Sample.bars((1...40).map(Double.init))
        var analysis = try Analyst.analyse(bars)
        analysis.series.rsi?.removeLast()
        let series = try #require(throws: DataFault.self) { try Report(ReportRequest(bars: bars, technical: analysis)) }
        #expect(series.message == #"series "rsi" of the technical analysis has 39 values and 40 dates"#)
    }

    /// Histories that make scales, rates and ticks degenerate.
    @Test(
        arguments: [
            [5], [5, 5], [5, 4], [1, 1, 1, 1, 1], [1e-12, 1e14, 3], [0.001, 0.002, 0.0015], [1e9, 2e9, 1.5e9],
            (0..<5_000).map { 1 + Double($0 % 7) },
        ] as [[Double]]) func survivesOddHistories(_ close: [Double]) throws
    {
        let bars = try Sample.bars(close)
        let report = try Report(ReportRequest(bars: bars, technical: try Analyst.analyse(bars)))
        #expect(XMLCheck.problem(report.html) == nil)
        #expect(!report.html.contains("nan") && !report.html.contains("inf\""))
        _ = try JSONEncoder().encode(report.statistics)
    }

    @Test func computesTheHeadlines() throws {
        let bars = Bars(
            symbol: "X", interval: "yearly", date: ["2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01"],
            close: [100, 200, 50, 200])
        let numbers = PriceStatistics(bars)
        #expect(numbers.change == 3 && numbers.yearChange == 3 && numbers.yearLow == 50 && numbers.yearHigh == 200)
        #expect(numbers.deepestFall == .init(depth: -0.75, peak: 1, trough: 2, recovered: 3))
        #expect(numbers.drawdown == [0, 0, -0.75, 0])
        // Doubled in three years, 1,096 days.
        #expect(abs((numbers.growth ?? 0) - 0.25989) < 0.0005 && numbers.volatility == nil)
    }

    @Test func measuresVolatilityAYear() throws {
        // Returns of ±ln 1.01 in turn: their sample deviation times √252.
        let close = (0..<253).map { $0 % 2 == 0 ? 100 : 101.0 }
        let volatility = try #require(PriceStatistics(try Sample.bars(close)).volatility)
        #expect(abs(volatility - 0.158_270) < 0.000_01)
    }
}
