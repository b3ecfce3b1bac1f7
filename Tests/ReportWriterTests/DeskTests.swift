// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import ReportWriter

/// The parts that the desk's other specialists fill. Their findings come as JSON, as they do in a run.
@Suite struct DeskTests {
    /// Findings on the bundled prices as the agents of a market-review gave them.
    private func request(_ change: (inout [String: Any]) -> Void = { _ in }) throws -> ReportRequest {
        var desk = try #require(
            try JSONSerialization.jsonObject(with: Data(Desk.findings.utf8)) as? [String: Any])
        change(&desk)
        var request = try JSONDecoder().decode(
            ReportRequest.self, from: JSONSerialization.data(withJSONObject: desk))
        request.data = try Sample.sp500()
        return request
    }

    private func order(_ text: String, _ words: [String]) -> [Int] {
        words.map { word in text.range(of: word).map { text.distance(from: text.startIndex, to: $0.lowerBound) } ?? -1 }
    }

    @Test func theDecisionComesFirstAndTheMethodsLast() throws {
        let report = try Report(request())
        let headings = [
            "Decision", "Why", "What changed since last time", "Regimes", "Seasonality", "Rules tried on the past",
            "The price", "The whole record", "Anomalies", "Compliance", "Data quality", "How the numbers were computed",
        ]
        let markdown = order(report.markdown, headings.map { $0 == "Decision" ? "| Decision |" : "## \($0)" })
        let html = order(report.html, headings.map { $0 == "Decision" ? "<dt>Decision</dt>" : "<h2>\($0)</h2>" })
        for places in [markdown, html] { #expect(!places.contains(-1) && places == places.sorted(), "\(places)") }
        #expect(XMLCheck.problem(report.html) == nil)
        for text in [report.html, report.markdown] {
            #expect(text.contains("Buy") && text.contains("40%") && text.contains("62%"))
            #expect(text.contains("was sell") && text.contains("The trend is up."))
            #expect(text.contains("What 100,000 became") && text.contains("Averages of 50 and 200 bars"))
        }
        #expect(report.html.contains("class=\"meter middle bullish\""))
        #expect(report.outcome?.action == "buy" && report.outcome?.isFlip == true)
    }

    @Test func aBlockedDecisionCannotBeMissed() throws {
        let blocked = try request { desk in
            var compliance = desk["compliance"] as? [String: Any] ?? [:]
            compliance["verdict"] = "block"
            compliance["decision"] = ["action": "blocked", "weight": 0.1]
            compliance["summary"] = "Blocked: buy S&P 500 with 40% of the capital."
            desk["compliance"] = compliance
        }
        let report = try Report(blocked)
        #expect(report.outcome?.action == "blocked" && report.outcome?.weight == 0.1)
        #expect(report.html.contains("role=\"alert\">Blocked: buy S&amp;P 500"))
        #expect(report.markdown.contains("> **Blocked: buy S&amp;P 500 with 40% of the capital.**"))
        let (alert, lead) = (order(report.html, ["role=\"alert\""])[0], order(report.html, ["Proposed: Buy"])[0])
        #expect(alert > 0 && alert < lead, "the block is read before the proposal")
        #expect(report.markdown.contains("| Decision | Blocked | proposed: buy |"))
        #expect(report.markdown.contains("| Position | 10% | stays as it is; proposed 40% |"))
    }

    @Test func whatIsMissingIsLeftOut() throws {
        let report = try Report(
            request { desk in
                for name in ["compliance", "regime", "seasonality", "anomalies", "risk"] { desk[name] = NSNull() }
                desk["backtests"] = [NSNull(), NSNull()]
            })
        #expect(report.chapters.map(\.heading) == ["Why", "What changed since last time"])
        #expect(report.lastChapters.isEmpty && report.outcome?.action == "buy")
        #expect(XMLCheck.problem(report.html) == nil)
    }

    @Test func refusesCurvesThatDoNotHoldTogether() throws {
        var request = try request()
        request.backtests?[0]?.curve?.worth.removeLast()
        let fault = try #require(throws: DataFault.self) { try Report(request) }
        #expect(fault.message == #"curve "worth" of a backtest has 2 values and 3 dates"#)
    }

    @Test func ranksTheBestFirst() throws {
        let ranking = try JSONDecoder().decode(
            ReportRequest.self, from: Data(#"{"title": "All", "ranking": \#(Desk.ranking)}"#.utf8))
        let report = try Report(ranking)
        let rows = try #require(report.markdown.range(of: "## Ranking").map { report.markdown[$0.upperBound...] })
        let places = order(String(rows), ["| AAA |", "| <b>".replacing("<b>", with: "&lt;b&gt;") + " |"])
        #expect(places[0] > 0 && places[0] < places[1])
        #expect(report.lead.first == "Of 2 symbols: 1 buy, 1 blocked. The positions together are 30% of the capital.")
        #expect(report.lead.last == "Left out: ZZZ (3 bars).")
        #expect(XMLCheck.problem(report.html) == nil && report.statistics == nil && report.outcome == nil)
        let uneven = ranking.ranking.map { request in
            var request = request
            request.decisions.removeLast()
            return request
        }
        let fault = try #require(throws: DataFault.self) { try Report(ReportRequest(ranking: uneven)) }
        #expect(fault.message == "the ranking has 1 decisions for 2 symbols")
    }

    @Test func aRankingOfNothingSaysSo() throws {
        let empty = RankingReport.Request(histories: [], decisions: [], leftOut: ["A (1 bars)"])
        let report = try Report(ReportRequest(ranking: empty))
        #expect(report.markdown.contains("No symbol could be researched.") && report.markdown.contains("Left out: A"))
        #expect(XMLCheck.problem(report.html) == nil)
    }
}
