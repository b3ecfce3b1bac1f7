// SPDX-License-Identifier: Apache-2.0
// ControlClient: one connection to a host, used from one thread, one request at a time. It blocks; who wants to do
// something meanwhile (a spinner, Ctrl-C) asks `next` with a timeout.

import CorralBase
import CorralWire
import Glibc

package final class ControlClient {
    package enum Message: Sendable {
        case event(RunEvent)
        case reply(ControlReply)
    }

    private let socket: FrameSocket
    private var request: UInt64 = 0
    /// What the host said about itself.
    package let welcome: ControlWelcome

    /// Connects and greets.
    /// - Throws: `host_unreachable` when nobody listens, and what the host refuses with: `control_version_mismatch`,
    ///   `host_busy`, `peer_refused`.
    package static func connect(path: String, hello: ControlHello = ControlHello()) throws -> ControlClient {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw CorralError.controlSocketFailed("create", path, errorText(errno)) }
        let status = SocketAddress.with(path) { address, length in
            Glibc.connect(descriptor, address, length) == 0 ? 0 : -errno
        }
        guard status == 0 else {
            close(descriptor)
            throw CorralError.hostUnreachable(path, errorText(-status))
        }
        return try ControlClient(connected: descriptor, hello: hello)
    }

    /// Greets over a socket that is connected already and now belongs to the client.
    package init(connected descriptor: Int32, hello: ControlHello = ControlHello()) throws {
        socket = FrameSocket(
            descriptor, payloadBytesMax: Limits.controlMessageBytesMax, descriptorsMax: ControlProtocol.descriptorsMax)
        do {
            welcome = try Self.greet(socket, hello)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(socket.descriptor) }

    /// The socket, to wait on it together with other things.
    package var descriptor: Int32 { socket.descriptor }

    /// Sends a request; `next` brings its events and its reply. The descriptors stay the caller's.
    /// - Throws: `host_gone`.
    package func send(_ request: ControlRequest, descriptors: [Int32] = []) throws {
        self.request += 1
        let frame = Frame(.controlRequest, call: self.request, payload: try request.payload())
        do {
            try socket.send(frame, descriptors: descriptors)
        } catch {
            throw CorralError.hostGone(String(describing: error))
        }
    }

    /// Waits for what comes next; nil when nothing came in time.
    /// - Throws: the request's `CorralError` or `DiagnosticsError` as the host sent it; `host_gone`.
    package func next(timeoutMilliseconds: Int32 = -1) throws -> Message? {
        guard waitForBytes(timeoutMilliseconds) else { return nil }
        let received = try Self.receive(socket)
        let frame = received.frame
        do {
            // An end of call 0 is about the connection as a whole.
            guard frame.call == request || (frame.call == 0 && frame.kind == .controlEnd) else {
                throw CorralError.protocolViolation("an answer to another request")
            }
            switch frame.kind {
            case .controlEvent:
                return .event(try decodeControlMessage(RunEvent.self, frame.payload))
            case .controlReply:
                return .reply(try ControlReply(payload: frame.payload, descriptors: received.descriptors))
            case .controlEnd:
                throw try Self.failure(frame)
            default:
                throw CorralError.protocolViolation("a frame of kind \(frame.kind.rawValue) to a client")
            }
        } catch {
            for descriptor in received.descriptors { close(descriptor) }
            throw error
        }
    }

    /// Sends a request and waits for its reply.
    /// - Throws: the request's error as the host sent it; `host_gone`.
    package func perform(
        _ request: ControlRequest, descriptors: [Int32] = [], onEvent: (RunEvent) -> Void = { _ in }
    ) throws -> ControlReply {
        try send(request, descriptors: descriptors)
        while true {
            switch try next() {
            case .event(let event): onEvent(event)
            case .reply(let reply): return reply
            case nil: continue
            }
        }
    }

    private func waitForBytes(_ timeoutMilliseconds: Int32) -> Bool {
        var entry = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, timeoutMilliseconds) > 0
    }

    private static func greet(_ socket: FrameSocket, _ hello: ControlHello) throws -> ControlWelcome {
        // A host that refuses may close before it has read the hello; its reason waits in the socket all the same.
        let sendFailure: (any Error)?
        do {
            try socket.send(Frame(.controlRequest, payload: try encodeControlMessage(hello)))
            sendFailure = nil
        } catch {
            sendFailure = error
        }
        let received = try receive(socket)
        for descriptor in received.descriptors { close(descriptor) }
        switch received.frame.kind {
        case .controlEnd: throw try failure(received.frame)
        case .controlReply where sendFailure == nil:
            return try decodeControlMessage(ControlWelcome.self, received.frame.payload)
        default: throw CorralError.hostGone("it answered the greeting with something else")
        }
    }

    /// The error a frame of kind `controlEnd` carries.
    private static func failure(_ frame: Frame) throws -> any Error {
        let failure = try decodeControlMessage(ControlFailure.self, frame.payload)
        return failure.diagnostics.isEmpty ? failure.error : DiagnosticsError(failure.diagnostics)
    }

    private static func receive(_ socket: FrameSocket) throws -> ReceivedFrame {
        do {
            if let received = try socket.receive() { return received }
        } catch {
            throw CorralError.hostGone(String(describing: error))
        }
        throw CorralError.hostGone("it closed the connection")
    }
}
