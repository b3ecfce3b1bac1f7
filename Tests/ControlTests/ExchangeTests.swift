// SPDX-License-Identifier: Apache-2.0
// ExchangeTests: a client and a server over a real socket, both well-behaved.

import CorralBase
import CorralControl
import CorralControlServer
import CorralWire
import Foundation
import Glibc
import Synchronization
import Testing

@Suite(.onOwnThread) struct ExchangeTests {
    @Test func bringsEventsBeforeTheReplyInOrder() throws {
        let host = try ScriptedHost { _, _, _, events in
            for number in 0..<500 {
                events.send(RunEvent(at: Int64(number), .stepQueued(StepReference("s", item: number))))
            }
            return .runStarted(someRun)
        }
        defer { host.end() }
        var times: [Int64] = []
        let reply = try host.client().perform(.hostStatus) { times.append($0.at) }
        #expect(reply == .runStarted(someRun))
        #expect(times == Array(0..<500))
    }

    @Test func carriesErrorsAsTheyAre() throws {
        let error = CorralError(
            ErrorCode(299, "of_a_test"), "no \"x\"", hint: "try `y`", cause: "because", isRetryable: true)
        let host = try ScriptedHost { _, _, _, _ in throw error }
        defer { host.end() }
        #expect(throws: error) { try host.client().perform(.hostStop) }
    }

    @Test func carriesDiagnosticsWithTheirPlaces() throws {
        let finding = Diagnostic(
            .error, ErrorCode(299, "of_a_test"), "unknown", at: SourceLocation(file: "flow.yaml", line: 3, column: 5),
            suggestion: "did you mean \"x\"?")
        let host = try ScriptedHost { _, _, _, _ in throw DiagnosticsError([finding]) }
        defer { host.end() }
        do {
            _ = try host.client().perform(.hostStatus)
            Issue.record("nothing was thrown")
        } catch let error as DiagnosticsError {
            #expect(error.diagnostics == [finding])
        }
    }

    @Test func answersManyRequestsOnOneConnection() throws {
        let host = try ScriptedHost()
        defer { host.end() }
        let client = try host.client()
        for _ in 0..<200 { #expect(try client.perform(.hostStatus) == .done("host.status")) }
    }

    @Test func passesFilesToTheHandler() throws {
        let host = try ScriptedHost { _, descriptors, _, _ in
            .done(descriptors.map(contents).joined(separator: "|"))
        }
        defer { host.end() }
        let files = try (1...3).map { try temporaryFile("content \($0)") }
        defer { for file in files { close(file) } }
        let request = ControlRequest.startRun(StartRunRequest(target: .flow(file: "f.yaml", text: "flow: f")))
        let reply = try host.client().perform(request, descriptors: files)
        #expect(reply == .done("content 1|content 2|content 3"))
    }

    @Test func closesTheHandlersFilesAfterwards() throws {
        let host = try ScriptedHost()
        defer { host.end() }
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let client = try host.client()
        _ = try client.perform(.hostStatus, descriptors: [ends[1], ends[1]])
        close(ends[1])
        // The pipe ends when nobody holds its other side any more.
        #expect(readToEnd(ends[0]) == [])
        close(ends[0])
        withExtendedLifetime(client) {}
    }

    @Test func passesAnArtifactBackToTheClient() throws {
        let description = ArtifactDescription(
            sha256: String(repeating: "a", count: 64), name: "report.html", mediaType: "text/html", bytes: 6)
        let host = try ScriptedHost { _, _, _, _ in .artifact(description, descriptor: try temporaryFile("<html>")) }
        defer { host.end() }
        let reply = try host.client().perform(.artifactOpen(ArtifactOpenRequest(sha256: description.sha256)))
        guard case .artifact(description, let descriptor) = reply else {
            Issue.record("\(reply)")
            return
        }
        #expect(contents(of: descriptor) == "<html>")
        close(descriptor)
    }

    @Test func tellsTheHandlerWhoAsks() throws {
        let host = try ScriptedHost { _, _, client, _ in .done("\(client.role) \(client.pid) \(client.uid)") }
        defer { host.end() }
        #expect(try host.client().perform(.hostStatus) == .done("operator \(getpid()) \(geteuid())"))
    }

    @Test func carriesARepliesOfManyMebibytes() throws {
        let text = String(repeating: "corral ", count: 3 << 20)
        let host = try ScriptedHost { _, _, _, _ in
            .runFinished(RunEnd(run: someRun, state: .succeeded, startedAt: 1, finishedAt: 2, output: .string(text)))
        }
        defer { host.end() }
        guard case .runFinished(let end) = try host.client().perform(.hostStatus) else { return }
        #expect(end.output?.value.stringValue == text)
    }

    @Test func listensOnlyForTheOwner() throws {
        let host = try ScriptedHost()
        defer { host.end() }
        let attributes = try FileManager.default.attributesOfItem(atPath: host.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func servesAPathLongerThanASocketAddress() throws {
        let host = try ScriptedHost(folder: "corral-" + String(repeating: "long-", count: 30))
        defer { host.end() }
        #expect(host.path.utf8.count > SocketAddress.pathBytesMax)
        #expect(try host.client().perform(.hostStatus) == .done("host.status"))
    }

    @Test func replacesTheSocketOfAHostThatDied() throws {
        let host = try ScriptedHost()
        defer { host.end() }
        let second = try ControlServer(path: host.path, handler: AnswerSecond())
        defer { second.stop() }
        #expect(try host.client().perform(.hostStatus) == .done("second"))
    }

    @Test func doesNotReplaceAFileThatIsNoSocket() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "corral-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "control.sock").path()
        try "precious".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(failure { _ = try ControlServer(path: path, handler: AnswerSecond()) } == "control_socket_failed")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test func stopLetsARequestUnderWayEndAndRemovesTheSocket() async throws {
        let gate = Gate()
        var patience = ControlPatience()
        patience.stopping = .seconds(60)
        let host = try ScriptedHost(patience: patience) { _, _, _, _ in
            await gate.wait()
            return .done("late")
        }
        let client = try host.client()
        try client.send(.hostStop)
        #expect(await eventually { gate.isWaitedFor })
        let stopping = Thread { host.end() }
        stopping.start()
        #expect(await eventually { access(host.path, F_OK) != 0 })
        #expect(failure { _ = try host.client() } == "host_unreachable")
        gate.open()
        guard case .reply(.done("late")) = try client.next() else {
            Issue.record("no reply")
            return
        }
        #expect(failure { _ = try client.next() } == "host_gone")
    }

    @Test func saysThatNobodyListens() {
        #expect(failure { _ = try ControlClient.connect(path: "/nonexistent/control.sock") } == "host_unreachable")
    }
}

private struct AnswerSecond: ControlHandler {
    func handle(
        _ request: ControlRequest, descriptors: [Int32], client: ClientIdentity, events: EventSink
    ) async throws -> ControlReply { .done("second") }
}

/// A door that opens once.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var isWaitedFor: Bool { state.withLock { !$0.waiting.isEmpty } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// A descriptor of an unlinked file with this content.
func temporaryFile(_ content: String) throws -> Int32 {
    let path = FileManager.default.temporaryDirectory.appending(path: "corral-\(UUID().uuidString)").path()
    try content.write(toFile: path, atomically: false, encoding: .utf8)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    unlink(path)
    try #require(descriptor >= 0)
    return descriptor
}

@Sendable func contents(of descriptor: Int32) -> String {
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    return String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
}
