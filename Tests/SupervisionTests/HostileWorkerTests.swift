// SPDX-License-Identifier: Apache-2.0
// HostileWorkerTests: a worker whose plugin has taken over the socket says whatever hurts most. It costs the calls of that
// worker; a worker beside it goes on, and the host keeps no descriptor, memory or time for it.

import CorralBase
import CorralSupervision
import CorralWire
import Foundation
import Testing

/// One thing a worker may do when it is given a call.
struct Hostility: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// How the call ends; nil = well, because it had ended before.
    var code: ErrorCode?
    /// What the error, or the host's log, must say.
    var says: String
    var act: @Sendable (ScriptedWorker, UInt64) throws -> Void

    static func sends(
        _ what: String, _ says: String, code: ErrorCode? = .pluginBrokeProtocol,
        _ frames: @escaping @Sendable (UInt64) -> [Frame]
    ) -> Hostility {
        Hostility(testDescription: what, code: code, says: says) { worker, call in
            for frame in frames(call) { try worker.send(frame) }
        }
    }
}

extension ScriptedWorker {
    func raw(_ bytes: [UInt8]) { _ = bytes.withUnsafeBytes { write(socket.descriptor, $0.baseAddress, $0.count) } }

    /// A frame's header as any number says it.
    func announce(_ bytes: UInt32, kind: UInt16 = 38, call: UInt64 = 1) {
        var header = ByteWriter()
        header.u32(bytes)
        header.u16(kind)
        header.u16(0)
        header.u64(call)
        raw(header.bytes)
    }

    /// Ends its half of the conversation and lives on.
    func falterForGood() { shutdown(socket.descriptor, Int32(SHUT_WR)) }
}

private func request(_ number: UInt32, of call: UInt64, total: UInt32 = 0, _ bytes: [UInt8] = []) -> Frame {
    ServiceRequestMessage(request: number, service: "s", method: "m", totalBytes: total, bytes: bytes).frame(call: call)
}

private func artifact(_ name: String, _ call: UInt64) -> Frame {
    DataMessage.artifact(name: name, mediaType: "text/plain", bytes: [1]).frame(call: call)
}

private let done = CompleteMessage(status: 0)

private let lengths: [Hostility] = [
    Hostility(testDescription: "a frame of four gigabytes", code: .pluginBrokeProtocol, says: "4294967295 bytes") {
        worker, call in worker.announce(.max, call: call)
    },
    Hostility(testDescription: "a frame of a byte too much", code: .pluginBrokeProtocol, says: "65537 bytes") {
        worker, call in worker.announce(65_537, call: call)
    },
    Hostility(testDescription: "half a header, then the end", code: .pluginBrokeProtocol, says: "closed its end") {
        worker, _ in
        worker.raw([1, 0, 0, 0, 38, 0, 0])
        worker.falterForGood()
    },
    Hostility(testDescription: "half a frame, then the end", code: .pluginBrokeProtocol, says: "closed its end") {
        worker, call in
        worker.announce(1000, call: call)
        worker.raw([1, 2, 3])
        worker.falterForGood()
    },
    Hostility(testDescription: "half a frame, then silence", code: .callTimeout, says: "was killed after") {
        worker, call in
        worker.announce(1000, call: call)
        worker.raw([1, 2, 3])
    },
]

private let conversations: [Hostility] = [
    .sends("an answer to an unknown call", "not running there") { [done.frame(call: $0 + 100)] },
    .sends("a second completion", "not running there", code: nil) { [done.frame(call: $0), done.frame(call: $0)] },
    .sends("progress after the end", "not running there", code: nil) {
        [done.frame(call: $0), ProgressMessage(fraction: 1, text: "").frame(call: $0)]
    },
    .sends("a second start", "a second time") { [Frame(.started, call: $0), Frame(.started, call: $0)] },
    .sends("a frame only the host sends", "which workers do not send") { [Frame(.serviceReply, call: $0)] },
    .sends("a frame of the control socket", "which workers do not send") { [Frame(.controlRequest, call: $0)] },
    .sends("a second greeting", "which workers do not send") { _ in [ReadyMessage(toolchain: "x").frame] },
    .sends("a body in a descriptor", "flags") { [Frame(.data, call: $0, flags: .bodyInDescriptor, payload: [1])] },
    .sends("a manifest unasked", "not asked to load") { _ in [ManifestMessage(plugin: 9, bytes: [1]).frame] },
    .sends("a load unasked", "not asked to load") { _ in [LoadedMessage(plugin: 9).frame] },
    .sends("goodbye unasked", "nobody asked for") { _ in [Frame(.goodbye)] },
    .sends("one request twice", "a second time") { [request(1, of: $0, total: 9), request(1, of: $0, total: 9)] },
    .sends("more of a request than announced", "longer than it announced") { [request(1, of: $0, total: 1, [1, 2])] },
    .sends("bytes for no request", "does not wait for them") {
        [ServiceDataMessage(request: 5, bytes: [1]).frame(call: $0)]
    },
    .sends("requests by the hundred", "129 service requests at once") { call in
        (0..<129).map { request($0, of: call, total: 9) }
    },
    .sends("four billion changes", "too early") { call in
        [Frame(.complete, call: call, payload: [UInt8](repeating: 0, count: 20) + [255, 255, 255, 255])]
    },
    .sends("a name that is no text", "not UTF-8") { call in
        [Frame(.data, call: call, payload: [3, 2, 0, 0, 0, 0xFF, 0xFE])]
    },
]

private let outputs: [Hostility] = [
    .sends("a file outside of its folder", "no plain file name", code: .callLimit) { [artifact("../../x", $0)] },
    .sends("a file named by an escape sequence", "\\u{1b}[2J", code: .callLimit) { [artifact("\u{1B}[2J", $0)] },
    .sends("files without end", "more than 64 artifacts", code: .callLimit) { call in
        (0..<1000).map { artifact("f\($0)", call) }
    },
    Hostility(testDescription: "a crash record without end", code: .pluginBrokeProtocol, says: "as its crash record") {
        worker, _ in
        let bytes = [UInt8](repeating: 7, count: 32 << 10)
        _ = bytes.withUnsafeBytes { write(worker.crash, $0.baseAddress, $0.count) }
    },
]

@Suite(.serialized) struct HostileWorkerTests {
    /// The first worker is honest, those after it are not.
    private func launcher(_ act: @escaping @Sendable (ScriptedWorker, UInt64) throws -> Void) -> ScriptedLauncher {
        ScriptedLauncher { worker in
            try worker.serve { frame in
                guard frame.kind == .call else { return }
                if worker.number == 1 { return try worker.complete(frame.call) }
                try act(worker, frame.call)
                // Neither answers nor leaves.
                while true { _ = try worker.next() }
            }
        }
    }

    private func bench(_ launcher: ScriptedLauncher) throws -> Bench {
        try Bench(launcher) {
            $0.grace = .milliseconds(50)
            $0.quarantineCrashes = 1000
        }
    }

    @Test(arguments: lengths + conversations + outputs)
    func costsItsOwnCallOnly(_ hostility: Hostility) async throws {
        let bench = try bench(launcher(hostility.act))
        let (good, bad) = (try entry("good", isIsolated: true), try entry("bad"))
        #expect(await bench.call(good).text == "1")
        let outcome = await bench.call(bad, seconds: 0.4)
        #expect(outcome.failure?.error.code == hostility.code)
        await bench.until("the worker is ended") {
            await bench.pool.listing().contains { $0.state == .gone && $0.plugins == [bad.id] }
                || hostility.code == .callLimit
        }
        let words = [outcome.failure?.error.message, outcome.failure?.error.cause] + bench.log.all.map(\.text)
        #expect(words.contains { $0?.contains(hostility.says) == true }, "\(words)")
        let after = await bench.call(good)
        #expect(after.text == "1" && after.metrics.worker?.generation == 1)
    }

    /// Every way to attach them: one, as many as a message holds, with a whole frame and with half of one.
    @Test(arguments: [1, 64]) func descriptorsFromAWorkerAreNotKept(_ count: Int) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("corral-sent-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: folder.path, contents: nil)
        let sent = open(folder.path, O_RDONLY | O_CLOEXEC)
        defer {
            close(sent)
            unlink(folder.path)
        }
        let bench = try bench(
            launcher { worker, call in
                let descriptors = [Int32](repeating: sent, count: count)
                try worker.socket.send(DataMessage.partial([49]).frame(call: call), descriptors: descriptors)
                while true { try worker.socket.send(Frame(.started, call: call), descriptors: descriptors) }
            })
        _ = await bench.call(try entry("good", isIsolated: true))
        for _ in 0..<10 {
            let failure = await bench.call(try entry("bad")).failure
            #expect(failure?.error.code == .pluginBrokeProtocol)
            #expect(failure?.error.cause?.contains("descriptors") == true)
        }
        #expect(openFiles { $0 == folder.path } == 1)
    }

    struct GenerousService: HostServices {
        func receive(
            _ request: WorkerServiceRequest, from worker: WorkerKey, emit: @escaping ServiceEmit
        ) async -> ServiceAnswer {
            ServiceAnswer(status: 0, result: [UInt8](repeating: 48, count: 65 << 10))
        }
    }

    /// Each large answer waits as a sealed memory of its own.
    @Test func aWorkerThatAsksAndNeverReadsHoldsFewDescriptors() async throws {
        let bench = try bench(
            launcher { worker, call in
                for number in 0... as PartialRangeFrom<UInt32> {
                    try worker.send(request(number, of: call))
                    // So that no more than the allowed number is under way: what is measured are the answers.
                    if number % 64 == 63 { usleep(2000) }
                }
            })
        await bench.pool.setServices(GenerousService())
        let (good, bad) = (try entry("good", isIsolated: true), try entry("bad"))
        _ = await bench.call(good)
        async let call = bench.call(bad, seconds: 60)
        var most = 0
        await bench.until("the worker is ended") {
            most = max(most, openFiles { $0.hasPrefix("/memfd:answer") })
            return await bench.pool.listing().contains { $0.state == .gone && $0.plugins == [bad.id] }
        }
        let failure = try #require(await call.failure)
        #expect(failure.error.code == .pluginBrokeProtocol)
        #expect(failure.error.cause?.contains("did not read") == true, "\(failure.error)")
        #expect(most > 0 && most <= Limits.workerQueueDescriptorsMax + 64)
        #expect(await bench.call(good).text == "1")
    }

    struct Flood: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var frame: @Sendable (UInt64) -> Frame
    }

    /// What no limit of a call stops, because it has no bytes.
    @Test(arguments: [
        Flood(testDescription: "log lines") { _ in LogMessage(plugin: 1, level: 2, text: "").frame(call: 0) },
        Flood(testDescription: "progress") { ProgressMessage(fraction: nil, text: "").frame(call: $0) },
        Flood(testDescription: "empty pieces") { DataMessage.partial([]).frame(call: $0) },
        Flood(testDescription: "empty results") { DataMessage.result([]).frame(call: $0) },
    ])
    func tinyFramesWaitInTheirOwnSocket(_ flood: Flood) async throws {
        let sent = Box<Int>()
        let bench = try bench(
            launcher { worker, call in
                let block = [[UInt8]](repeating: flood.frame(call).bytes, count: 100)
                let bytes = block.flatMap(\.self)
                let end = monotonicNanoseconds() + 1_000_000_000
                while monotonicNanoseconds() < end {
                    let count = bytes.withUnsafeBytes { write(worker.socket.descriptor, $0.baseAddress, $0.count) }
                    guard count == bytes.count else { break }
                    sent.append(100)
                }
                try worker.complete(call)
            })
        let (good, bad) = (try entry("good", isIsolated: true), try entry("bad"))
        _ = await bench.call(good)
        async let flooded = bench.call(bad, seconds: 30)
        var slowest: UInt64 = 0
        await bench.until("the flood is over") {
            let began = monotonicNanoseconds()
            #expect(await bench.call(good).text == "1")
            slowest = max(slowest, monotonicNanoseconds() - began)
            return await bench.pool.listing().allSatisfy { $0.callsRunning == 0 }
        }
        #expect(await flooded.text == "1")
        // A second's allowance, its burst, one read that is too much, and what the socket holds.
        #expect(sent.all.reduce(0, +) < 2 * Limits.smallFramesPerSecondMax)
        #expect(slowest < 5_000_000_000)
    }
}

/// How many of this process's descriptors lead to such a file.
private func openFiles(_ isMeant: (String) -> Bool) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return names.count { name in
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")).map(isMeant) ?? false
    }
}
