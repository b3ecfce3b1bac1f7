// SPDX-License-Identifier: Apache-2.0
// ScriptedHost: a real control server in a folder of its own, whose handler is a closure of the test.

import CorralBase
import CorralControl
import CorralControlServer
import CorralWire
import Foundation
import Glibc
import Testing

final class ScriptedHost: Sendable {
    typealias Script = @Sendable (ControlRequest, [Int32], ClientIdentity, EventSink) async throws -> ControlReply

    private struct Handler: ControlHandler {
        let script: Script

        func handle(
            _ request: ControlRequest, descriptors: [Int32], client: ClientIdentity, events: EventSink
        ) async throws -> ControlReply {
            try await script(request, descriptors, client, events)
        }
    }

    let folder: URL
    let server: ControlServer
    var path: String { folder.appending(path: "control.sock").path() }

    init(
        folder name: String = "corral-control-\(UUID().uuidString.prefix(8))", owner: UInt32 = geteuid(),
        clientsMax: Int = 16, patience: ControlPatience = ControlPatience(), _ script: @escaping Script = answerDone
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        server = try ControlServer(
            path: folder.appending(path: "control.sock").path(), handler: Handler(script: script), owner: owner,
            clientsMax: clientsMax, patience: patience)
    }

    func end() {
        server.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    func client() throws -> ControlClient { try ControlClient.connect(path: path) }

    /// A bare connection, for bytes that no client would send.
    func rawSocket() throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let status = SocketAddress.with(path) { Glibc.connect(descriptor, $0, $1) }
        try #require(status == 0, "connect: errno \(errno)")
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        return descriptor
    }

    /// A bare connection that has greeted.
    func greetedSocket() throws -> FrameSocket {
        let socket = FrameSocket(try rawSocket(), payloadBytesMax: 64 << 20, descriptorsMax: 8)
        try socket.send(Frame(.controlRequest, payload: try encodeControlMessage(ControlHello())))
        guard try socket.receive()?.frame.kind == .controlReply else {
            throw CorralError.hostGone("it did not answer the greeting")
        }
        return socket
    }
}

let answerDone: ScriptedHost.Script = { request, _, _, _ in .done(request.verb) }

/// The error a closure throws, as its code's name.
func failure(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as CorralError {
        return error.code.name
    } catch {
        return "\(error)"
    }
}

/// Reads until the peer closes; the bytes that came. Nil when it does not close within the socket's patience.
func readToEnd(_ descriptor: Int32) -> [UInt8]? {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 { all.append(contentsOf: buffer[..<count]) }
        if count == 0 || (count < 0 && errno == ECONNRESET) { return all }
        if count < 0, errno != EINTR { return nil }
    }
}

/// Awaits a condition for at most a minute: a busy machine is no failure.
func eventually(_ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return false
}

let someRun = RunID(milliseconds: 1_700_000_000_000, random: 7)
