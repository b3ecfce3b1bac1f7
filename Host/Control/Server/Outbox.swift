// SPDX-License-Identifier: Apache-2.0
// Outbox: what waits to be sent to one client. Whoever makes events puts them here without waiting; the server's thread
// takes them when the socket has room. So a client that does not read costs a bounded amount of memory and no time.

import CorralBase
import CorralControl
import Glibc
import Synchronization

final class Outbox: Sendable {
    enum Item: Sendable {
        case event(RunEvent)
        case reply(ControlReply)
        case failure(ControlFailure)
        /// The client did not read; nothing more is sent.
        case overflow(bytes: Int)
    }

    private struct State {
        var request: UInt64?
        var events: [RunEvent] = []
        var first = 0
        var bytes = 0
        var dropped = 0
        var answer: Item?
        var hasOverflowed = false
    }

    /// Above this, what may be left out is left out.
    static let softBytesMax = 1 << 20
    /// Above this, the client is given up.
    static let hardBytesMax = 16 << 20

    private let state = Mutex(State())
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    /// Opens the box for the events of a request.
    func begin(_ request: UInt64) { state.withLock { $0 = State(request: request) } }

    /// Closes the box: nothing that is in it or comes later is sent.
    func close() {
        let abandoned = state.withLock { state in
            defer { state = State() }
            return state.answer
        }
        abandoned?.closeDescriptors()
    }

    func offer(_ event: RunEvent, for request: UInt64) {
        let size = event.roughBytes
        let mustWake = state.withLock { state in
            guard state.request == request, state.answer == nil, !state.hasOverflowed else { return false }
            if event.mayBeDropped, state.bytes + size > Self.softBytesMax {
                state.dropped += 1
                return false
            }
            state.bytes += size
            state.events.append(event)
            if state.bytes > Self.hardBytesMax { state.hasOverflowed = true }
            return true
        }
        if mustWake { wake() }
    }

    func finish(_ answer: Item, for request: UInt64) {
        let isTaken = state.withLock { state in
            guard state.request == request, state.answer == nil else { return false }
            state.answer = answer
            return true
        }
        if isTaken { wake() } else { answer.closeDescriptors() }
    }

    /// The next thing to send; after a reply or failure the box is closed.
    func next(at now: @autoclosure () -> Int64) -> Item? {
        state.withLock { state in
            if state.hasOverflowed { return .overflow(bytes: state.bytes) }
            if state.dropped > 0 {
                defer { state.dropped = 0 }
                return .event(RunEvent(at: now(), .eventsDropped(count: state.dropped)))
            }
            if state.first < state.events.count { return .event(Self.takeEvent(&state)) }
            guard let answer = state.answer else { return nil }
            state = State()
            return answer
        }
    }

    private static func takeEvent(_ state: inout State) -> RunEvent {
        let event = state.events[state.first]
        state.first += 1
        state.bytes -= event.roughBytes
        if state.first == state.events.count {
            state.events.removeAll(keepingCapacity: true)
            state.first = 0
        } else if state.first >= 1024 {
            state.events.removeFirst(state.first)
            state.first = 0
        }
        return event
    }
}

extension Outbox.Item {
    func closeDescriptors() {
        if case .reply(let reply) = self { for descriptor in reply.descriptors { Glibc.close(descriptor) } }
    }
}

extension RunEvent {
    /// The memory an event holds, near enough for a limit: its long texts and a fixed share for the rest.
    var roughBytes: Int {
        let text =
            switch body {
            case .stepProgress(_, _, let text), .stepPartial(_, let text), .log(_, _, _, let text): text.utf8.count
            case .runStarted(_, _, let steps): steps.count * 64
            default: 0
            }
        return 256 + text
    }
}
