// SPDX-License-Identifier: Apache-2.0
// HostilePeerTests: what a client can send, or leave undone, never harms the host or another client.

import CorralBase
import CorralControl
import CorralControlServer
import CorralSocket
import CorralWire
import Foundation
import Glibc
import Synchronization
import Testing

@Suite(.onOwnThread) struct HostilePeerTests {
    private func expectHealthy(_ host: ScriptedHost) throws {
        #expect(try host.client().perform(.hostStatus) == .done("host.status"))
    }

    @Test func garbageEndsOnlyItsConnection() throws {
        let host = try ScriptedHost()
        defer { host.end() }
        var generator = SeededGenerator(seed: 42)
        for size in [1, 15, 16, 17, 1000, 70_000] {
            let socket = try host.rawSocket()
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            shutdown(socket, Int32(SHUT_WR))
            #expect(readToEnd(socket) != nil, "\(size) bytes of garbage left the connection open")
            close(socket)
            try expectHealthy(host)
        }
    }

    @Test(arguments: [
        "", "{", "null", "[]", "{}", #"{"verb":1}"#, #"{"verb":"run.fly"}"#, #"{"verb":"run.start"}"#,
        #"{"verb":"run.list","body":{"tenant":"../x","limit":1}}"#,
        #"{"verb":"run.list","body":{"tenant":"default","limit":1e400}}"#,
        #"{"verb":"run.cancel","body":{"reference":{"tenant":"default","run":7},"reason":""}}"#,
        "{\"verb\":\"\u{0}\"}",
    ])
    func aMalformedRequestGetsAnErrorAndTheConnectionLives(_ payload: String) throws {
        let host = try ScriptedHost()
        defer { host.end() }
        let socket = try host.greetedSocket()
        defer { close(socket.descriptor) }
        try socket.send(Frame(.controlRequest, call: 9, payload: Array(payload.utf8)))
        let answer = try #require(try socket.receive()).frame
        #expect(answer.kind == .controlEnd && answer.call == 9)
        let name = try decodeControlMessage(ControlFailure.self, answer.payload).error.code.name
        #expect(["request_not_understood", "identifier_invalid"].contains(name))
        try socket.send(Frame(.controlRequest, call: 10, payload: try ControlRequest.hostStatus.payload()))
        #expect(try socket.receive()?.frame.kind == .controlReply)
    }

    @Test func deeplyNestedRequestsAreRefused() throws {
        let host = try ScriptedHost()
        defer { host.end() }
        let socket = try host.greetedSocket()
        defer { close(socket.descriptor) }
        let text = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
        for payload in [text, #"{"verb":"host.status","body":"# + text + "}"] {
            try socket.send(Frame(.controlRequest, call: 1, payload: Array(payload.utf8)))
            #expect(try socket.receive()?.frame.kind == .controlEnd)
        }
        try expectHealthy(host)
    }

    @Test func anOversizeFrameIsRefusedFromItsHeader() throws {
        let host = try ScriptedHost()
        defer { host.end() }
        let socket = try host.greetedSocket()
        defer { close(socket.descriptor) }
        var writer = ByteWriter()
        writer.u32(.max)
        writer.u16(FrameKind.controlRequest.rawValue)
        writer.u16(0)
        writer.u64(1)
        _ = writer.bytes.withUnsafeBytes { write(socket.descriptor, $0.baseAddress, $0.count) }
        let end = try #require(try socket.receive()).frame
        #expect(end.kind == .controlEnd)
        #expect(readToEnd(socket.descriptor) != nil)
        try expectHealthy(host)
    }

    @Test func halfAFrameAndSilenceAreEndedInTime() async throws {
        var patience = ControlPatience()
        patience.frame = .milliseconds(200)
        let host = try ScriptedHost(patience: patience)
        defer { host.end() }
        let silent = try host.rawSocket()
        var half: FrameSocket?
        _ = await eventually {
            half = try? host.greetedSocket()
            return half != nil
        }
        let descriptor = try #require(half).descriptor
        let frame = Frame(.controlRequest, call: 1, payload: try ControlRequest.hostStatus.payload()).bytes
        _ = frame.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count - 1) }
        for descriptor in [silent, descriptor] {
            #expect(readToEnd(descriptor) == [])
            close(descriptor)
        }
        #expect(await eventually { (try? host.client().perform(.hostStatus)) == .done("host.status") })
    }

    @Test func aGreetedClientMayBeSilent() async throws {
        var patience = ControlPatience()
        patience.frame = .milliseconds(100)
        let host = try ScriptedHost(patience: patience)
        defer { host.end() }
        // On a busy machine the greeting itself may come too late.
        var greeted: ControlClient?
        _ = await eventually {
            greeted = try? host.client()
            return greeted != nil
        }
        let client = try #require(greeted)
        // A silent stranger is thrown out meanwhile, which shows that the time has passed.
        let stranger = try host.rawSocket()
        defer { close(stranger) }
        #expect(readToEnd(stranger) == [])
        #expect(try client.perform(.hostStatus) == .done("host.status"))
    }

    @Test func aSecondRequestBeforeTheAnswerEndsTheConnection() async throws {
        let gate = Gate()
        let host = try ScriptedHost { request, _, _, _ in
            if case .hostStop = request { await gate.wait() }
            return .done(request.verb)
        }
        defer { host.end() }
        defer { gate.open() }
        let socket = try host.greetedSocket()
        defer { close(socket.descriptor) }
        let payload = try ControlRequest.hostStop.payload()
        try socket.send(Frame(.controlRequest, call: 1, payload: payload))
        #expect(await eventually { gate.isWaitedFor })
        try socket.send(Frame(.controlRequest, call: 2, payload: payload))
        #expect(try socket.receive()?.frame.kind == .controlEnd)
        #expect(readToEnd(socket.descriptor) == [])
        try expectHealthy(host)
    }

    @Test func frameOfAnotherKindEndsTheConnection() throws {
        let host = try ScriptedHost()
        defer { host.end() }
        for kind in [FrameKind.hello, .controlReply, FrameKind(rawValue: 999)] {
            let socket = try host.greetedSocket()
            try socket.send(Frame(kind, call: 1))
            #expect(try socket.receive()?.frame.kind == .controlEnd)
            close(socket.descriptor)
        }
        try expectHealthy(host)
    }

    @Test func aClientThatNeverReadsLosesOnlyWhatMayBeDropped() async throws {
        let isSent = Mutex(false)
        let host = try ScriptedHost { request, _, _, events in
            guard case .runFollow = request else { return .done(request.verb) }
            for number in 0..<20_000 {
                let text = String(repeating: "x", count: 1000)
                events.send(RunEvent(at: Int64(number), .log(level: 2, plugin: "p", step: nil, text: text)))
            }
            events.send(RunEvent(at: 20_000, .stepSkipped(step: "s", reason: "r")))
            isSent.withLock { $0 = true }
            return .done("all")
        }
        defer { host.end() }
        let client = try host.client()
        try client.send(.runFollow(RunReference(run: "last")))
        #expect(await eventually { isSent.withLock { $0 } })
        try expectHealthy(host)
        var lines = 0
        var dropped = 0
        var skipped = 0
        while case .event(let event)? = try client.next() {
            switch event.body {
            case .log: lines += 1
            case .eventsDropped(let count): dropped += count
            case .stepSkipped: skipped += 1
            default: break
            }
        }
        #expect(lines + dropped == 20_000)
        #expect(dropped > 0 && skipped == 1)
    }

    @Test func aClientThatNeverReadsWhatMustArriveIsGivenUp() async throws {
        let isSent = Mutex(false)
        let host = try ScriptedHost { request, _, _, events in
            guard case .runFollow = request else { return .done(request.verb) }
            for number in 0..<70_000 { events.send(RunEvent(at: Int64(number), .stepSkipped(step: "s", reason: "r"))) }
            isSent.withLock { $0 = true }
            return .done("all")
        }
        defer { host.end() }
        let client = try host.client()
        try client.send(.runFollow(RunReference(run: "last")))
        #expect(await eventually { isSent.withLock { $0 } })
        try expectHealthy(host)
        #expect(failure { while try client.next() != nil {} } == "client_too_slow")
    }

    @Test func aReplyNobodyReadsIsGivenUpInTime() async throws {
        var patience = ControlPatience()
        patience.reading = .milliseconds(50)
        let host = try ScriptedHost(patience: patience) { request, _, _, _ in
            guard case .hostStop = request else { return .done(request.verb) }
            return .done(String(repeating: "x", count: 8 << 20))
        }
        defer { host.end() }
        let client = try host.client()
        try client.send(.hostStop)
        #expect(await eventually { host.server.clientCount == 0 })
        #expect(failure { _ = try client.next() } == "host_gone")
        try expectHealthy(host)
    }

    @Test func cancelsTheRequestOfAClientThatLeft() async throws {
        let isCancelled = Gate()
        let isEnded = Mutex(false)
        let host = try ScriptedHost { _, _, _, _ in
            await withTaskCancellationHandler {
                await isCancelled.wait()
            } onCancel: {
                isCancelled.open()
            }
            isEnded.withLock { $0 = true }
            return .done("")
        }
        defer { host.end() }
        do {
            let client = try host.client()
            try client.send(.hostStatus)
            #expect(await eventually { isCancelled.isWaitedFor })
        }
        #expect(await eventually { isEnded.withLock { $0 } })
    }

    @Test func descriptorsOverTheLimitEndTheConnectionAndLeakNothing() async throws {
        let host = try ScriptedHost()
        defer { host.end() }
        let (reading, writing) = try pipeEnds()
        let socket = try host.greetedSocket()
        for _ in 0..<2 {
            // Half a frame with forty descriptors each: never a whole request, and too many together.
            try sendRaw(socket.descriptor, [0x00], descriptors: Array(repeating: writing, count: 40))
        }
        #expect(readToEnd(socket.descriptor) != nil)
        close(socket.descriptor)
        close(writing)
        // The pipe ends only when every copy that the host received is closed.
        #expect(readToEnd(reading) == [])
        close(reading)
        try expectHealthy(host)
    }

    @Test func clientsOverTheLimitAreToldSo() throws {
        let host = try ScriptedHost(clientsMax: 4)
        defer { host.end() }
        let clients = try (0..<4).map { _ in try host.client() }
        #expect(failure { _ = try host.client() } == "host_busy")
        withExtendedLifetime(clients) {}
    }

    @Test func aThousandConnectionsAtOnceLeaveItServing() async throws {
        let host = try ScriptedHost(clientsMax: 256)
        defer { host.end() }
        // In a process of its own: Foundation's Process, which other tests use beside this one, reads past the end of
        // its list of descriptors when there are a thousand.
        let crowd = try Perl(
            """
            use Socket; my @all;
            for (1..1000) { socket(my $s, AF_UNIX, SOCK_STREAM, 0) or last; connect($s, sockaddr_un($ARGV[0])); push @all, $s }
            $| = 1; print scalar(@all), "\\n"; <STDIN>;
            """, host.path)
        #expect(Int(try crowd.line()) ?? 0 > 900)
        #expect(await eventually { host.server.clientCount == 256 })
        try crowd.end()
        #expect(await eventually { host.server.clientCount == 0 })
        try expectHealthy(host)
    }

    @Test(arguments: [(0, "older"), (2, "newer"), (Int.max, "newer"), (-1, "older")])
    func versionMismatchSaysWhichSideIsOlder(_ version: Int, _ word: String) throws {
        let host = try ScriptedHost()
        defer { host.end() }
        do {
            let hello = ControlHello(protocolVersion: version, version: "9.9")
            _ = try ControlClient.connect(path: host.path, hello: hello)
            Issue.record("version \(version) was accepted")
        } catch let error as CorralError {
            #expect(error.code == .controlVersionMismatch)
            #expect(error.message.contains("(9.9, control protocol \(version)) is \(word) than"))
            #expect(error.hint != nil)
        }
    }

    @Test func anotherUsersClientIsRefused() throws {
        guard geteuid() == 0 else { return }
        // Root is always served; so the client must be someone else, in a process of its own.
        let host = try ScriptedHost()
        defer { host.end() }
        chmod(host.folder.path(), 0o755)
        chmod(host.path, 0o666)
        let stranger = try Perl(
            """
            use Socket; $) = $( = 12345; $> = $< = 12345;
            socket(my $s, AF_UNIX, SOCK_STREAM, 0); connect($s, sockaddr_un($ARGV[0])) or die "connect: $!";
            my $answer = ""; while (sysread($s, $answer, 65536, length $answer)) {}
            print substr($answer, 16);
            """, host.path)
        let data = try stranger.rest()
        let refusal = try decodeControlMessage(ControlFailure.self, Array(data))
        #expect(refusal.error.code == .peerRefused)
        #expect(refusal.error.message.contains("user 12345"))
    }
}

/// A client that must be another process; perl-base is essential in Debian.
private struct Perl {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ script: String, _ argument: String) throws {
        process.executableURL = URL(filePath: "/usr/bin/perl")
        process.arguments = ["-e", script, argument]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    func line() throws -> String {
        var text = ""
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            text.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return text
    }

    func rest() throws -> Data {
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return data
    }

    func end() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

private func pipeEnds() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    return (ends[0], ends[1])
}

private func sendRaw(_ socket: Int32, _ bytes: [UInt8], descriptors: [Int32]) throws {
    // A frame's header announces more than follows, so that the host waits for the rest.
    let frame = Frame(.controlRequest, call: 1, payload: [UInt8](repeating: 0, count: 4096)).bytes
    let count = frame.withUnsafeBytes { buffer in
        corral_socket_send(socket, buffer.baseAddress, 64, nil, 0, descriptors, Int32(descriptors.count))
    }
    try #require(count == 64)
}
