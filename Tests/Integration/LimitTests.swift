// SPDX-License-Identifier: Apache-2.0
// LimitTests: each limit of a tenant stops a plugin that uses too much, with an error that names it; and what calls use is
// on their spans.

import Foundation
import Testing

@Suite(.serialized)
struct LimitTests {
    private func tenant(_ settings: String...) throws -> Corral {
        let corral = try Corral()
        try corral.install("spender", "echo")
        let added = try corral.run(["tenant", "add", "acme"] + settings.flatMap { ["--set", $0] })
        try #require(added.status == 0, "\(added)")
        return corral
    }

    private func spend(_ corral: Corral, _ inputs: String...) throws -> Corral.Output {
        try corral.run(["run", "test/spender", "--tenant", "acme"] + inputs.flatMap { ["--input", $0] })
    }

    private func use(_ limit: String, _ corral: Corral) throws -> [String: Any] {
        let output = try corral("tenant", "usage", "acme", "--json")
        let usages = try #require(
            try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [[String: Any]], "\(output)")
        let limits = try #require(usages.first?["limits"] as? [[String: Any]])
        return try #require(limits.first { $0["limit"] as? String == limit })
    }

    @Test func runsOfADayAreCountedOverRestarts() throws {
        let corral = try tenant("max_daily_executions=2")
        #expect(try spend(corral).status == 0)
        #expect(try corral("run", "test/echo", "--tenant", "acme", "--mode", "exit").status == 0)
        let refused = try spend(corral)
        #expect(refused.status == 4 && refused.standardError.contains("CRL-0737"), "\(refused)")
        #expect(refused.standardError.contains("2 of 2") && refused.standardError.contains("midnight UTC"))
        #expect(refused.standardError.contains("max_daily_executions"), "\(refused)")
        corral.stop()
        #expect(try spend(corral).standardError.contains("CRL-0737"))
        let use = try use("max_daily_executions", corral)
        #expect(use["used"] as? Int == 2 && use["percent"] as? Int == 100, "\(use)")
        #expect(use["resets_at"] as? Int != nil)
        #expect(try corral("run", "test/echo").status == 0)
        try #require(try corral("tenant", "set", "acme", "max_daily_executions=3").status == 0)
        #expect(try spend(corral).status == 0)
    }

    @Test func agentsBeyondTheLimitWait() throws {
        let corral = try tenant("max_concurrent_agents=1")
        let flow = try corral.write(
            "three.yaml",
            """
            flow: three
            steps:
              a: {agent: test/spender, with: {ms: 200}}
              b: {agent: test/spender, with: {ms: 200}}
              c: {agent: test/spender, with: {ms: 200}}
            """)
        try #require(try corral("run", flow, "--tenant", "acme").status == 0)
        let run = try corral("runs", "show", "last", "--tenant", "acme", "--json").json()
        let steps = try #require(run["steps"] as? [[String: Any]])
        let spans = steps.compactMap { step -> (Int, Int)? in
            guard let start = step["started_at"] as? Int, let ran = step["running_ns"] as? Int else { return nil }
            return (start, start + ran)
        }.sorted { $0 < $1 }
        #expect(spans.count == 3)
        for (before, after) in zip(spans, spans.dropFirst()) { #expect(after.0 >= before.1 - 5_000_000) }
        let queued = steps.compactMap { $0["queued_ns"] as? Int }.sorted()
        #expect(queued[1] > 150_000_000 && queued[2] > 350_000_000, "\(queued)")
    }

    @Test func aCallThatWaitsIsSeenCancelledAndBoundByItsDeadline() throws {
        let corral = try tenant("max_concurrent_agents=1")
        try #require(
            try corral("run", "test/spender", "--tenant", "acme", "--input", "ms=60000", "--detach").status == 0)
        try eventually("it has the place") {
            try use("max_concurrent_agents", corral)["used"] as? Int == 1
        }
        let flow = try corral.write("short.yaml", "flow: short\nsteps:\n  a: {agent: test/echo, timeout: 300ms}\n")
        let late = try corral("run", flow, "--tenant", "acme")
        #expect(late.status == 1 && late.standardError.contains("CRL-0738"), "\(late)")
        try #require(try corral("run", "test/echo", "--tenant", "acme", "--detach").status == 0)
        try eventually("the call waits") {
            try corral("tenant", "usage", "acme", "--json").standardOutput.contains("\"agents_waiting\": 1")
        }
        #expect(try corral("runs", "show", "last", "--tenant", "acme").standardOutput.contains("queued"))
        try #require(try corral("runs", "cancel", "last", "--tenant", "acme").status == 0)
        try eventually("it is cancelled") {
            try corral("runs", "list", "--tenant", "acme", "--state", "cancelled").standardOutput.contains("echo")
        }
    }

    @Test func aFullStoreRefusesRunsAndEndsThemAboveIt() throws {
        let corral = try tenant("max_storage_mb=20")
        let filler = corral.home.appending(path: "tenants/acme/filler")
        try #require(
            try corral("run", "test/spender", "--tenant", "acme", "--input", "ms=60000", "--detach").status == 0)
        try Data(repeating: 1, count: 25 << 20).write(to: filler)
        try eventually("the run is ended") {
            try corral("runs", "list", "--tenant", "acme", "--state", "failed").standardOutput.contains("storage_used")
        }
        let refused = try spend(corral)
        #expect(refused.status == 4 && refused.standardError.contains("CRL-0739"), "\(refused)")
        #expect(refused.standardError.contains("20 MiB") && refused.standardError.contains("max_storage_mb"))
        try FileManager.default.removeItem(at: filler)
        #expect(try spend(corral).status == 0)
        // A hole takes no space.
        try #require(truncate(filler.path(), 0) != 0)
        _ = FileManager.default.createFile(atPath: filler.path(), contents: nil)
        truncate(filler.path(), 1 << 40)
        #expect(try spend(corral).status == 0)
    }

    struct Overuse: CustomTestStringConvertible {
        let settings: [String]
        let inputs: [String]
        let code: String
        let names: String
        var testDescription: String { code }
    }

    @Test(arguments: [
        Overuse(
            settings: ["max_call_cpu_time=300ms"], inputs: ["cpu_ms=60000"], code: "CRL-0743",
            names: "max_call_cpu_time"),
        Overuse(settings: ["max_call_time=300ms"], inputs: ["ms=60000"], code: "CRL-0744", names: "max_call_time"),
        Overuse(
            settings: ["max_memory_mb=64"], inputs: ["mb=200", "ms=60000"], code: "CRL-0741", names: "max_memory_mb"),
        Overuse(
            settings: ["max_processes=40"], inputs: ["threads=60", "ms=60000"], code: "CRL-0742", names: "max_processes"
        ),
        Overuse(settings: ["max_payload_mb=1"], inputs: ["reply_kb=3000"], code: "CRL-0326", names: "max_payload_mb"),
    ]) func aCallThatUsesTooMuchEndsWithTheLimitsName(_ overuse: Overuse) throws {
        let corral = try Corral()
        try corral.install("spender", "echo")
        try #require(
            try corral.run(["tenant", "add", "acme"] + overuse.settings.flatMap { ["--set", $0] }).status == 0)
        let inputs = overuse.inputs.flatMap { ["--input", $0] }
        let output = try corral.run(["run", "test/spender", "--tenant", "acme"] + inputs)
        #expect(output.status == 1 && output.standardError.contains(overuse.code), "\(output)")
        #expect(output.standardError.contains(overuse.names), "\(output)")
        #expect(try corral("run", "test/echo", "--tenant", "acme").status == 0)
    }

    @Test func aRequestThatIsTooLargeIsRefused() throws {
        let corral = try tenant("max_payload_mb=1")
        // Each fits into an input; together they are more than a request may have.
        let text = try corral.write("text", String(repeating: "x", count: 700_000))
        let flow = try corral.write(
            "big.yaml",
            """
            flow: big
            input: {a: {type: string}, b: {type: string}}
            steps:
              a: {agent: test/echo, with: {a: "${input.a}", b: "${input.b}"}}
            """)
        let output = try corral("run", flow, "--tenant", "acme", "--input", "a=@\(text)", "--input", "b=@\(text)")
        #expect(output.status == 1 && output.standardError.contains("CRL-0740"), "\(output.standardError.prefix(2000))")
        #expect(output.standardError.contains("max_payload_mb"))
    }

    @Test func logLinesBeyondTheLimitAreCountedAndDropped() throws {
        let corral = try tenant("max_log_kb_per_minute=8")
        try #require(try spend(corral, "log_kb=40").status == 0)
        let usage = try corral("tenant", "usage", "acme", "--json").standardOutput
        let dropped = usage.matches(of: /"log_lines_dropped": (\d+)/).first.flatMap { Int($0.1) } ?? 0
        // The minute may change in between.
        #expect((24...33).contains(dropped), "\(usage)")
        corral.stop()
        #expect(try corral("tenant", "usage", "acme").standardOutput.contains("\(dropped) log lines of today dropped"))
    }

    @Test func aWarningIsGivenOnceADay() throws {
        let corral = try tenant("max_daily_executions=5")
        for _ in 0..<3 { try #require(try spend(corral).status == 0) }
        #expect(try use("max_daily_executions", corral)["warned"] as? Bool == false)
        for _ in 0..<2 { try #require(try spend(corral, "ms=1200").status == 0) }
        #expect(try use("max_daily_executions", corral)["warned"] as? Bool == true)
        corral.stop()
        #expect(try use("max_daily_executions", corral)["warned"] as? Bool == true)
        let log = try String(contentsOf: corral.home.appending(path: "host.log"), encoding: .utf8)
        #expect(log.matches(of: /% of a limit are used/).count == 1, "\(log)")
    }

    @Test func aFileChangedByHandHoldsForTheNextRun() throws {
        let corral = try tenant()
        try #require(try spend(corral).status == 0)
        _ = try corral.write(
            ".corral/tenants/acme/corral.yaml",
            "multi_tenancy: {resource_limits: {per_tenant: {max_daily_executions: 1}}}\n")
        #expect(try spend(corral).standardError.contains("CRL-0737"))
        _ = try corral.write(".corral/tenants/acme/corral.yaml", "host: {}\n")
        let mistaken = try spend(corral)
        #expect(mistaken.status == 1 && mistaken.standardError.contains("CRL-0510"), "\(mistaken)")
    }

    @Test func spansHoldWhatTheKernelCounted() throws {
        let corral = try tenant()
        try #require(try spend(corral, "cpu_ms=300", "mb=80").status == 0)
        let run = try corral("runs", "show", "last", "--tenant", "acme", "--trace", "--json").json()
        let step = try #require((run["steps"] as? [[String: Any]])?.first)
        let cpu = try #require(step["cpu_ns"] as? Int)
        #expect((300_000_000..<1_500_000_000).contains(cpu), "\(step)")
        let resident = try #require(step["rss_peak_bytes"] as? Int)
        #expect((80 << 20..<400 << 20).contains(resident), "\(step)")
        #expect(step["request_bytes"] as? Int ?? 0 > 10 && step["result_bytes"] as? Int ?? 0 > 10, "\(step)")
        let spans = try #require(run["spans"] as? [[String: Any]])
        let attributes = try #require(
            spans.compactMap { $0["attributes"] as? [String: Any] }.first { $0["corral.cpu_ns"] != nil })
        #expect(attributes["corral.cpu_ns"] as? Int == cpu)
        #expect(attributes["corral.rss_peak_bytes"] as? Int == resident)
        #expect(attributes["corral.cpu_thread_ns"] as? Int ?? 0 >= 300_000_000)
        let drawn = try corral("runs", "show", "last", "--tenant", "acme", "--trace").standardOutput
        #expect(drawn.contains("cpu ") && drawn.contains("MiB"), "\(drawn)")
    }
}
