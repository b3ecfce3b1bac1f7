// SPDX-License-Identifier: Apache-2.0
// BadPluginTests: every bad plugin of Tests/BadPlugins beside a good one, through the whole product: the bad call ends
// with the right error, the good one is completed, and the host stays.

import Foundation
import Testing

struct BadCall: Sendable, CustomTestStringConvertible {
    var plugin: String
    /// The error, nil for a plugin whose badness costs nobody anything, empty when the machine's speed decides which.
    var code: String?
    /// What the message or its cause must say.
    var says: [String] = []
    var testDescription: String { plugin }
}

@Suite(.serialized)
struct BadPluginTests {
    static let calls = [
        BadCall(plugin: "segfault", code: "CRL-0323", says: ["SIGSEGV", "agent call"]),
        BadCall(plugin: "abort", code: "CRL-0323", says: ["SIGABRT"]),
        BadCall(plugin: "trap", code: "CRL-0323", says: ["SIGILL"]),
        BadCall(plugin: "stack-overflow", code: "CRL-0323", says: ["SIGSEGV"]),
        BadCall(plugin: "crash-on-own-thread", code: "CRL-0323", says: ["SIGSEGV"]),
        BadCall(plugin: "throw-exception", code: "CRL-0323", says: ["SIGABRT"]),
        BadCall(plugin: "exit0", code: "CRL-0323", says: ["exit code 0"]),
        BadCall(plugin: "endless-loop", code: "CRL-0324", says: ["deadline"]),
        BadCall(plugin: "endless-output", code: ""),
        BadCall(plugin: "never-complete", code: "CRL-0324", says: ["deadline"]),
        BadCall(plugin: "complete-late", code: "CRL-0324", says: ["deadline"]),
        BadCall(plugin: "write-descriptors", code: "CRL-0328", says: ["socket"]),
        BadCall(plugin: "forge-frames", code: "CRL-0328", says: ["socket"]),
        BadCall(plugin: "huge-frame", code: "CRL-0328", says: ["4294967295"]),
        BadCall(plugin: "huge-reply", code: "CRL-0326", says: ["huge-reply"]),
        BadCall(plugin: "complete-twice", code: nil),
        BadCall(plugin: "stale-handle", code: nil),
        BadCall(plugin: "leak-threads", code: nil),
    ]

    /// `good` runs at the same time in the same worker, and again behind itself.
    static func flow(_ plugin: String) -> String {
        """
        flow: pair
        defaults: {retry: 0}
        steps:
          bad: {agent: test/\(plugin), timeout: 1500ms, with: {a: 1}}
          good: {agent: test/echo, timeout: 60s, for_each: "${[1, 2, 3, 4]}", with: {n: "${item}"}}
        output: "${good}"
        """
    }

    @Test(arguments: calls)
    func survivesIt(call: BadCall) throws {
        let corral = try Corral()
        try corral.install("echo", call.plugin)
        _ = try corral.write("corral.yaml", "host: {workers: {cancel_grace: 300ms, restart_backoff: 5ms}}\n")
        // A run before, so that there is a host to survive.
        try #require(try corral("run", "test/echo", "--input", "n=0").status == 0)
        let host = try #require(corral.hostProcess)

        let output = try corral("run", try corral.write("pair.yaml", Self.flow(call.plugin)), "--json")
        let report = try output.json()
        if let expected = call.code {
            #expect(output.status == 1)
            let error = try #require(report["error"] as? [String: Any], "\(output)")
            let text = "\(error["message"] ?? "") \(error["cause"] ?? "")"
            if !expected.isEmpty { #expect(error["code"] as? String == expected, "\(text)") }
            #expect(text.contains("test/\(call.plugin)"), "\(text)")
            for word in call.says { #expect(text.contains(word), "\(text)") }
            #expect(report["failed_step"] as? String == "bad")
        } else {
            #expect(output.status == 0, "\(output)")
        }
        #expect(corral.hostProcess == host)

        // A second time nothing is known to be shared any more: the good one is not even disturbed.
        let beside = try corral("run", "test/echo", "--input", "n=7", "--json")
        #expect(beside.status == 0, "\(beside)")
        #expect((try beside.json()["output"] as? [String: Any])?["n"] as? Int == 7)
        #expect(try corral("host", "status", "--json").json()["pid"] as? Int == Int(host))
    }

    /// The good plugin's call waits in the worker while the bad one takes it down, and is run again for nothing.
    @Test func runsABystanderAgainWithoutARetry() throws {
        let corral = try Corral()
        try corral.install("append-line", "segfault")
        let log = try corral.effects().appending(path: "log").path()
        let flow = """
            flow: bystander
            defaults: {retry: 0}
            steps:
              warm: {agent: test/append-line, with: {file: "\(log)", line: w0}}
              good: {agent: test/append-line, after: warm, for_each: "${['a2', 'b2', 'c2', 'd2']}", with: {file: "\(log)", line: "${item}"}}
              bad: {agent: test/segfault, after: warm, retry: {max: 2, backoff: 100ms}, with: {}}
            output: "${good}"
            """
        let output = try corral("run", try corral.write("bystander.yaml", flow), "--json")
        #expect(output.status == 1, "\(output)")
        let detail = try corral("runs", "show", "last", "--json").json()
        let steps = try #require(detail["steps"] as? [[String: Any]])
        let bad = steps.filter { $0["step"] as? String == "bad" }
        #expect(bad.count == 3, "two retries were used: \(bad)")
        let good = steps.filter { $0["step"] as? String == "good" }
        #expect(good.filter { $0["state"] as? String == "succeeded" }.count == 4, "\(good)")
        for attempt in good where attempt["state"] as? String != "succeeded" {
            #expect((attempt["error"] as? [String: Any])?["name"] as? String == "worker_lost")
        }
    }
}
