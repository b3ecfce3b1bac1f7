// SPDX-License-Identifier: Apache-2.0
// HostFunctionTests: the promises of host.h, each asked for by the plugin "probe" and seen from the host's end.

import CorralBase
import CorralSandbox
import CorralSocket
import CorralWire
import Foundation
import Testing

@Suite struct HostFunctionTests {
    private func probe(creditBytes: UInt32 = UInt32(Limits.callCreditBytes)) async throws -> TestWorker {
        let worker = try await TestWorker.start(creditBytes: creditBytes)
        _ = try worker.load("probe")
        return worker
    }

    @Test(arguments: ["vtable", "invalid", "empty", "limits", "progress"])
    func keepsThePromise(_ scenario: String) async throws {
        let outcome = try await probe().call("\"\(scenario)\"")
        #expect(outcome.text == "\"ok\"")
        #expect(outcome.complete.status == 0)
    }

    @Test func passesWhatACallCarries() async throws {
        let worker = try await probe()
        let message = CallMessage(
            plugin: 1, target: .agent, depth: 3, deadline: .max,
            context: CallContext(
                user: "ada", feature: "review", session: "s1", taskType: "analysis", complexity: "low"),
            idempotencyKey: "key-1", body: Array("\"fields\"".utf8))
        try worker.socket.send(message.frame(call: 1))
        let text = try worker.finish(1).text
        #expect(text == "\"3|18446744073709551615|ada|review|s1|analysis|low|key-1\"")
    }

    @Test func sendsTheLastErrorWithItsDetails() async throws {
        let complete = try await probe().call("\"error\"").complete
        #expect(complete.status == -4)
        let expected = CompleteMessage.Failure(
            code: "rate_limited", message: "too many requests", details: "{\"after\":3}", isRetryable: true)
        #expect(complete.failure == expected)
    }

    @Test func namesAnErrorWithoutCodeFailedAndCutsItsMessage() async throws {
        let failure = try await probe().call("\"error_defaults\"").complete.failure
        #expect(failure?.code == "failed")
        #expect(failure?.message.utf8.count == 8192)
        #expect(failure?.message.hasSuffix("…") == true)
    }

    @Test func sendsConfidenceAndChanges() async throws {
        let complete = try await probe().call("\"facts\"").complete
        #expect(complete.confidence == 0.75)
        #expect(complete.changes == [Change(changeClass: "database_schema_changes", target: "orders")])
    }

    @Test func readsInputFilesAndWritesOutputFiles() async throws {
        let worker = try await probe()
        let content = Array("content".utf8)
        let files = [corral_sealed_memfd("one", content, content.count), corral_sealed_memfd("empty", nil, 0)]
        let message = CallMessage(
            plugin: 1, target: .agent,
            artifacts: [.init(reference: "sha256:one", bytes: 7), .init(reference: "sha256:empty", bytes: 0)],
            body: Array("\"files\"".utf8))
        try worker.socket.send(message.frame(call: 1), descriptors: files)
        for file in files { close(file) }
        let outcome = try worker.finish(1)
        #expect(outcome.text == "\"ok\"")
        #expect(outcome.artifacts == ["out.txt": Array("first content".utf8)])
    }

    @Test func dropsProgressBeyondTheRate() async throws {
        let outcome = try await probe().call("\"progress\"")
        #expect((1...3 * Limits.progressPerSecondMax).contains(outcome.progress.count))
    }

    @Test func cutsTextBetweenCharacters() async throws {
        let worker = try await probe()
        try worker.send(1, "\"text\"")
        var euros = 0
        while true {
            let frame = try worker.nextFrame()
            if frame.kind == .complete { break }
            guard case .partial(let bytes) = try DataMessage(frame) else { continue }
            #expect(bytes.count % 3 == 0)
            euros += bytes.count / 3
        }
        #expect(euros == 100_000)
    }

    @Test func joinsManySmallPushesIntoFewFrames() async throws {
        let worker = try await probe()
        try worker.send(1, "\"pieces\"")
        var frames = 0
        var bytes = 0
        while true {
            let frame = try worker.nextFrame()
            if frame.kind == .complete { break }
            guard case .result(let piece) = try DataMessage(frame) else { continue }
            frames += 1
            bytes += piece.count
        }
        #expect(bytes == 70_003)
        #expect(frames < 10)
    }

    @Test(arguments: [UInt32(2), 100, 5_000, 100_000])
    func waitsForCredit(_ window: UInt32) async throws {
        let worker = try await probe(creditBytes: window)
        try worker.send(1, window < 1000 ? "\"facts\"" : "\"large\"")
        var unreturned = 0
        var total = 0
        while true {
            let frame = try worker.nextFrame()
            if frame.kind == .complete { break }
            unreturned += frame.payload.count
            total += frame.payload.count - 1
            #expect(unreturned <= Int(window))
            // Only when half of the window is used up, so that the worker runs dry in between.
            if unreturned > Int(window) / 2 {
                try worker.socket.send(CreditMessage(bytes: UInt32(unreturned)).frame(call: 1))
                unreturned = 0
            }
        }
        #expect(total == (window < 1000 ? 4 : 3 << 20))
    }

    @Test func cancellationWakesAPushThatWaitsForCredit() async throws {
        let worker = try await probe(creditBytes: 100_000)
        try worker.send(1, "\"large\"")
        _ = try worker.next(.data)
        try worker.socket.send(CancelReason.requested.frame(call: 1))
        let outcome = try worker.finish(1, givesCredit: false)
        #expect(outcome.complete.status == -1)
    }

    @Test func failsACallWhoseResultWasTooLargeEvenIfThePluginClaimsSuccess() async throws {
        let complete = try await probe().call("\"oversize\"").complete
        #expect(complete.status == -7)
        #expect(complete.failure?.code == "result_too_large")
    }

    @Test func takesACompletionFromAnotherThread() async throws {
        #expect(try await probe().call("\"pending\"").text == "\"from my own thread\"")
    }

    @Test func takesACompletionBeforeTheFunctionReturns() async throws {
        let worker = try await probe()
        let body = "\"early\""
        for _ in 0..<50 {
            let outcome = try worker.call(body)
            #expect(outcome.text == "\"from my own thread\"")
            #expect(outcome.complete.status == 0)
        }
    }

    @Test func readsUnknownStatusesAsTheHeaderSays() async throws {
        let worker = try await probe()
        #expect(try worker.call("\"positive\"").complete.status == 0)
        #expect(try worker.call("\"negative\"").complete.status == -3)
    }

    @Test(arguments: ["poll_cancel", "callback", "late_callback", "push_after_cancel"])
    func isCancelled(_ scenario: String) async throws {
        let worker = try await probe()
        try worker.send(1, "\"\(scenario)\"")
        #expect(try DataMessage(worker.next(.data)) == .partial(Array("running".utf8)))
        try worker.socket.send(CancelReason.requested.frame(call: 1))
        #expect(try worker.finish(1).complete.status == -1)
        #expect(try worker.call("\"vtable\"").text == "\"ok\"")
    }

    @Test(arguments: ["poll_cancel", "push_after_cancel", "late_callback"])
    func stopsAtItsDeadlineWithoutBeingTold(_ scenario: String) async throws {
        let worker = try await probe()
        let deadline = DispatchTime.now().uptimeNanoseconds + 20_000_000
        try worker.send(1, "\"\(scenario)\"", deadline: deadline)
        #expect(try worker.finish(1).complete.status == -1)
        #expect(DispatchTime.now().uptimeNanoseconds >= deadline)
    }

    @Test func completionWaitsForARunningCallback() async throws {
        let worker = try await probe()
        try worker.send(1, "\"callback_race\"")
        _ = try worker.next(.data)
        try worker.socket.send(CancelReason.requested.frame(call: 1))
        try worker.socket.send(CancelReason.requested.frame(call: 1))
        #expect(try worker.finish(1).complete.status == -1)
        #expect(try worker.call("\"count_callbacks\"").text == "\"ok\"")
    }

    @Test func logsWithLevelPluginAndCall() async throws {
        let worker = try await probe()
        try worker.send(7, "\"logs\"")
        var logs: [(UInt64, LogMessage)] = []
        while true {
            let frame = try worker.nextFrame(skippingLogs: false)
            if frame.kind == .complete { break }
            if frame.kind == .log { logs.append((frame.call, try LogMessage(frame))) }
        }
        #expect(logs.count == 4)
        #expect(logs.map(\.0) == [7, 0, 7, 7])
        #expect(logs.map(\.1.level) == [3, 4, 4, 2])
        #expect(logs.allSatisfy { $0.1.plugin == 1 })
        #expect(logs.last?.1.text.utf8.count == Limits.logLineBytesMax)
    }
}
