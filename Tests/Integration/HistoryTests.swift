// SPDX-License-Identifier: Apache-2.0
// HistoryTests: runs are found by what they were for, and a plugin that goes in circles is stopped, with the built program.

import Foundation
import Testing

@Suite(.serialized)
struct HistoryTests {
    private func list(_ corral: Corral, _ options: String...) throws -> [[String: Any]] {
        let output = try corral.run(["runs", "list", "--json"] + options)
        let value = try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8))
        return try #require(value as? [[String: Any]], "\(output)")
    }

    @Test func runsAreFoundByWhatTheyWereFor() throws {
        let corral = try Corral()
        try corral.install("echo")
        try #require(
            try corral(
                "run", "test/echo", "--user", "ann", "--feature", "desk", "--session", "s1", "--task-type", "review",
                "--complexity", "low"
            ).status == 0)
        try #require(try corral("run", "test/echo", "--user", "bob").status == 0)
        for options in [
            ["--user", "ann"], ["--feature", "desk"], ["--session", "s1"], ["--task-type", "review"],
            ["--complexity", "low"],
            ["--user", "ann", "--status", "succeeded", "--since", "1h", "--flow", "test/echo"],
        ] {
            let output = try corral.run(["runs", "list", "--json"] + options).standardOutput
            #expect(output.contains("\"ann\"") && !output.contains("\"bob\""), "\(options) \(output)")
        }
        #expect(try list(corral, "--flow", "test/echo").count == 2)
        #expect(try list(corral, "--user", "nobody").isEmpty)
        #expect(try list(corral, "--since", "2099-01-01").isEmpty)
        #expect(try corral("runs", "list", "--since", "soon").status == 2)
        #expect(try corral("runs", "list", "--max-confidence", "7").status == 2)
        let shown = try corral("runs", "show", "last", "--json", "--trace").json()
        #expect(shown["flow"] as? String == "test/echo" && shown["user"] as? String == "bob")
        let id = try #require(try list(corral, "--user", "ann").first?["run"] as? String)
        let traced = try corral("runs", "show", id, "--json", "--trace").json()
        #expect(traced["task_type"] as? String == "review" && traced["complexity"] as? String == "low")
        let spans = try #require(traced["spans"] as? [[String: Any]])
        #expect(spans.count >= 2)
        for span in spans {
            let attributes = try #require(span["attributes"] as? [String: Any])
            #expect(attributes["user.id"] as? String == "ann" && attributes["corral.feature"] as? String == "desk")
            #expect(
                attributes["session.id"] as? String == "s1" && attributes["corral.task_type"] as? String == "review")
            #expect(attributes["corral.complexity"] as? String == "low")
        }
        let text = try corral("runs", "show", id).standardOutput
        #expect(text.contains("task type") && text.contains("review"), "\(text)")
    }

    @Test func confidenceOfResultsIsInTheHistory() throws {
        let corral = try Corral()
        try #require(try corral("run", "market-review").status == 0)
        let run = try #require(try list(corral).first)
        let lowest = try #require(run["confidence"] as? Double, "\(run)")
        #expect(try list(corral, "--max-confidence", "\(lowest)").count == 1)
        #expect(try list(corral, "--min-confidence", "\(lowest)").count == 1)
        #expect(try list(corral, "--min-confidence", "1").count == (lowest < 1 ? 0 : 1))
    }

    @Test func aPluginThatGoesInCirclesIsStopped() throws {
        let corral = try Corral()
        try corral.install("asks-again")
        let ran = try corral("run", "test/asks-again", "--json")
        let output = try #require(try ran.json()["output"] as? [String: Any], "\(ran)")
        #expect(output["made"] as? Int == 100)
        let refusal = try #require(output["refusal"] as? [String: Any])
        #expect(refusal["code"] as? String == "call_repeated")
        #expect((refusal["message"] as? String)?.contains("\"corral/libm.pow\"") ?? false, "\(refusal)")

        // Each item has its own count, and the operator's bound holds.
        let host = try #require(corral.hostProcess)
        corral.stop()
        try eventually("the host has ended", within: 10) { !Processes.isAlive(host) }
        _ = try corral.write("corral.yaml", "host: {equal_calls: 7}\n")
        let flow = try corral.write(
            "each.yaml",
            """
            flow: each
            steps:
              ask: {agent: test/asks-again, for_each: "${[1, 1, 1]}", with: {n: "${item}"}}
            output: "${ask}"
            """)
        let each = try corral("run", flow, "--json")
        let made = (try each.json()["output"] as? [[String: Any]])?.compactMap { $0["made"] as? Int }
        #expect(made == [7, 7, 7], "\(each)")
    }
}
