// SPDX-License-Identifier: Apache-2.0
// ControlPeer: one client's side of the protocol: its bytes become requests, its outbox becomes bytes. Everything it
// sends is a stranger's word; the worst it can do is to lose its connection.

import CorralBase
import CorralControl
import CorralSocket
import CorralWire
import Glibc

/// Touched by the loop's thread alone.
final class ControlPeer {
    private enum Phase {
        case greeting
        case idle(ClientIdentity)
        case busy(ClientIdentity, Task<Void, Never>)
        /// Nothing is read any more; the connection ends when all is sent.
        case closing
    }

    let id: UInt64
    let descriptor: Int32
    let uid: UInt32
    /// The epoll events the loop waits for.
    var watched: UInt32 = 0

    private let pid: Int32
    private let handler: any ControlHandler
    private let outbox: Outbox
    private let patience: ControlPatience
    private var phase = Phase.greeting
    private var decoder = FrameDecoder(payloadBytesMax: ControlProtocol.requestBytesMax)
    /// Descriptors that came before their request was complete.
    private var received: [Int32] = []
    private var request: UInt64 = 0
    private var sending: [UInt8] = []
    private var sent = 0
    private var sendingDescriptors: [Int32] = []
    /// When the greeting, or the frame that has begun, must be complete.
    private var frameDue: UInt64?
    /// When the peer must have read something.
    private var readingDue: UInt64?

    init(
        id: UInt64, descriptor: Int32, credentials: (pid: Int32, uid: UInt32), handler: any ControlHandler,
        outbox: Outbox, patience: ControlPatience
    ) {
        self.id = id
        self.descriptor = descriptor
        pid = credentials.pid
        uid = credentials.uid
        self.handler = handler
        self.outbox = outbox
        self.patience = patience
        frameDue = monotonicNow() &+ nanoseconds(patience.frame)
    }

    var isBusy: Bool { if case .busy = phase { true } else { isSending } }
    var isSending: Bool { sent < sending.count }
    var isTimed: Bool { frameDue != nil || readingDue != nil }

    func isLate(at now: UInt64) -> Bool {
        frameDue.map { $0 <= now } ?? false || readingDue.map { $0 <= now } ?? false
    }

    /// Queues a last word; the caller flushes and ends.
    func refuse(_ error: CorralError) {
        phase = .closing
        frameDue = nil
        queue(.controlEnd, 0, ControlFailure(error))
    }

    /// Ends the connection and what is being done for it. What its requests started goes on.
    func end() {
        if case .busy(_, let task) = phase { task.cancel() }
        outbox.close()
        for descriptor in received + sendingDescriptors { close(descriptor) }
        received = []
        sendingDescriptors = []
        close(descriptor)
    }

    // MARK: Receiving

    /// Reads what is there. False: the connection is over.
    func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var batch = [Int32](repeating: -1, count: ControlProtocol.descriptorsMax)
        var count = Int32(batch.count)
        var truncated: Int32 = 0
        let size = corral_socket_receive(descriptor, &buffer, buffer.count, &batch, &count, &truncated)
        received.append(contentsOf: batch.prefix(Int(count)))
        if size == -Int(EAGAIN) { return true }
        guard size > 0 else { return false }
        if case .closing = phase { return true }
        guard truncated == 0, received.count <= ControlProtocol.descriptorsMax else {
            return violation("more than \(ControlProtocol.descriptorsMax) descriptors with a request")
        }
        buffer.withUnsafeBytes { decoder.append(UnsafeRawBufferPointer(rebasing: $0[..<size])) }
        return takeFrames()
    }

    private func takeFrames() -> Bool {
        do {
            while let frame = try decoder.next() {
                frameDue = nil
                guard take(frame) else { return false }
            }
        } catch {
            return violation((error as? CorralError)?.message ?? "\(error)")
        }
        if decoder.pendingBytes > 0, frameDue == nil {
            frameDue = monotonicNow() &+ nanoseconds(patience.frame)
        }
        return true
    }

    private func take(_ frame: Frame) -> Bool {
        if case .closing = phase { return true }
        guard frame.kind == .controlRequest else { return violation("a frame of kind \(frame.kind.rawValue)") }
        switch phase {
        case .greeting: greet(frame)
        case .idle(let identity): start(frame, for: identity)
        case .busy: return violation("a request before the last one was answered")
        case .closing: break
        }
        return true
    }

    private func greet(_ frame: Frame) {
        do {
            let hello = try decodeControlMessage(ControlHello.self, frame.payload)
            guard hello.protocolVersion == ControlProtocol.version else {
                throw CorralError.versionMismatch(
                    host: (corralVersion, ControlProtocol.version), client: (hello.version, hello.protocolVersion))
            }
            phase = .idle(
                ClientIdentity(
                    id: id, role: .operator, pid: pid, uid: uid, version: String(hello.version.prefix(64))))
            queue(.controlReply, 0, ControlWelcome(pid: getpid(), role: .operator))
        } catch {
            refuse(error as? CorralError ?? .requestNotUnderstood("\(error)"))
        }
    }

    private func start(_ frame: Frame, for identity: ClientIdentity) {
        let number = frame.call
        let descriptors = received
        received = []
        request = number
        outbox.begin(number)
        do {
            let request = try ControlRequest(payload: frame.payload, role: identity.role)
            let work = RequestWork(
                request: request, number: number, descriptors: descriptors, client: identity, handler: handler,
                outbox: outbox)
            // One task a request. It ends with the answer; `end` cancels it when the client goes away first.
            let task = Task { await work.perform() }
            phase = .busy(identity, task)
        } catch {
            for descriptor in descriptors { close(descriptor) }
            queue(.controlEnd, number, ControlFailure(error as? CorralError ?? .requestNotUnderstood("\(error)")))
        }
    }

    /// Says why and closes. True: there is something left to send.
    private func violation(_ what: String) -> Bool { giveUp(.requestNotUnderstood(what)) }

    private func giveUp(_ error: CorralError) -> Bool {
        if case .busy(_, let task) = phase { task.cancel() }
        outbox.close()
        refuse(error)
        return true
    }

    // MARK: Sending

    /// Sends what the socket takes. False: the connection is over.
    func flush() -> Bool {
        while true {
            guard isSending || fill() else { return true }
            switch write() {
            case .all:
                readingDue = nil
                if case .closing = phase { return false }
            case .some: return true
            case .failed: return false
            }
        }
    }

    private enum Written { case all, some, failed }

    private func write() -> Written {
        while isSending {
            let count = sending.withUnsafeBytes { buffer in
                corral_socket_send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, nil, 0,
                    sendingDescriptors, Int32(sendingDescriptors.count))
            }
            if count == -Int(EAGAIN) {
                if readingDue == nil { readingDue = monotonicNow() &+ nanoseconds(patience.reading) }
                return .some
            }
            guard count > 0 else { return .failed }
            sent += count
            readingDue = nil
            for descriptor in sendingDescriptors { close(descriptor) }
            sendingDescriptors = []
        }
        sending.removeAll(keepingCapacity: sending.capacity <= 64 << 10)
        sent = 0
        return .all
    }

    /// Takes the next thing from the outbox. False: there is none.
    private func fill() -> Bool {
        switch outbox.next(at: wallNow()) {
        case nil: return false
        case .event(let event): queue(.controlEvent, request, event)
        case .reply(let reply): queueReply(reply)
        case .failure(let failure):
            becomeIdle()
            queue(.controlEnd, request, failure)
        case .overflow(let bytes): return giveUp(.clientTooSlow(bytes: bytes))
        }
        return true
    }

    private func queueReply(_ reply: ControlReply) {
        becomeIdle()
        do {
            let payload = try reply.payload()
            guard payload.count <= Limits.controlMessageBytesMax else {
                throw CorralError.replyTooLarge(bytes: payload.count)
            }
            queue(Frame(.controlReply, call: request, payload: payload))
            sendingDescriptors = reply.descriptors
        } catch {
            for descriptor in reply.descriptors { close(descriptor) }
            queue(.controlEnd, request, ControlFailure(error as? CorralError ?? .internalFault("\(error)")))
        }
    }

    private func becomeIdle() {
        if case .busy(let identity, _) = phase { phase = .idle(identity) }
    }

    private func queue(_ kind: FrameKind, _ call: UInt64, _ message: some Encodable) {
        do {
            queue(Frame(kind, call: call, payload: try encodeControlMessage(message)))
        } catch {
            // Only a number that JSON cannot say can bring us here, and no message has one: `JSONText` writes null.
            phase = .closing
        }
    }

    private func queue(_ frame: Frame) { sending.append(contentsOf: frame.bytes) }
}

private func wallNow() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
}
