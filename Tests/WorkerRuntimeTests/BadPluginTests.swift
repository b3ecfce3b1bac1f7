// SPDX-License-Identifier: Apache-2.0
// BadPluginTests: what each bad plugin does to its worker, and what the host can know about it afterwards.

import CorralBase
import CorralSandbox
import CorralWire
import Foundation
import Testing

@Suite struct BadPluginTests {
    struct Crash: CustomTestStringConvertible, Sendable {
        var name: String
        var signal: Int32
        var testDescription: String { name }
    }

    static let crashes: [Crash] = [
        Crash(name: "segfault", signal: SIGSEGV), Crash(name: "abort", signal: SIGABRT),
        Crash(name: "stack-overflow", signal: SIGSEGV), Crash(name: "trap", signal: SIGILL),
        Crash(name: "throw-exception", signal: SIGABRT),
    ]

    @Test(arguments: crashes)
    func namesTheCallAndThePluginThatCrashed(_ crash: Crash) async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("echo", number: 8)
        _ = try worker.load(crash.name, number: 9)
        try worker.send(1234, plugin: 9)
        // Process 1 of a namespace cannot be ended by a signal it sends itself: the record alone says which it was.
        let isSent = crash.signal == SIGABRT && worker.launched.level == .strict
        #expect(try worker.awaitExit().status == .signaled(isSent ? SIGILL : crash.signal))
        let record = try #require(worker.crashRecord())
        #expect(record.kind == .signal(crash.signal))
        #expect(record.call == 1234)
        #expect(record.pluginByThread == 9)
        if crash.name == "segfault" {
            #expect(record.pluginByAddress == 9)
            #expect(record.faultAddress == 16)
        }
    }

    @Test func findsThePluginOfAThreadThatIsNotTheWorkers() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("echo", number: 8)
        _ = try worker.load("crash-on-own-thread", number: 9)
        try worker.send(1, plugin: 9)
        #expect(try worker.awaitExit().status == .signaled(SIGSEGV))
        let record = try #require(worker.crashRecord())
        #expect(record.call == nil && record.pluginByThread == nil)
        #expect(record.pluginByAddress == 9)
    }

    @Test func tellsExitFromAnOrderlyEnd() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("exit0", number: 4)
        try worker.send(21, plugin: 4)
        #expect(try worker.awaitExit().status == .exited(code: 0))
        let record = try #require(worker.crashRecord())
        #expect(record.kind == .exited(status: 0))
        #expect(record.call == 21 && record.pluginByThread == 4)
    }

    @Test func namesThePluginWhoseEntryCrashed() async throws {
        let worker = try await TestWorker.start()
        try worker.socket.send(
            LoadMessage(plugin: 6, form: .plugin, path: Built.plugin("entry-crash"), isProbe: true).frame)
        #expect(try worker.awaitExit().status == .signaled(SIGSEGV))
        let record = try #require(worker.crashRecord())
        #expect(record.call == nil && record.pluginByThread == 6)
    }

    @Test func servesOthersWhileAnEntryHangs() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("echo", number: 1)
        try worker.socket.send(
            LoadMessage(plugin: 2, form: .plugin, path: Built.plugin("entry-hang"), isProbe: true).frame)
        #expect(try worker.call("[1]").text == "[1]")
        Built.spawner.kill(worker.launched.id)
        #expect(try worker.awaitExit().status == .signaled(SIGKILL))
    }

    @Test(arguments: ["endless-loop", "never-complete"])
    func servesOthersWhileACallHangs(_ name: String) async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("echo", number: 1)
        _ = try worker.load(name, number: 2)
        try worker.send(1, plugin: 2)
        try worker.socket.send(CancelReason.deadline.frame(call: 1))
        for _ in 0..<20 { #expect(try worker.call("[1]").text == "[1]") }
    }

    @Test func stopsEndlessOutputAtItsCreditAndLimit() async throws {
        let worker = try await TestWorker.start(creditBytes: 10_000)
        _ = try worker.load("echo", number: 1)
        _ = try worker.load("endless-output", number: 2)
        try worker.send(1, plugin: 2)
        var bytes = 0
        while bytes < 5_000 { bytes += try worker.next(.data).payload.count }
        try worker.send(2, "[1]", plugin: 1)
        // Not a byte beyond the credit, and nobody else is kept waiting.
        while true {
            let frame = try worker.nextFrame()
            if frame.call == 1 { bytes += frame.payload.count }
            if frame.call == 2, frame.kind == .complete { break }
        }
        #expect(bytes <= 10_000)
    }

    @Test func countsAndDropsAFloodOfLogLines() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("endless-log")
        let start = DispatchTime.now().uptimeNanoseconds
        try worker.send(1, "[1]")
        var lines = 0
        while true {
            let frame = try worker.nextFrame(skippingLogs: false)
            if frame.kind == .log { lines += 1 }
            if frame.kind == .complete { break }
        }
        let seconds = Int((DispatchTime.now().uptimeNanoseconds - start) / 1_000_000_000)
        #expect(lines <= (seconds + 2) * (Limits.logLinesPerSecondMax + 1))
    }

    @Test func keepsPrintedTextOutOfTheProtocol() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("print")
        #expect(try worker.call("[1]").text == "[1]")
        shutdown(worker.socket.descriptor, Int32(SHUT_RDWR))
        _ = try worker.awaitExit()
        #expect(worker.printed().contains("a line on standard output\n"))
        #expect(worker.printed().isEmpty)
    }

    @Test func garbageOnTheSocketReachesTheHostAsAProtocolViolation() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("write-descriptors")
        try worker.send(1, "[1]")
        #expect(throws: CorralError.self) { while true { _ = try worker.nextFrame() } }
    }

    @Test func aFrameThatIsTooLongIsRefusedFromItsHeader() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("huge-frame")
        try worker.send(1, "[1]")
        #expect(throws: CorralError.self) { _ = try worker.nextFrame() }
    }

    @Test func forgedFramesCarryTheIDsTheyForge() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("forge-frames")
        try worker.send(100)
        let forged = try worker.next(.data)
        #expect(forged.call == 1)
        #expect(try CompleteMessage(worker.next(.complete)).status == 0)
    }

    @Test func endsWhenAPluginClosesItsSocket() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("close-descriptors")
        try worker.send(1, "[1]")
        #expect(try worker.awaitExit().status == .exited(code: 70))
    }

    @Test func sendsOneCompletionForACallThatIsCompletedTwice() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("complete-twice")
        for call in 1...UInt64(3) {
            try worker.send(call, "[1]")
            let outcome = try worker.finish(call)
            #expect(outcome.text == "[1]" && outcome.complete.status == 0)
        }
    }

    @Test func answersALateCompletionWithItsCancelledCall() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("complete-late")
        try worker.send(1)
        try worker.socket.send(CancelReason.deadline.frame(call: 1))
        let outcome = try worker.finish(1)
        #expect(outcome.complete.status == -1)
        #expect(outcome.complete.failure?.code == "cancelled")
    }

    @Test func answersStaleAndInventedHandlesWithGoneAndCountsThem() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("stale-handle")
        #expect(try worker.call().text == "\"kept\"")
        try worker.send(2)
        let log = try LogMessage(worker.next(.log))
        #expect(log.text == "a plugin used the handle of a call that is over (1 times in this worker)")
        #expect(try worker.finish(2).text == "\"gone\"")
    }

    @Test func refusesAReplyOfOneGibibyte() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("huge-reply")
        let outcome = try worker.call()
        #expect(outcome.result.isEmpty)
        #expect(outcome.complete.status == -7)
        #expect(
            outcome.complete.failure?.message
                == "the result is larger than 67108864 bytes; put large output into an artifact")
    }

    @Test func goesOnAfterThreadsLeaked() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("leak-threads")
        for _ in 0..<3 { #expect(try worker.call("[1]").text == "[1]") }
        try worker.socket.send(Frame(.shutdown))
        _ = try worker.next(.goodbye)
        #expect(try worker.awaitExit().status == .exited(code: 0))
    }
}
