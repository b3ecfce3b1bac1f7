// SPDX-License-Identifier: Apache-2.0
// KindCallTests: calls of the host's own kinds reach their functions by name, in a real worker.

import CorralBase
import CorralWire
import Foundation
import Testing

@Suite struct KindCallTests {
    private static let put =
        #"{"now_ms":5,"namespace":"a","layer":"long_term","key":"k","text":"some words","author":{}}"#

    @Test func aMethodFindsItsFunction() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("memory-no-limit")
        let put = try worker.call(Self.put, target: .memory, method: "put")
        #expect(put.complete.status == 0)
        #expect(try JSON(parsing: put.result)["replaced"] == false)
        let got = try worker.call(#"{"now_ms":6,"namespace":"a","key":"k"}"#, target: .memory, method: "get")
        #expect(try JSON(parsing: got.result)["entry"]?["text"] == "some words")
        let list = try worker.call(#"{"now_ms":6,"namespaces":["a"],"limit":9}"#, target: .memory, method: "list")
        #expect(try JSON(parsing: list.result)["entries"]?.arrayValue?.count == 1)
    }

    @Test(arguments: [
        (CallTarget.memory, "purge"), (.memory, ""), (.scanner, "scan"), (.judge, "judge"), (.notifier, "notify"),
        (.tracer, "export"), (.agent, ""), (.tool, "put"),
    ])
    func whatThePluginDoesNotHaveIsRefused(_ target: CallTarget, _ method: String) async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("memory-no-limit")
        let refused = try worker.call(Self.put, target: target, method: method)
        #expect(refused.complete.status == -6)
        #expect(refused.complete.failure?.code == "unsupported")
        #expect(try worker.call(Self.put, target: .memory, method: "put").complete.status == 0)
    }

    @Test func eachKindAnswersUnderItsOwnTarget() async throws {
        let worker = try await TestWorker.start()
        for (number, (plugin, target, method, body)) in [
            ("scanner-wrong-text", CallTarget.scanner, "scan", #"{"texts":[{"text":"CUST-00012345"}]}"#),
            ("judge-eleven", .judge, "judge", #"{"output":{}}"#),
        ].enumerated() {
            _ = try worker.load(plugin, number: UInt32(number + 1))
            let answer = try worker.call(body, plugin: UInt32(number + 1), target: target, method: method)
            #expect(answer.complete.status == 0, "\(plugin)")
        }
    }
}
