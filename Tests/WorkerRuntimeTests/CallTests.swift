// SPDX-License-Identifier: Apache-2.0
// CallTests: calls, results and their order, through a real worker.

import CorralBase
import CorralSandbox
import CorralSocket
import CorralWire
import Foundation
import Testing

@Suite struct CallTests {
    @Test func echoesTheRequest() async throws {
        let worker = try await TestWorker.start()
        let (manifest, tools) = try worker.load("echo")
        #expect(String(decoding: manifest, as: UTF8.self).contains("test/echo"))
        #expect(tools.isEmpty)
        let outcome = try worker.call(#"{"a": [1, 2.5, "ü"]}"#)
        #expect(outcome.text == #"{"a": [1, 2.5, "ü"]}"#)
        #expect(outcome.complete.status == 0)
        #expect(outcome.complete.cpuNanoseconds > 0)
    }

    @Test func echoesBodiesOfEverySizeAroundAFrame() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("echo")
        for size in [1, 63, 16_000, 16_384, 16_385, 64_000, 64_512, 65_000, 300_000, 1 << 20, 3 << 20] {
            let body = [UInt8](repeating: UInt8(ascii: "7"), count: size)
            let message = CallMessage(plugin: 1, target: .agent, body: body)
            if size < 60_000 {
                try worker.socket.send(message.frame(call: 5))
            } else {
                let memory = corral_sealed_memfd("body", body, body.count)
                try worker.socket.send(message.frame(call: 5, bodyInDescriptor: true), descriptors: [memory])
                close(memory)
            }
            let outcome = try worker.finish(5)
            #expect(outcome.result == body, "\(size) bytes")
        }
    }

    @Test func sendsResultAndCompletionOfASmallCallAtOnce() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("echo")
        try worker.send(5, "[1]")
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(worker.socket.descriptor, &buffer, buffer.count, 0)
        var decoder = FrameDecoder()
        buffer.withUnsafeBytes { decoder.append(UnsafeRawBufferPointer(rebasing: $0[0..<max(0, count)])) }
        #expect(try decoder.next()?.kind == .data)
        #expect(try decoder.next()?.kind == .complete)
    }

    @Test func runsCallsAtOnceAndAnswersEachUnderItsOwnID() async throws {
        let worker = try await TestWorker.start(callsMax: 16)
        _ = try worker.load("probe", number: 1)
        _ = try worker.load("echo", number: 2)
        for call in 1...UInt64(12) { try worker.send(call, "\"poll_cancel\"") }
        // All twelve are running, each on a thread of its own, when the thirteenth is answered.
        for _ in 1...12 { #expect(try worker.next(.data).kind == .data) }
        #expect(try worker.call("[13]", plugin: 2).text == "[13]")
        for call in 1...UInt64(12) {
            try worker.socket.send(CancelReason.requested.frame(call: call))
            #expect(try worker.finish(call).complete.status == -1)
        }
    }

    @Test func refusesCallsBeyondTheAgreedNumber() async throws {
        let worker = try await TestWorker.start(callsMax: 1)
        _ = try worker.load("never-complete")
        let room = UInt64(1 + Limits.workerReservedThreads)
        for call in 1...room { try worker.send(call) }
        try worker.send(99)
        let outcome = try worker.finish(99)
        #expect(outcome.complete.status == -4)
        #expect(outcome.complete.failure?.isRetryable == true)
    }

    @Test func refusesACallForAPluginThatIsNotLoaded() async throws {
        let worker = try await TestWorker.start()
        let outcome = try worker.call(plugin: 9)
        #expect(outcome.complete.status == -4)
        #expect(outcome.complete.failure?.message == "the plugin is not loaded here")
    }

    @Test func refusesACallForAVtableThePluginLacks() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("echo")
        #expect(try worker.call(target: .tool, method: "x").complete.failure?.message == "the plugin has no tools")
        #expect(try worker.call(target: .native, method: "x").complete.status == -6)
    }

    @Test func callsToolsByName() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("tools")
        #expect(try worker.call("{}", target: .tool, method: "size").text == #"{"bytes":2}"#)
        #expect(try worker.call("{}", target: .tool, method: "later").text == #"{"when":"later"}"#)
        let failed = try worker.call("{}", target: .tool, method: "fail").complete
        #expect(failed.status == -3)
        #expect(failed.failure == .init(code: "no_luck", message: "this tool never works"))
    }

    @Test func deactivatesEachPluginAndSaysGoodbye() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("life-cycle", configuration: #"{"colour":"red"}"#)
        _ = try worker.load("never-complete", number: 2)
        #expect(try worker.call("[1]").text == "[1]")
        try worker.socket.send(Frame(.shutdown))
        #expect(try LogMessage(worker.next(.log)).text == "deactivated")
        _ = try worker.next(.goodbye)
        #expect(try worker.awaitExit().status == .exited(code: 0))
        #expect(worker.crashRecord() == nil)
    }

    @Test func shutsDownOnlyAfterTheLastCall() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("probe")
        try worker.send(1, "\"poll_cancel\"")
        #expect(try worker.next(.data).call == 1)
        try worker.socket.send(Frame(.shutdown))
        try worker.send(2, "\"vtable\"")
        #expect(try worker.finish(2).complete.status == -4)
        try worker.socket.send(CancelReason.requested.frame(call: 1))
        #expect(try worker.finish(1).complete.status == -1)
        _ = try worker.next(.goodbye)
    }

    @Test func givesTheConfigurationToActivate() async throws {
        let worker = try await TestWorker.start()
        let load = LoadMessage(
            plugin: 3, form: .plugin, path: Built.plugin("life-cycle"), isProbe: false,
            configuration: Array(#"{"colour":"red"}"#.utf8))
        try worker.socket.send(load.frame)
        _ = try worker.next(.manifest)
        let log = try LogMessage(worker.next(.log))
        #expect(log == LogMessage(plugin: 3, level: 2, text: #"{"colour":"red"}"#))
    }

    @Test func endsWhenTheHostIsGone() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("echo")
        shutdown(worker.socket.descriptor, Int32(SHUT_RDWR))
        #expect(try worker.awaitExit().status == .exited(code: 0))
    }

    @Test func endsOnGarbageFromTheHost() async throws {
        let worker = try await TestWorker.start()
        try worker.socket.send(Frame(FrameKind(rawValue: 999), payload: [1, 2, 3]))
        #expect(try worker.awaitExit().status == .exited(code: 70))
        #expect(worker.printed() == "corral-worker: the host sent a frame of unknown kind 999\n")
    }

    @Test func refusesAMemfdThatIsNotSealed() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("echo")
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("corral-unsealed-\(getpid())").path
        let file = open(path, O_RDWR | O_CREAT, 0o600)
        defer { unlink(path) }
        let message = CallMessage(plugin: 1, target: .agent, body: [])
        try worker.socket.send(message.frame(call: 1, bodyInDescriptor: true), descriptors: [file])
        close(file)
        #expect(try worker.awaitExit().status == .exited(code: 70))
        #expect(worker.printed().contains("not sealed"))
    }
}
