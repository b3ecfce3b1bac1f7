// SPDX-License-Identifier: Apache-2.0
// PoolTests: how a pool shares out its workers and what it does with peers that lie, played by scripts.

import CorralBase
import CorralCatalog
import CorralWire
import Foundation
import Synchronization
import Testing

@testable import CorralSupervision

struct PoolTests {
    /// Completes calls when told to, and remembers the most that ran at once.
    final class Gate: Sendable {
        private let state = Mutex((running: [UInt64](), most: 0))
        let order = Box<UInt64>()

        func began(_ call: UInt64) {
            order.append(call)
            state.withLock { state in
                state.running.append(call)
                state.most = max(state.most, state.running.count)
            }
        }

        var running: Int { state.withLock { $0.running.count } }
        var most: Int { state.withLock { $0.most } }
        func end(_ calls: [UInt64]) { state.withLock { $0.running.removeAll(where: calls.contains) } }
        func takeAll() -> [UInt64] {
            state.withLock { state in
                defer { state.running = [] }
                return state.running
            }
        }
    }

    private func calls(
        _ bench: Bench, _ entry: CatalogEntry, _ count: Int, depth: UInt32 = 0
    ) async -> [CallOutcome] {
        await withTaskGroup(of: CallOutcome.self) { group in
            for _ in 0..<count { group.addTask { await bench.call(entry, "1", depth: depth) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Ends what runs whenever nothing further begins.
    private func completing(_ gate: Gate) -> ScriptedLauncher {
        ScriptedLauncher { worker in
            // Each worker ends its own calls: those of another it has no right to.
            var own: [UInt64] = []
            try worker.serve { frame in
                guard frame.kind == .call else { return }
                own.append(frame.call)
                gate.began(frame.call)
                var poll = pollfd(fd: worker.socket.descriptor, events: Int16(POLLIN), revents: 0)
                guard Foundation.poll(&poll, 1, 50) == 0 else { return }
                gate.end(own)
                for call in own { try worker.complete(call) }
                own = []
            }
        }
    }

    @Test func aSerialPluginGetsOneCallAtATime() async throws {
        let gate = Gate()
        let bench = try Bench(completing(gate))
        let outcomes = await calls(bench, try entry("serial", isSerial: true), 5)
        #expect(outcomes.count { $0.text == "1" } == 5)
        #expect(gate.most == 1)
    }

    @Test func furtherCallsWaitInTheHost() async throws {
        let gate = Gate()
        let bench = try Bench(completing(gate))
        let outcomes = await calls(bench, try entry("a"), 40)
        #expect(outcomes.count { $0.text == "1" } == 40)
        #expect(gate.most == Limits.workerCallsMax)
        #expect(gate.order.all == gate.order.all.sorted())
    }

    @Test func callsWithAnAncestorHaveReservedPlaces() async throws {
        let gate = Gate()
        let held = Box<ScriptedWorker>()
        let launcher = ScriptedLauncher { worker in
            held.append(worker)
            try worker.serve { frame in if frame.kind == .call { gate.began(frame.call) } }
        }
        let bench = try Bench(launcher)
        let plugin = try entry("a")
        async let tops = calls(bench, plugin, Limits.workerCallsMax + 5)
        await bench.until("the places are taken") { gate.running == Limits.workerCallsMax }
        async let nested = calls(bench, plugin, Limits.workerReservedThreads + 2, depth: 1)
        await bench.until("the reserved places are taken") {
            gate.running == Limits.workerCallsMax + Limits.workerReservedThreads
        }
        let worker = try #require(held.all.first)
        var ended = 0
        while ended < Limits.workerCallsMax + 5 + Limits.workerReservedThreads + 2 {
            for call in gate.takeAll() {
                try worker.complete(call)
                ended += 1
            }
            await Task.yield()
        }
        #expect(await (tops + nested).count { $0.text == "1" } == ended)
    }

    @Test func twoVersionsOfAPluginDoNotMeetInOneWorker() async throws {
        let gate = Gate()
        let bench = try Bench(completing(gate))
        _ = await bench.call(try entry("a", digest: "old"))
        let outcome = await bench.call(try entry("a", digest: "new"))
        #expect(outcome.metrics.worker?.generation == 2)
    }

    @Test func callsOfTwoVersionsWaitingAtOnceAllEnd() async throws {
        let gate = Gate()
        let bench = try Bench(completing(gate))
        let versions = [try entry("a", digest: "old"), try entry("a", digest: "new")]
        let outcomes = await withTaskGroup(of: CallOutcome.self) { group in
            for index in 0..<20 { group.addTask { await bench.call(versions[index % 2], "1") } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0.text == "1" } == 20)
    }

    @Test func aCallWaitingAtItsDeadlineEndsWithoutAWorker() async throws {
        let bench = try Bench(ScriptedLauncher { worker in while true { _ = try worker.next() } })
        let failure = try #require(await bench.call(try entry("a"), seconds: 0.05).failure)
        #expect(failure.error.code == .callTimeout)
        #expect(failure.error.message.contains("still waiting for a worker"))
    }

    @Test func aWorkerThatDoesNotGreetIsGivenUp() async throws {
        let launcher = ScriptedLauncher { worker in while true { _ = try worker.next() } }
        let bench = try Bench(launcher) { $0.handshake = .milliseconds(30) }
        let failure = try #require(await bench.call(try entry("a")).failure)
        #expect(failure.error.code == .workerStartFailed)
        #expect(launcher.launches == 2)
    }

    @Test func aStartThatFailsOnceIsRepeated() async throws {
        let launcher = ScriptedLauncher { worker in
            guard worker.number > 1 else { return worker.crash(11) }
            try worker.serve { if $0.kind == .call { try worker.complete($0.call) } }
        }
        let bench = try Bench(launcher)
        #expect(await bench.call(try entry("a")).text == "1")
        #expect(launcher.launches == 2)
    }

    @Test func whatCompletedBeforeTheEndHasCompleted() async throws {
        let launcher = ScriptedLauncher { worker in
            try worker.serve { frame in
                try worker.complete(frame.call)
                worker.crash(11)
            }
        }
        let bench = try Bench(launcher)
        #expect(await bench.call(try entry("a")).text == "1")
    }

    @Test func aDescriptorFromAWorkerEndsIt() async throws {
        let launcher = ScriptedLauncher { worker in
            try worker.serve { frame in
                try worker.socket.send(DataMessage.result([49]).frame(call: frame.call), descriptors: [0])
            }
        }
        let bench = try Bench(launcher)
        let failure = try #require(await bench.call(try entry("a")).failure)
        #expect(failure.error.code == .pluginBrokeProtocol)
        #expect(failure.error.cause?.contains("descriptors") == true)
    }

    @Test func aForgedCrashRecordMovesANeighbourAndNoMore() async throws {
        let launcher = ScriptedLauncher { worker in
            try worker.serve { frame in
                guard frame.call == 2 else { return }
                var record = ByteWriter()
                record.u32(CrashRecord.magic)
                record.u16(wireVersion)
                record.u16(1)
                record.i32(11)
                for _ in 0..<3 { record.u32(.max) }
                record.u64(1)
                for _ in 0..<3 { record.u64(0) }
                _ = record.bytes.withUnsafeBytes { write(worker.crash, $0.baseAddress, $0.count) }
                worker.crash(11)
            }
        }
        let bench = try Bench(launcher)
        let (neighbour, forger) = (try entry("neighbour"), try entry("forger"))
        let started = Box<CallEvent>()
        async let first = bench.call(neighbour, events: started)
        await bench.until("the neighbour runs") { started.all.count == 2 }
        let second = await bench.call(forger)
        #expect(await first.failure?.error.code == .pluginCrashed)
        #expect(second.failure?.error.code == .workerLost)
        #expect(await bench.pool.compartment(of: neighbour).isAlone)
    }

    @Test func aCrashWithoutATraceIsolatesEveryoneWhoRan() async throws {
        let launcher = ScriptedLauncher { worker in
            try worker.serve { frame in if frame.call == 2 { worker.crash(11) } }
        }
        let bench = try Bench(launcher)
        let (a, b) = (try entry("a"), try entry("b"))
        let started = Box<CallEvent>()
        async let first = bench.call(a, events: started)
        await bench.until("the first runs") { started.all.count == 2 }
        let second = await bench.call(b)
        let firstFailure = await first.failure
        #expect(firstFailure?.isInfrastructure == true && second.failure?.isInfrastructure == true)
        let alone = (await bench.pool.compartment(of: a).isAlone, await bench.pool.compartment(of: b).isAlone)
        #expect(alone == (true, true))
    }

    @Test func pluginsWordsReachTheCallerAsWritten() async throws {
        let launcher = ScriptedLauncher { worker in
            try worker.serve { frame in
                let failure = CompleteMessage.Failure(
                    code: "no_data", message: "Keine Daten für »Mai«", details: "{\"month\":5}", isRetryable: true)
                try worker.send(CompleteMessage(status: -3, failure: failure).frame(call: frame.call))
            }
        }
        let bench = try Bench(launcher)
        let failure = try #require(await bench.call(try entry("a")).failure)
        #expect(failure.error.message == "Keine Daten für »Mai«")
        #expect(failure.pluginCode == "no_data" && failure.error.isRetryable && failure.details == "{\"month\":5}")
        #expect(!failure.isInfrastructure)
    }

    @Test func eventsAndArtifactsArriveInOrder() async throws {
        let launcher = ScriptedLauncher { worker in
            try worker.serve { frame in
                let call = frame.call
                try worker.send(ProgressMessage(fraction: 0.5, text: "half\u{1B}[2J").frame(call: call))
                try worker.send(DataMessage.partial([0xC3]).frame(call: call))
                try worker.send(DataMessage.partial([0xBC]).frame(call: call))
                try worker.send(LogMessage(plugin: 1, level: 3, text: "careful").frame(call: call))
                try worker.send(
                    DataMessage.artifact(name: "r.html", mediaType: "text/html", bytes: [60]).frame(call: call))
                try worker.send(DataMessage.artifact(name: "r.html", mediaType: "", bytes: [62]).frame(call: call))
                try worker.send(DataMessage.result(Array("{}".utf8)).frame(call: call))
                try worker.send(
                    CompleteMessage(
                        status: 0, confidence: 0.75, changes: [Change(changeClass: "files", target: "r.html")],
                        cpuNanoseconds: 5
                    ).frame(call: call))
            }
        }
        let bench = try Bench(launcher)
        let events = Box<CallEvent>()
        let outcome = await bench.call(try entry("a"), events: events)
        let success = try #require(outcome.success)
        #expect(success.artifacts.map(\.name) == ["r.html"])
        #expect(success.artifacts.first?.mediaType == "text/html" && success.artifacts.first?.bytes == 2)
        #expect(success.confidence == 0.75 && success.changes.count == 1)
        #expect(outcome.metrics.cpuNanoseconds == 5)
        #expect(
            Array(events.all.dropFirst(2)) == [
                .progress(fraction: 0.5, text: "half\\u{1b}[2J"), .partial(text: "ü"),
                .log(level: .warning, plugin: try PluginID("test/a"), text: "careful"),
            ])
    }

    struct EchoService: HostServices {
        let seen = Box<String>()

        func receive(
            _ request: WorkerServiceRequest, from worker: WorkerKey, emit: @escaping ServiceEmit
        ) async -> ServiceAnswer {
            seen.append("\(request.plugin.id) \(request.service) \(request.method)")
            return ServiceAnswer(status: 0, result: request.body)
        }
    }

    @Test func aServiceIsAskedAndItsAnswerComesBack() async throws {
        let launcher = ScriptedLauncher { worker in
            try worker.serve { frame in
                switch frame.kind {
                case .call:
                    for request in 1...3 as ClosedRange<UInt32> {
                        try worker.send(
                            ServiceRequestMessage(
                                request: request, service: "corral.host.tool/1", method: "m\(request)", totalBytes: 1,
                                bytes: [UInt8(48 + request)]
                            ).frame(call: frame.call))
                    }
                case .serviceReply:
                    let reply = try ServiceReplyMessage(frame)
                    try worker.send(DataMessage.result(reply.result).frame(call: frame.call))
                    if reply.request == 3 { try worker.send(CompleteMessage(status: 0).frame(call: frame.call)) }
                default: break
                }
            }
        }
        let bench = try Bench(launcher)
        let service = EchoService()
        await bench.pool.setServices(service)
        #expect(await bench.call(try entry("a")).text == "123")
        #expect(service.seen.all == (1...3).map { "test/a corral.host.tool/1 m\($0)" })
    }

    /// Two plugins with different grants are in different workers: a worker that names the other's call is ended, and
    /// nobody is asked for anything.
    @Test func whoNamesTheCallOfAnotherCompartmentGainsNothing() async throws {
        let callOfTheOther = Box<UInt64>()
        let launcher = ScriptedLauncher { worker in
            try worker.serve { frame in
                guard frame.kind == .call else { return }
                guard String(decoding: try CallMessage(frame).body, as: UTF8.self) == "\"forge\"" else {
                    return callOfTheOther.append(frame.call)
                }
                let forged = ServiceRequestMessage(
                    request: 1, service: "corral.host.secret/1", method: "reveal", totalBytes: 2, bytes: [0x7B, 0x7D])
                try worker.send(forged.frame(call: callOfTheOther.all[0]))
            }
        }
        let bench = try Bench(launcher)
        let service = EchoService()
        await bench.pool.setServices(service)
        var granted = try entry("granted")
        granted.granted = Grants(secrets: ["KEY"])
        let forger = try entry("forger")
        let held = Task { [granted] in await bench.call(granted, "\"hold\"", seconds: 60) }
        await bench.until("the granted plugin has its call") { callOfTheOther.all.count == 1 }
        let outcome = await bench.call(forger, "\"forge\"")
        #expect(outcome.failure != nil && launcher.launches >= 2)
        #expect(service.seen.all.isEmpty)
        await bench.pool.shutdown()
        #expect(await held.value.failure != nil)
    }

    /// Emits `events` of 64 KiB and answers with how many the plugin was sent.
    struct StreamService: HostServices {
        let events: Int

        func receive(
            _ request: WorkerServiceRequest, from worker: WorkerKey, emit: @escaping ServiceEmit
        ) async -> ServiceAnswer {
            var sent = 0
            while sent < events, await emit([UInt8](repeating: UInt8(sent & 0xFF), count: 64 << 10)) { sent += 1 }
            return ServiceAnswer(status: 0, result: Array("\(sent)".utf8))
        }
    }

    @Test func aServiceWaitsWhileThePluginHasNotTakenItsEvents() async throws {
        let inWindow = Limits.serviceEventWindowBytes / (64 << 10)
        let seen = Box<UInt8>()
        let launcher = ScriptedLauncher { worker in
            var held = 0
            try worker.serve { frame in
                switch frame.kind {
                case .call:
                    try worker.send(
                        ServiceRequestMessage(request: 1, service: "s", method: "", totalBytes: 0, bytes: []).frame(
                            call: frame.call))
                case .serviceEvent:
                    let event = try ServiceEventMessage(frame).event
                    seen.append(event[0])
                    held += 1
                    // Credit only when the window is full, or at the end nothing would show that the service waited.
                    guard held == inWindow else { return }
                    held = 0
                    let taken = UInt32(inWindow * event.count)
                    try worker.send(ServiceCreditMessage(request: 1, bytes: taken).frame(call: frame.call))
                case .serviceReply:
                    try worker.complete(
                        frame.call, String(decoding: try ServiceReplyMessage(frame).result, as: UTF8.self))
                default: break
                }
            }
        }
        let bench = try Bench(launcher)
        await bench.pool.setServices(StreamService(events: 5 * inWindow))
        #expect(await bench.call(try entry("a")).text == "\(5 * inWindow)")
        #expect(seen.all == (0..<(5 * inWindow)).map { UInt8($0) })
    }

    @Test func aServiceWhoseCallEndsIsToldToStop() async throws {
        let launcher = ScriptedLauncher { worker in
            try worker.serve { frame in
                switch frame.kind {
                case .call:
                    try worker.send(
                        ServiceRequestMessage(request: 1, service: "s", method: "", totalBytes: 0, bytes: []).frame(
                            call: frame.call))
                case .serviceEvent:
                    if try ServiceEventMessage(frame).event[0] == 3 { try worker.complete(frame.call) }
                default: break
                }
            }
        }
        let bench = try Bench(launcher)
        let ended = Box<String>()
        struct Endless: HostServices {
            let ended: Box<String>
            func receive(
                _ request: WorkerServiceRequest, from worker: WorkerKey, emit: @escaping ServiceEmit
            ) async -> ServiceAnswer {
                var number: UInt8 = 0
                while await emit([UInt8](repeating: number, count: 64 << 10)) { number &+= 1 }
                ended.append("ended")
                return ServiceAnswer(status: 0, result: [])
            }
        }
        await bench.pool.setServices(Endless(ended: ended))
        #expect(await bench.call(try entry("a")).text == "1")
        await bench.until("the service stops") { ended.all == ["ended"] }
    }

    @Test func aCallThatIsNeverReadTimesOut() async throws {
        let stuck = DispatchSemaphore(value: 0)
        let launcher = ScriptedLauncher { worker in
            // Greets and loads, then never reads again.
            _ = try worker.next()
            try worker.send(ReadyMessage(toolchain: "script").frame)
            let load = try LoadMessage(try worker.next())
            try worker.send(LoadedMessage(plugin: load.plugin).frame)
            stuck.wait()
        }
        defer { stuck.signal() }
        let bench = try Bench(launcher)
        let plugin = try entry("a")
        let failure = try #require(
            await bench.call(plugin, String(repeating: "1", count: 100_000), seconds: 0.2).failure)
        #expect(failure.error.code == .callTimeout)
    }
}
