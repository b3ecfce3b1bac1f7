// SPDX-License-Identifier: Apache-2.0
// HeldServiceTests: host services that keep something open for a call: connections and programs, and secrets, over a real
// store with what stands behind them scripted.

import CorralBase
import CorralPipeline
import CorralServices
import CorralStore
import CorralWire
import Foundation
import Glibc
import Synchronization
import Testing

/// Connects to a socket of the test's own.
private final class LoopbackConnector: Connector {
    let asked = Mutex<[Endpoint]>([])

    func connect(
        _ endpoint: Endpoint, timeout: Duration, tenant: TenantID
    ) async throws(CorralError) -> OwnedDescriptor {
        asked.withLock { $0.append(endpoint) }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = endpoint.port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw .socketFailed("connect", errorText(errno)) }
        return OwnedDescriptor(descriptor)
    }
}

/// A listening socket.
private final class Listener {
    let descriptor: Int32
    let port: UInt16

    init() {
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptor = listening
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listening, $0, size)
                _ = getsockname(listening, $0, &size)
            }
        }
        listen(descriptor, 4)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    func accept() -> OwnedDescriptor { OwnedDescriptor(Glibc.accept(descriptor, nil, nil)) }
}

private struct Vault: SecretSource {
    func value(_ name: String, for tenant: TenantID) throws(CorralError) -> String { "s3cret-value-of-\(name)" }
}

/// "Programs" that end when they are killed.
private final class ScriptedPrograms: ProgramLauncher {
    let launched = Mutex<[(arguments: [String], kills: Int)]>([])

    func launch(
        _ program: Program, arguments: [String], ends: ProgramEnds, tenant: TenantID,
        onExit: @escaping @Sendable (ProgramExit) -> Void
    ) async throws(CorralError) -> @Sendable () -> Void {
        let index = launched.withLock { launched in
            launched.append((arguments, 0))
            return launched.count - 1
        }
        return { [self] in
            launched.withLock { $0[index].kills += 1 }
            onExit(ProgramExit(status: .signaled(9), cpuNanoseconds: 7))
        }
    }
}

@Suite struct HeldServiceTests {
    private let worker = WorkerKey(tenant: .standard, compartment: CompartmentID("shared"), generation: 1)

    private func parent(_ bench: Bench) async throws -> Call {
        let call = try bench.call()
        await bench.services.register(LiveCall(call: call))
        return call
    }

    private func ask(
        _ bench: Bench, _ call: UInt64, _ service: String, _ method: String, _ body: String, _ grants: Grants
    ) async -> ServiceAnswer {
        let request = ServiceRequest(
            call: call, service: "corral.host.\(service)/1", method: method, body: Array(body.utf8), grants: grants)
        return await bench.services.receive(request, from: worker, emit: noEvents)
    }

    // MARK: connect

    @Test func aConnectionEndsWithItsCallAndIsCountedInTheJournal() async throws {
        let listener = Listener()
        let connector = LoopbackConnector()
        let bench = try await Bench(services: [ConnectService(connector: connector)])
        let parent = try await parent(bench)
        let endpoint = Endpoint(host: "127.0.0.1", port: listener.port, isInternal: true)
        let answer = await ask(
            bench, parent.id, "connect", "open", "{\"to\":\"\(endpoint)\"}", Grants(connect: [endpoint]))
        guard case .success(_, let descriptors) = answer, let given = descriptors.first else {
            Issue.record("\(answer)")
            return
        }
        #expect(connector.asked.withLock { $0 } == [endpoint])
        let peer = listener.accept()
        #expect(write(given.number, "hello", 5) == 5)
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(read(peer.number, &buffer, 16) == 5)
        #expect(write(peer.number, "hi", 2) == 2)
        #expect(read(given.number, &buffer, 16) == 2)
        // The plugin still holds the descriptor when its call is over.
        await bench.services.unregister(parent.id)
        #expect(read(given.number, &buffer, 16) == 0)
        #expect(read(peer.number, &buffer, 16) == 0)
        try await bench.journal.append([], .sync)

        let results = try await bench.events().compactMap { event in
            if case .effectResult(let key, _, .succeeded(let bytes)) = event {
                (key.service, String(decoding: bytes, as: UTF8.self))
            } else {
                nil
            }
        }
        #expect(results.map(\.0) == ["corral.host.connect/1"])
        #expect(results.first?.1 == #"{"sent":5,"received":2}"#)
        let span = try #require(try await bench.spans().first { $0.kind == "connect" })
        #expect(span.attributes["corral.opaque"] == true && span.attributes["corral.sent.bytes"] == 5)
        #expect(span.attributes["corral.caller"] == "acme/a" && span.status == "ok")
    }

    @Test func whatIsNotGrantedIsDeniedTracedAndNotTried() async throws {
        let connector = LoopbackConnector()
        let programs = ScriptedPrograms()
        let bench = try await Bench(services: [
            ConnectService(connector: connector), SecretService(secrets: Vault()),
            ProcessService(programs: ["cat": Program(path: "/bin/cat")], launcher: programs),
        ])
        let parent = try await parent(bench)
        let granted = Grants(
            connect: [Endpoint(host: "redis", port: 6379)], process: ["other"], secrets: ["OTHER_SECRET"])
        for (service, method, body, words) in [
            ("connect", "open", #"{"to":"redis:6380"}"#, "redis:6379"),
            ("secret", "reveal", #"{"name":"KEY"}"#, "OTHER_SECRET"),
            ("process", "run", #"{"program":"cat"}"#, "other"), ("process", "start", #"{"program":"cat"}"#, "other"),
        ] {
            guard case .failure(.denied, let error) = await ask(bench, parent.id, service, method, body, granted) else {
                Issue.record("\(service) allowed")
                continue
            }
            #expect(error.code == .notGranted)
            #expect(error.message.contains("acme/a") && error.message.contains(words), "\(error)")
            #expect(error.hint?.contains("grants: {acme/a: {") == true && error.hint?.contains("plugin show") == true)
        }
        await bench.services.unregister(parent.id)
        #expect(connector.asked.withLock { $0 }.isEmpty && programs.launched.withLock { $0.isEmpty })
        let spans = try await bench.spans().filter { $0.status == "error" }
        #expect(spans.map(\.kind).sorted() == ["connect", "process", "process", "secret"])
        #expect(spans.allSatisfy { $0.attributes["error.type"] == "not_granted" })
        let intents = try await bench.events().filter { if case .effectIntent = $0 { true } else { false } }
        #expect(intents.isEmpty)
        let usage = try await bench.tracer.usage(by: try PluginID("acme/a"))
        #expect(usage.reduce(0) { $0 + $1.refused } == 4 && usage.allSatisfy { $0.used == 0 })
    }

    @Test(arguments: [
        ("connect", "open", "{}"), ("connect", "open", #"{"to":"nowhere"}"#), ("secret", "reveal", #"{"name":"../x"}"#),
        ("process", "run", #"{"program":"/bin/sh"}"#), ("process", "start", #"{"program":"cat","arguments":[1]}"#),
        ("process", "wait", #"{"process":99}"#), ("process", "fly", "{}"),
    ])
    func unusableRequestsAreInvalid(_ service: String, _ method: String, _ body: String) async throws {
        let bench = try await Bench(services: [
            ConnectService(connector: LoopbackConnector()), SecretService(secrets: Vault()),
            ProcessService(programs: [:], launcher: ScriptedPrograms()),
        ])
        let parent = try await parent(bench)
        guard case .failure(.invalid, _) = await ask(bench, parent.id, service, method, body, Grants()) else {
            Issue.record("accepted")
            return
        }
    }

    // MARK: secret

    @Test func aSecretReachesThePluginAndNeitherJournalNorSpans() async throws {
        let bench = try await Bench(services: [SecretService(secrets: Vault())])
        let parent = try await parent(bench)
        let answer = await ask(bench, parent.id, "secret", "reveal", #"{"name":"KEY"}"#, Grants(secrets: ["KEY"]))
        guard case .success(let bytes, _) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "s3cret-value-of-KEY")
        await bench.services.unregister(parent.id)
        try await bench.journal.append([], .sync)
        #expect(!"\(try await bench.events())".contains("s3cret-value"))
        #expect(!"\(try await bench.spans())".contains("s3cret-value"))
        for file in try FileManager.default.subpathsOfDirectory(atPath: bench.folder) {
            let content = FileManager.default.contents(atPath: "\(bench.folder)/\(file)") ?? Data()
            #expect(content.range(of: Data("s3cret-value".utf8)) == nil, "\(file)")
        }
        // What was asked and that it was answered is there.
        let results = try await bench.events().filter {
            if case .effectResult(let key, _, _) = $0 { key.service == "corral.host.secret/1" } else { false }
        }
        #expect(results.count == 1)
    }

    // MARK: process

    @Test func aProgramIsEndedWithItsCall() async throws {
        let programs = ScriptedPrograms()
        let program = Program(path: "/bin/cat", arguments: ["-u"])
        let bench = try await Bench(services: [ProcessService(programs: ["cat": program], launcher: programs)])
        let parent = try await parent(bench)
        let other = try await self.parent(bench)
        let grants = Grants(process: ["cat"])
        let answer = await ask(
            bench, parent.id, "process", "start", #"{"program":"cat","arguments":["x"]}"#, grants)
        guard case .success(let bytes, let descriptors) = answer, let json = try? JSON(parsing: bytes),
            let number = json["process"]?.intValue
        else {
            Issue.record("\(answer)")
            return
        }
        #expect(descriptors.count == 3)
        #expect(programs.launched.withLock { $0.map(\.arguments) } == [["-u", "x"]])
        // A neighbour's call cannot touch it.
        for method in ["wait", "stop"] {
            guard
                case .failure(.invalid, let error) = await ask(
                    bench, other.id, "process", method, "{\"process\":\(number)}", grants)
            else {
                Issue.record("\(method) of another call's program")
                continue
            }
            #expect(error.code == .processUnknown)
        }
        await bench.services.unregister(parent.id)
        #expect(programs.launched.withLock { $0.map(\.kills) } == [1])
        let span = try #require(try await bench.spans().first { $0.kind == "process" && $0.status == "ok" })
        #expect(span.attributes["corral.opaque"] == true)
        #expect(span.attributes["corral.program.ended_by"] == "call_over")
        #expect(span.attributes["corral.program.cpu_ns"] == 7)
    }

    @Test func aProgramIsEndedAtItsDeadlineAndSaysSo() async throws {
        let programs = ScriptedPrograms()
        let bench = try await Bench(services: [
            ProcessService(programs: ["cat": Program(path: "/bin/cat")], launcher: programs)
        ])
        let parent = try await parent(bench)
        let body = #"{"program":"cat","timeout_ms":5}"#
        let answer = await ask(bench, parent.id, "process", "run", body, Grants(process: ["cat"]))
        guard case .success(let bytes, _) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"signal":9,"reason":"deadline","output":"","errors":""}"#)
        // An equal request of the same lineage is answered from the journal.
        try await bench.journal.append([], .sync)
        await bench.services.unregister(parent.id)
        let again = try await self.parent(bench)
        _ = await ask(bench, again.id, "process", "run", body, Grants(process: ["cat"]))
        #expect(programs.launched.withLock { $0.count } == 1)
    }

    @Test func aCallThatIsOverStartsNothing() async throws {
        let programs = ScriptedPrograms()
        let bench = try await Bench(services: [
            ProcessService(programs: ["cat": Program(path: "/bin/cat")], launcher: programs)
        ])
        let call = try bench.call()
        let life = LiveCall(call: call)
        await bench.services.register(life)
        await bench.services.unregister(call.id)
        #expect(throws: CorralError.self) { try life.life.hold {} }
    }
}
