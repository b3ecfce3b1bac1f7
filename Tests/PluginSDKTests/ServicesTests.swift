// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Foundation
import Testing

/// The host's services through the Swift SDK.
@Suite(.timeLimit(.minutes(1)))
struct ServicesTests {
    private func run(_ act: String, _ table: corral_host = FakeHost.makeTable()) async throws -> FakeCall.Record {
        let plugin = try LoadedPlugin(Plugin.export(ServicesAgent.self, FakeHost.table(table)))
        return try await plugin.run(FakeCall(#"{"act":"\#(act)"}"#))
    }

    @Test(arguments: [
        ("get", "404 3 1 https://x/y"), ("post", #"{\"n\":3}"#), ("binary", "[255, 0]"),
        ("stream", "200 message:one:1 message:two:- end::-"), ("connect", "cba"), ("run", "out [255] true 9 deadline"),
        ("start", "hello 3"), ("secret", "hunter2"),
    ])
    func answersReachTheAgent(act: String, text: String) async throws {
        let record = try await run(act)
        #expect(record.text == #"{"text":"\#(text)"}"#, "\(String(describing: record.error))")
    }

    @Test(arguments: [
        ("denied", "not_granted", "policy says no"), ("connect elsewhere", "not_granted", "policy says no"),
        ("busy secret", "limit", "the secret BUSY failed without a reason (status -7)"),
    ])
    func refusalsReachTheAgentInTheHostsWords(act: String, code: String, message: String) async throws {
        let record = try await run(act)
        #expect(record.error?.code == code)
        #expect(record.error?.message == message)
    }

    @Test(arguments: ["get", "connect", "run", "secret"])
    func withoutAGrantTheAgentIsTold(act: String) async throws {
        var table = FakeHost.makeTable()
        table.get_extension = { _ in nil }
        let record = try await run(act, table)
        #expect(record.error?.code == "denied")
        #expect(record.error?.message.contains("card must ask") == true)
    }

    @Test func requestsLookAsTheHeadersSay() async throws {
        for act in ["binary", "run"] { _ = try await run(act) }
        let asked = FakeServices.asked.withLock { $0 }
        #expect(
            asked.contains {
                $0 == #"{"method":"PUT","url":"https://x/y","headers":[],"body_base64":"/wA=","timeout_ms":2000}"#
            }, "\(asked)")
        #expect(asked.contains { $0 == #"{"program":"cat","arguments":["-u"],"input":"in","timeout_ms":1000}"# })
    }

    @Test func theManifestAsksForWhatTheCardAsks() throws {
        let plugin = try LoadedPlugin(Plugin.export(ServicesAgent.self, FakeHost.table()))
        #expect(
            plugin.manifest.contains(
                #""grants":{"http":[{"host":"api.example.com","scheme":"https","methods":["GET","POST"]}],"#
                    + #""connect":["redis:6379"],"process":["cat"],"secrets":["KEY"]}"#), "\(plugin.manifest)")
    }
}
