// SPDX-License-Identifier: Apache-2.0
// FlowTests: what a person can write into a flow and type after `corral run`, through the whole product.

import Foundation
import Testing

@Suite(.serialized)
struct FlowTests {
    private func project(_ plugins: String...) throws -> Corral {
        let corral = try Corral()
        for plugin in plugins { try corral.install(plugin) }
        _ = try corral.write("corral.yaml", "host: {workers: {cancel_grace: 300ms, restart_backoff: 5ms}}\n")
        return corral
    }

    @Test func runsItemsInOrderAndNoMoreThanAllowedAtOnce() throws {
        let corral = try project("append-line")
        let log = try corral.effects().appending(path: "log").path()
        let flow = try corral.write(
            "items.yaml",
            """
            flow: items
            input: {names: list}
            steps:
              each:
                agent: test/append-line
                for_each: "${input.names}"
                max_parallel: 1
                with: {file: "\(log)", line: "${item}"}
            output: "${each}"
            """)
        let names = (0..<12).map { "n\($0)" }
        let list = "[" + names.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        let output = try corral("run", flow, "--input", "names=\(list)", "--json")
        #expect(output.status == 0, "\(output)")
        #expect(try output.json()["output"] as? [String] == names)
        #expect(try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init) == names)
    }

    @Test func skipsWhatAConditionRulesOut() throws {
        let corral = try project("echo")
        let flow = try corral.write(
            "when.yaml",
            """
            flow: when
            input: {n: int}
            steps:
              first: {agent: test/echo, with: {n: "${input.n}"}}
              large: {agent: test/echo, after: first, when: "first.n > 10", with: {large: true}}
              behind: {agent: test/echo, after: large}
              report: {agent: test/echo, after: [large], with: {status: "${steps.large.status}"}}
            output: "${report.status}"
            """)
        for (n, status) in [("5", "skipped"), ("50", "succeeded")] {
            let output = try corral("run", flow, "--input", "n=\(n)", "--json")
            #expect(output.status == 0, "\(output)")
            #expect(try output.json()["output"] as? String == status)
        }
    }

    @Test func triesAgainWithADelayAndGivesUp() throws {
        let corral = try project("tools", "echo")
        let flow = try corral.write(
            "retry.yaml",
            """
            flow: retry
            steps:
              fails: {tool: test/tools.fail, retry: {max: 2, backoff: 50ms, factor: 1, jitter: 0}, with: {}}
            """)
        let output = try corral("run", flow, "--json")
        #expect(output.status == 1)
        let error = try #require(try output.json()["error"] as? [String: Any])
        #expect("\(error["message"] ?? "")".contains("this tool never works"))
        let steps = try #require(try corral("runs", "show", "last", "--json").json()["steps"] as? [[String: Any]])
        #expect(steps.count == 3)
        let starts = steps.compactMap { $0["started_at"] as? Int }
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 >= 50_000_000 }, "\(starts)")
    }

    @Test func endsAStepAtItsTimeout() throws {
        let corral = try project("never-complete")
        let flow = try corral.write(
            "slow.yaml", "flow: slow\nsteps:\n  waits: {agent: test/never-complete, timeout: 200ms, with: {}}\n")
        let output = try corral("run", flow, "--json")
        #expect(output.status == 1)
        #expect((try output.json()["error"] as? [String: Any])?["name"] as? String == "call_timeout")
    }

    @Test func cancelsAtCtrlC() throws {
        let corral = try project("never-complete", "echo")
        try #require(try corral("run", "test/echo").status == 0)
        let said = corral.project.appending(path: "said")
        let client = try corral.start(["run", "test/never-complete"], output: said)
        try eventually("the step runs") {
            try corral("runs", "list", "--state", "running", "--json").standardOutput.contains("never-complete")
        }
        Foundation.kill(client.processIdentifier, SIGINT)
        client.waitUntilExit()
        let words = try String(contentsOf: said, encoding: .utf8)
        #expect(client.terminationStatus == 130, "\(words)")
        #expect(try corral("runs", "show", "last", "--json").json()["state"] as? String == "cancelled")
    }

    @Test func cancelsADetachedRunByName() throws {
        let corral = try project("never-complete", "echo")
        let started = try corral("run", "test/never-complete", "--detach", "--json")
        #expect(started.status == 0, "\(started)")
        let run = try #require(try started.json()["run"] as? String)
        let cancelled = try corral("runs", "cancel", run, "--reason", "a test")
        #expect(cancelled.status == 0, "\(cancelled)")
        try eventually("the run is over") {
            try corral("runs", "show", run, "--json").json()["state"] as? String == "cancelled"
        }
        let again = try corral("runs", "cancel", run, "--json")
        #expect(again.status == 1)
        #expect(again.standardOutput.contains("run_over"), "\(again)")
    }

    @Test func usesAToolAsAStepAndByName() throws {
        let corral = try project("echo")
        let flow = try corral.write(
            "power.yaml",
            "flow: power\nsteps:\n  grow: {tool: corral/libm.pow, with: [2, 10]}\noutput: \"${grow}\"\n")
        let output = try corral("run", flow, "--json")
        #expect(output.status == 0, "\(output)")
        #expect(try output.json()["output"] as? Double == 1024)
        let alone = try corral("run", "corral/libm.pow", "--input", "x=2", "--input", "y=3", "--json")
        #expect(try alone.json()["output"] as? Double == 8, "\(alone)")
        let wrong = try corral("run", "corral/libm.pow", "--input", "x=2", "--json")
        #expect(wrong.status != 0)
        #expect(wrong.standardOutput.contains("\"y\"") || wrong.standardOutput.contains("y"), "\(wrong)")
    }

    @Test func letsAnAgentUseOnlyTheToolsItAskedFor() throws {
        let corral = try project("use-tool")
        let granted = try corral("run", "test/use-tool", "--input", "tool=corral/libm.pow", "--json")
        #expect(granted.status == 0, "\(granted)")
        #expect(try granted.json()["output"] as? Double == 1024)
        let refused = try corral("run", "test/use-tool", "--input", "tool=corral/libm.hypot", "--json")
        #expect(refused.status != 0)
        #expect(refused.standardOutput.contains("grant_missing"), "\(refused)")
        let trace = try corral("runs", "show", "last", "--trace", "--json").json()
        let spans = try #require(trace["spans"] as? [[String: Any]])
        #expect(spans.contains { "\($0["name"] ?? "")".contains("libm.hypot") }, "\(spans)")
    }

    @Test(arguments: [
        (["run", "market-reveiw"], 3, "market-review"), (["run", "test/ecko"], 3, "test/echo"),
        (["run", "market-review", "--input", "symbl=X"], 2, "symbol"),
        (["run", "market-review", "--input", "prices=/nowhere.csv"], 1, "/nowhere.csv"),
        (["run", "market-review", "--modee", "sync"], 2, "--mode"), (["rnu"], 2, "run"),
        (["run", "market-review", "--mode", "synk"], 2, "sync"), (["plugin", "show", "test/ech"], 3, "test/echo"),
        (["runs", "show", "r00000"], 3, "r00000"), (["explain", "plugin_crashd"], 3, "plugin_crashed"),
    ])
    func namesTheNearest(arguments: [String], status: Int32, word: String) throws {
        let corral = try project("echo")
        let output = try corral.run(arguments)
        #expect(output.status == status, "\(output)")
        #expect(output.standardError.contains(word), "\(output)")
        #expect(output.standardError.contains("hint:"), "\(output)")
    }

    @Test func saysWhichInputIsMissing() throws {
        let corral = try project("echo")
        let flow = try corral.write(
            "ask.yaml", "flow: ask\ninput: {n: int}\nsteps:\n  a: {agent: test/echo, with: {n: \"${input.n}\"}}\n")
        let none = try corral("run", flow)
        #expect(none.status == 2 && none.standardError.contains("--input n="), "\(none)")
        let wrong = try corral("run", flow, "--input", "n=many")
        #expect(wrong.status != 0 && wrong.standardError.contains("many"), "\(wrong)")
    }

    @Test func checksAndDrawsFlows() throws {
        let corral = try project("echo")
        let bad = try corral.write(
            "bad.yaml",
            "flow: bad\nsteps:\n  a: {agent: test/ecko}\n  b: {agent: test/echo, after: c}\n  d: {agnt: test/echo}\n")
        try #require(try corral("run", "test/echo").status == 0)
        let checked = try corral("flow", "check", bad, "--json")
        #expect(checked.status == 1)
        let diagnostics = try #require(try checked.json()["diagnostics"] as? [[String: Any]])
        #expect(diagnostics.count >= 2, "\(checked)")
        #expect(diagnostics.allSatisfy { ($0["line"] as? Int ?? 0) > 0 && ($0["column"] as? Int ?? 0) > 0 })
        let good = try corral("flow", "check", "market-review")
        #expect(good.status == 0, "\(good)")
        let graph = try corral("flow", "graph", "market-review")
        #expect(graph.status == 0 && graph.standardOutput.contains("flowchart"), "\(graph)")
    }
}
