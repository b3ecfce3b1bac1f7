// SPDX-License-Identifier: Apache-2.0
// Peers: what the broker is tested against: Python's own HTTP server on loopback, with and without TLS, a proxy, and a
// whole network of its own. Nothing leaves the machine.

import CorralBase
import CorralBroker
import CorralSandbox
import CorralSupervision
import CorralWire
import Foundation
import Testing

/// The suites that start processes, one test after the other: each has a broker and servers, and times that are part of
/// what is claimed.
@Suite(.serialized) enum WithProcesses {}

let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
let servers = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Servers")
private let python = "/usr/bin/python3"

/// A server process; it ends with this object.
final class PythonPeer: Sendable {
    let port: UInt16
    private let child: Child
    /// The server reads from its other end, and ends when this one is closed: also when the test is killed.
    private let leash: Int32
    /// What it prints.
    private let output: Int32

    init(_ arguments: [String] = [], script: String = "http_peer.py") throws {
        var ends: [Int32] = [-1, -1]
        var leashes: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0 && pipe(&leashes) == 0)
        defer { for end in ends + leashes { close(end) } }
        child = try Child(
            [python, servers.appending(path: script).path()] + arguments,
            descriptors: [0: leashes[0], 1: ends[1]])
        close(ends[1])
        ends[1] = -1
        leash = leashes[1]
        leashes[1] = -1
        output = ends[0]
        ends[0] = -1
        port = try #require(UInt16(Self.line(from: output) ?? ""))
    }

    deinit {
        close(leash)
        child.end()
        close(output)
    }

    /// The next line that it prints; nil when there is none within ten seconds.
    func nextLine() -> String? { Self.line(from: output) }

    private static func line(from descriptor: Int32) -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&wait, 1, 10_000) == 1, read(descriptor, &byte, 1) == 1 {
            if byte == 0x0A { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return nil
    }

    /// How often each path was asked for, and what else happened there.
    func counts(_ client: BrokerClient) async throws -> [String: Int64] {
        let response = try await client.perform(get("/counts"), tenant: .acme)
        let members = try JSON(parsing: response.body).objectValue?.members ?? []
        return Dictionary(members.compactMap { pair in pair.value.intValue.map { (pair.key, $0) } }) { $1 }
    }

    func url(_ path: String, scheme: String = "http", host: String = "127.0.0.1") -> String {
        "\(scheme)://\(host):\(port)\(path)"
    }

    /// A request that is allowed to reach this server.
    func get(_ path: String, method: String = "GET", change: (inout BrokerRequest) -> Void = { _ in }) -> BrokerRequest
    {
        var request = makeRequest(url(path), method: method)
        request.rules = [NetworkRule(scheme: .http, host: "127.0.0.1", ports: [port], isInternal: true)]
        change(&request)
        return request
    }
}

extension TenantID {
    static let acme = TenantID.make("acme")

    static func make(_ text: String) -> TenantID {
        guard let id = try? TenantID(text) else { preconditionFailure("a test's tenant") }
        return id
    }
}

/// A request to an address that is right, without rules.
func makeRequest(_ url: String, method: String = "GET") -> BrokerRequest {
    guard let address = try? RequestAddress(url) else { preconditionFailure("a test's address: \(url)") }
    return BrokerRequest(method: method, url: url, origin: address.origin, rules: [])
}

/// The real broker behind a client, started by the real spawner.
struct BrokerHarness {
    let client: BrokerClient
    let spawner: Spawner
    let lane: Lane

    init(_ settings: NetworkSettings = NetworkSettings(), launcher: (any BrokerLauncher)? = nil) throws {
        spawner = Spawner(executable: products.appending(path: "corral-spawner").path())
        lane = try Lane(name: "broker")
        let launcher =
            launcher
            ?? SpawnerBrokerLauncher(spawner: spawner, executable: products.appending(path: "corral-broker").path())
        client = BrokerClient(lane: lane, launcher: launcher, settings: settings) { _ in }
    }

    func end() async {
        await client.shutDown()
        spawner.stop()
        lane.stop()
    }
}

/// Runs a test with a broker, and ends it whatever happens.
func withBroker(
    _ settings: NetworkSettings = NetworkSettings(), launcher: (any BrokerLauncher)? = nil,
    _ body: (BrokerClient) async throws -> Void
) async throws {
    let harness = try BrokerHarness(settings, launcher: launcher)
    do {
        try await body(harness.client)
        await harness.end()
    } catch {
        await harness.end()
        throw error
    }
}

/// What a request fails with; a success is an issue.
func failure(
    _ client: BrokerClient, _ request: BrokerRequest, sourceLocation: Testing.SourceLocation = #_sourceLocation
) async -> CorralError? {
    do throws(CorralError) {
        let response = try await client.perform(request, tenant: .acme)
        Issue.record("it succeeded with status \(response.head.status)", sourceLocation: sourceLocation)
        return nil
    } catch { return error }
}

/// Waits until something is so, at most ten seconds.
func eventually(
    _ what: String, sourceLocation: Testing.SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if try await isSo() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("not within 10 seconds: \(what)", sourceLocation: sourceLocation)
}

/// Starts the broker in a network namespace of its own, where loopback has public addresses and names lie.
final class PrivateNetworkLauncher: BrokerLauncher {
    /// Nil where this machine gives no such namespace to this user.
    static let reason: String? = {
        let words = ["/usr/bin/unshare", "--user", "--map-root-user", "--net", "--mount"]
        guard let probe = try? Child(words + ["ip", "link", "set", "lo", "up"]), probe.wait() == 0 else {
            return "this machine gives this user no network namespace"
        }
        return nil
    }()

    /// A name whose first answer was given to somebody before.
    private let asked: String?

    init(forgetting asked: String? = nil) { self.asked = asked }

    func launch(
        socket: Int32, output: Int32, onExit: @escaping @Sendable (WorkerExit) -> Void
    ) async throws(CorralError) -> LaunchedWorker {
        let words =
            [
                "/usr/bin/unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child",
                python,
                servers.appending(path: "private_network.py").path(), products.appending(path: "corral-broker").path(),
            ] + (asked.map { [$0] } ?? [])
        let child: Child
        do throws(Child.Failure) { child = try Child(words, descriptors: [3: socket]) } catch {
            throw .socketFailed("start", error.text)
        }
        Thread.detachNewThread { onExit(WorkerExit(status: .exited(child.wait() >> 8))) }
        return LaunchedWorker(pid: child.pid, level: "test") { kill(child.pid, SIGKILL) }
    }
}
