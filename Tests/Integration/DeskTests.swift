// SPDX-License-Identifier: Apache-2.0
// DeskTests: the flows of the trading desk through the whole product, on files that nobody prepared for them.

import Foundation
import Testing

@Suite(.serialized)
struct DeskTests {
    private static let agents = [
        "market-data", "technical-analyst", "regime-analyst", "seasonality-analyst", "anomaly-auditor", "risk-manager",
        "backtester", "portfolio-manager", "compliance-checker", "report-writer",
    ]

    private func desk() throws -> Corral {
        let corral = try Corral()
        for agent in Self.agents {
            try FileManager.default.copyItem(
                at: Corral.products.appending(path: "libcorral-\(agent).so"),
                to: corral.pluginFolder.appending(path: "corral-\(agent).so"))
        }
        return corral
    }

    private func flow(_ name: String) -> String {
        Corral.repository.appending(path: "Plugins/Flows/\(name)/flow.yaml").path()
    }

    /// The value of a step of the last run.
    private func decision(_ output: Corral.Output) throws -> [String: Any] {
        #expect(output.status == 0, "\(output)")
        let report = try #require(try output.json()["output"] as? [String: Any])
        return try #require(report["decision"] as? [String: Any])
    }

    /// Weekday closes that rise steadily, with a wobble.
    private func rising(_ count: Int) -> String {
        let rows = (0..<count).map { bar in
            let day = Date(timeIntervalSince1970: Double(1_577_923_200 + (bar + bar / 5 * 2) * 86_400))
            let close = 100 * pow(1.0006, Double(bar)) * (1 + Double(bar * 7 % 5) / 400)
            return "\(day.formatted(.iso8601.year().month().day())),\(close)"
        }
        return "Date,Close\n" + rows.joined(separator: "\n") + "\n"
    }

    @Test func decidesAboutTheBundledPrices() throws {
        let corral = try desk()
        let decision = try decision(corral("run", flow("market-review"), "--json"))
        #expect(decision["action"] as? String == "sell" && decision["weight"] as? Double == 0)
        #expect((decision["confidence"] as? Double ?? 0) > 0.5)
    }

    @Test func aFlipIsSeenAgainstTheDecisionOfTheCaller() throws {
        let corral = try desk()
        for (action, flips) in [("buy", true), ("sell", false)] {
            let previous = #"previous={"action": "\#(action)", "weight": 0.4, "as_of": "2018-11-30"}"#
            let decision = try decision(corral("run", flow("market-review"), "--json", "--input", previous))
            #expect(decision["is_flip"] as? Bool == flips, "\(action)")
        }
    }

    /// The manager remembers across runs: it says what it said last time, and a flip is a change that others hear of.
    @Test func remembersItsLastDecision() throws {
        let corral = try desk()
        try FileManager.default.copyItem(
            at: Corral.products.appending(path: "libcorral-memory-sqlite.so"),
            to: corral.pluginFolder.appending(path: "corral-memory-sqlite.so"))
        let up = rising(700)
        let rows = up.split(separator: "\n").map(String.init)
        let fallen =
            rows.prefix(500)
            + rows.dropFirst(500).enumerated().map { bar, row in
                let parts = row.split(separator: ",")
                return "\(parts[0]),\((Double(parts[1]) ?? 0) * pow(0.996, Double(bar)))"
            }
        let rise = try corral.write("rise.csv", rows.prefix(500).joined(separator: "\n") + "\n")
        let fall = try corral.write("fall.csv", fallen.joined(separator: "\n") + "\n")
        for (prices, action, flips) in [(rise, "buy", false), (fall, "sell", true), (fall, "sell", false)] {
            let output = try corral(
                "run", flow("market-review"), "--json", "--input", "prices=@\(prices)", "--input", "symbol=WAVE")
            let decision = try decision(output)
            #expect(decision["action"] as? String == action && decision["is_flip"] as? Bool == flips, "\(prices)")
        }
        let entries = try corral("memory", "search", "WAVE", "--agent", "corral/portfolio-manager", "--json")
        #expect(entries.status == 0 && entries.standardOutput.contains("decision/WAVE"), "\(entries)")
    }

    @Test func whatTheOperatorForbidsIsBlockedAndNotPassed() throws {
        let corral = try desk()
        let prices = try corral.write("rising.csv", rising(700))
        let input = ["run", flow("market-review"), "--json", "--input", "prices=@\(prices)", "--input", "symbol=UP"]
        let allowed = try decision(corral.run(input))
        #expect(allowed["action"] as? String == "buy" && (allowed["weight"] as? Double ?? 0) > 0.05)
        _ = try corral.write(
            "plugins.d/corral-compliance-checker.plugin.yaml", "config: {position_max: 0.05, grade_min: A}\n")
        try eventually("the sidecar is in effect") {
            let decision = try decision(corral.run(input))
            return decision["action"] as? String == "blocked" && decision["weight"] as? Double == 0
        }
    }

    /// Whatever a file holds: a report, or a sentence that says what is wrong with it.
    @Test func worksOnFilesThatNobodyPrepared() throws {
        let corral = try desk()
        let flat = "date,close,volume\n" + (1...28).map { "2024-02-\($0 < 10 ? "0" : "")\($0),7,\n" }.joined()
        let files = [
            "one.csv": "Date,Close\n2024-01-31,100\n", "few.csv": rising(15), "flat.csv": flat,
            "year.csv": rising(260),
            "hourly.csv": "time,close\n"
                + (9...16).map { "2024-01-31 \($0 < 10 ? "0" : "")\($0):30,\(100 + $0)\n" }.joined(),
            "holes.csv":
                "Date,Open,High,Low,Close\n2024-01-02,1,2,0.5,\n2024-01-03,1,2,0.5,1.5\n2024-01-04,NaN,2,0.5,1.2\n"
                + "2024-01-05,1,0.2,0.5,1\n2024-01-08,1,2,0.5,1.4\n",
        ]
        for (name, text) in files.sorted(by: { $0.key < $1.key }) {
            let path = try corral.write(name, text)
            let output = try corral(
                "run", flow("market-review"), "--json", "--input", "prices=@\(path)", "--input", "symbol=X")
            let decision = try decision(output)
            #expect(["buy", "hold", "sell", "blocked"].contains(decision["action"] as? String ?? ""), "\(name)")
            #expect(!output.standardOutput.contains("NaN") && !output.standardOutput.contains(": nan"), "\(name)")
        }
        let empty = try corral.write("empty.csv", "Date,Close\n")
        let refused = try corral("run", flow("market-review"), "--input", "prices=@\(empty)")
        #expect(refused.status == 1 && refused.standardError.contains("hint"), "\(refused)")
    }

    @Test func ranksManySymbolsAndNamesWhatItLeavesOut() throws {
        let corral = try desk()
        let output = try corral("run", flow("research-many"), "--json")
        #expect(output.status == 0, "\(output)")
        let report = try #require(try output.json()["output"] as? [String: Any])
        let names = (report["symbol"] as? String ?? "").split(separator: ", ").map(String.init)
        #expect(Set(names) == ["MSFT", "AMZN", "IBM", "GOOG", "AAPL"])
        let rows = ["AAA", "BBB"].flatMap { symbol in
            rising(symbol == "AAA" ? 300 : 7).split(separator: "\n").dropFirst().map { "\(symbol),\($0)" }
        }
        let path = try corral.write("two.csv", "symbol,date,close\n" + rows.joined(separator: "\n") + "\n")
        let two = try corral(
            "run", flow("research-many"), "--json", "--input", "prices=@\(path)", "--input", #"symbols=["AAA", "BBB"]"#)
        #expect(two.status == 0, "\(two)")
        let found = try #require(try two.json()["output"] as? [String: Any])
        #expect(found["symbol"] as? String == "AAA")
    }
}
