// SPDX-License-Identifier: Apache-2.0
// WorkerConnectionTests: the conversation's rules, frame by frame, without a process.

import CorralBase
import CorralWire
import Testing

@testable import CorralSupervision

struct WorkerConnectionTests {
    private func open() throws -> WorkerConnection {
        var connection = WorkerConnection()
        let ready = try connection.receive(ReadyMessage(toolchain: "swift").frame)
        #expect(ready == .ready(toolchain: "swift"))
        return connection
    }

    private func running(_ id: UInt64 = 7) throws -> WorkerConnection {
        var connection = try open()
        _ = connection.call(id, CallMessage(plugin: 1, target: .agent, body: []), bodyInDescriptor: false)
        return connection
    }

    private func violates(_ connection: WorkerConnection, _ frame: Frame, _ words: String) {
        var connection = connection
        let error = #expect(throws: CorralError.self) { _ = try connection.receive(frame) }
        #expect(error?.code == .protocolViolation)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    private let complete = CompleteMessage(status: 0)

    @Test func greetingComesFirst() throws {
        violates(WorkerConnection(), complete.frame(call: 1), "before its greeting")
        violates(try open(), ReadyMessage(toolchain: "").frame, "which workers do not send")
    }

    @Test func anotherProtocolVersionIsRefused() throws {
        var message = ReadyMessage(toolchain: "")
        message.version = 99
        violates(WorkerConnection(), message.frame, "version 99")
    }

    @Test func framesOfACallThatIsNotRunningAreRefused() throws {
        for frame in [
            complete.frame(call: 8), DataMessage.result([1]).frame(call: 8), Frame(.started, call: 8),
            ProgressMessage(fraction: 0, text: "").frame(call: 8),
            ServiceRequestMessage(request: 1, service: "", method: "", totalBytes: 0, bytes: []).frame(call: 8),
        ] { violates(try running(), frame, "not running") }
    }

    @Test func nothingFollowsACompletion() throws {
        var connection = try running()
        #expect(try connection.receive(complete.frame(call: 7)) == .complete(call: 7, complete))
        violates(connection, complete.frame(call: 7), "not running")
        violates(connection, DataMessage.partial([1]).frame(call: 7), "not running")
    }

    @Test func aLogLineOfACallThatIsOverBelongsToNone() throws {
        var connection = try running()
        _ = try connection.receive(complete.frame(call: 7))
        let line = LogMessage(plugin: 1, level: 2, text: "late")
        #expect(try connection.receive(line.frame(call: 7)) == .log(call: 0, line))
    }

    @Test func dataBeyondTheCreditIsRefused() throws {
        var connection = try running()
        let piece = DataMessage.result([UInt8](repeating: 0, count: DataMessage.bytesMax)).frame(call: 7)
        for _ in 0..<(Limits.callCreditBytes / piece.payload.count) { _ = try connection.receive(piece) }
        violates(connection, piece, "more than it had credit for")
        let due = connection.creditDue(7)
        #expect(try CreditMessage(try #require(due)).bytes > UInt32(Limits.callCreditBytes / 2))
        _ = try connection.receive(piece)
    }

    @Test func creditIsGivenInLargePieces() throws {
        var connection = try running()
        _ = try connection.receive(DataMessage.result([1, 2, 3]).frame(call: 7))
        let due = connection.creditDue(7)
        #expect(due == nil)
    }

    @Test func unknownKindsFlagsAndHostFramesAreRefused() throws {
        for kind: UInt16 in [0, 1, 3, 5, 7, 8, 32, 46, 65, 9999] {
            violates(try running(), Frame(FrameKind(rawValue: kind), call: 7), "which workers do not send")
        }
        violates(try running(), Frame(.data, call: 7, flags: .bodyInDescriptor, payload: [1]), "flags")
    }

    @Test func malformedPayloadsAreRefused() throws {
        for kind in [
            FrameKind.data, .progress, .complete, .log, .serviceRequest, .serviceData, .serviceCredit, .loaded,
            .loadFailed,
        ] {
            violates(try running(), Frame(kind, call: 7), "too early")
        }
    }

    @Test func eventsWaitUntilThePluginHasTakenOthers() throws {
        var connection = try running()
        let request = ServiceRequestMessage(request: 3, service: "s", method: "", totalBytes: 0, bytes: [])
        _ = try connection.receive(request.frame(call: 7))
        let half = [UInt8](repeating: 1, count: Limits.serviceEventWindowBytes / 2)
        for _ in 1...2 {
            let place = connection.event(half, of: 3, call: 7)
            guard case .send(let frame) = place else { throw CorralError.internalFault("\(place)") }
            #expect(try ServiceEventMessage(frame).event == half)
        }
        guard case .full = connection.event([1], of: 3, call: 7) else { throw CorralError.internalFault("not full") }
        let credit = ServiceCreditMessage(request: 3, bytes: UInt32(half.count))
        #expect(try connection.receive(credit.frame(call: 7)) == .serviceCredit(call: 7, request: 3))
        guard case .send = connection.event([1], of: 3, call: 7) else { throw CorralError.internalFault("full") }
        violates(
            connection, ServiceCreditMessage(request: 3, bytes: UInt32(half.count) + 2).frame(call: 7),
            "of which it got")
        // After the answer nobody waits for events, and credit that crossed it says nothing.
        let isOpen = connection.endRequest(3, of: 7)
        #expect(isOpen)
        guard case .over = connection.event([1], of: 3, call: 7) else { throw CorralError.internalFault("not over") }
        #expect(try connection.receive(credit.frame(call: 7)) == nil)
    }

    @Test func answersToLoadsNobodyAskedForAreRefused() throws {
        violates(try open(), LoadedMessage(plugin: 1).frame, "not asked to load")
        violates(try open(), ManifestMessage(plugin: 1, bytes: []).frame, "not asked to load")
    }

    @Test func aManifestArrivesInPieces() throws {
        var connection = try open()
        _ = connection.load(LoadMessage(plugin: 3, form: .plugin, path: "/x", isProbe: true))
        #expect(try connection.receive(ManifestMessage(plugin: 3, bytes: [1, 2]).frame) == nil)
        #expect(try connection.receive(ManifestMessage(plugin: 3, bytes: [3]).frame) == nil)
        #expect(
            try connection.receive(LoadedMessage(plugin: 3, tools: [9]).frame)
                == .loaded(plugin: 3, manifest: [1, 2, 3], tools: [9]))
    }

    @Test func anEndlessManifestIsRefused() throws {
        var connection = try open()
        _ = connection.load(LoadMessage(plugin: 3, form: .plugin, path: "/x", isProbe: true))
        let piece = ManifestMessage(plugin: 3, bytes: [UInt8](repeating: 0, count: 60_000)).frame
        for _ in 0..<(Limits.manifestBytesMax / 60_000) { _ = try connection.receive(piece) }
        violates(connection, piece, "a manifest of more than")
    }

    @Test func aServiceRequestArrivesInPieces() throws {
        var connection = try running()
        let first = ServiceRequestMessage(request: 1, service: "s", method: "m", totalBytes: 3, bytes: [1])
        #expect(try connection.receive(first.frame(call: 7)) == nil)
        #expect(
            try connection.receive(ServiceDataMessage(request: 1, bytes: [2, 3]).frame(call: 7))
                == .serviceRequest(call: 7, request: 1, service: "s", method: "m", body: [1, 2, 3]))
        violates(connection, ServiceDataMessage(request: 1, bytes: []).frame(call: 7), "does not wait for them")
        violates(connection, first.frame(call: 7), "a second time")
        let ends = (connection.endRequest(1, of: 7), connection.endRequest(1, of: 7))
        #expect(ends == (true, false))
        _ = try connection.receive(first.frame(call: 7))
    }

    @Test func tooLargeAndTooManyRequestsAreAnsweredAndNotKept() throws {
        var connection = try running()
        let large = ServiceRequestMessage(
            request: 1, service: "s", method: "m", totalBytes: UInt32(Limits.serviceRequestBytesMax + 1), bytes: [])
        #expect(try connection.receive(large.frame(call: 7)) == nil)
        var left = Limits.serviceRequestBytesMax + 1
        var last: WorkerConnection.Event?
        while left > 0 {
            let count = min(left, 60_000)
            left -= count
            let piece = ServiceDataMessage(request: 1, bytes: [UInt8](repeating: 0, count: count))
            last = try connection.receive(piece.frame(call: 7))
        }
        guard case .serviceRefused(call: 7, request: 1, _) = last else {
            Issue.record("not refused")
            return
        }
    }

    @Test func onlyAnEmptyWorkerThatWasAskedSaysGoodbye() throws {
        violates(try open(), Frame(.goodbye), "nobody asked for")
        var connection = try running()
        _ = connection.shutdown()
        violates(connection, Frame(.goodbye), "nobody asked for")
        _ = try connection.receive(complete.frame(call: 7))
        #expect(try connection.receive(Frame(.goodbye)) == .goodbye)
        violates(connection, Frame(.goodbye), "after its goodbye")
    }

    /// Whatever bytes a worker sends: events or an error, never a trap.
    @Test func anyBytesAreSurvived() throws {
        var random = SeededGenerator(seed: 20_261_124)
        let seeds = [
            ReadyMessage(toolchain: "swift").frame,
            DataMessage.artifact(name: "a", mediaType: "b", bytes: [1]).frame(call: 7),
            CompleteMessage(
                status: -3, changes: [Change(changeClass: "a", target: "b")], failure: .init(code: "a", message: "b")
            )
            .frame(call: 7),
            ServiceRequestMessage(request: 1, service: "s", method: "m", totalBytes: 9, bytes: [1]).frame(call: 7),
            LoadFailedMessage(plugin: 1, reason: .wrongABI, detail: "d").frame,
        ].map(\.bytes)
        for _ in 0..<20_000 {
            var bytes = try #require(seeds.randomElement(using: &random))
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var connection = try running()
            var decoder = FrameDecoder()
            bytes.withUnsafeBytes { decoder.append($0) }
            do {
                while let frame = try decoder.next() { _ = try connection.receive(frame) }
            } catch {
                #expect((error as? CorralError)?.code == .protocolViolation)
            }
        }
    }
}
