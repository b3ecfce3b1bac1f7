// SPDX-License-Identifier: Apache-2.0
// NetworkTests: a plugin in C asks for the network, from corral.yaml to a server on loopback and back: what is granted
// works, what is not is denied, and the key that the request carried is nowhere the plugin or a reader could find it.

import Foundation
import Testing

/// Python's HTTP server, as the broker's own tests use it; it ends with this object.
private final class Peer {
    let port: UInt16
    private let process = Process()
    private let input = Pipe()

    init() throws {
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [
            Corral.repository.appending(path: "Tests/BrokerTests/Servers/http_peer.py").path()
        ]
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while let piece = try output.fileHandleForReading.read(upToCount: 1), piece.first != 0x0A, !piece.isEmpty {
            line += piece
        }
        port = try #require(UInt16(String(decoding: line, as: UTF8.self)))
    }

    /// Not SIGTERM: a child of a test's thread may have inherited it blocked.
    deinit { kill(process.processIdentifier, SIGKILL) }

    func count(_ name: String) throws -> Int {
        let script = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:\(port)/counts').read().decode())"
        let answer = try Corral.execute("/usr/bin/python3", ["-c", script])
        let counts = try JSONSerialization.jsonObject(with: Data(answer.standardOutput.utf8)) as? [String: Int] ?? [:]
        return counts[name] ?? 0
    }
}

@Suite(.serialized) struct NetworkTests {
    private static let key = "s3cr3t-" + UUID().uuidString.lowercased()

    private func project(_ peer: Peer, isGranted: Bool = true) throws -> Corral {
        let corral = try Corral()
        let output = try Corral.execute(
            "/usr/bin/env",
            [
                "cc", "-std=c11", "-D_GNU_SOURCE", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread",
                "-I\(Corral.repository.appending(path: "PluginSDK/include").path())", "-DPORT=\"\(peer.port)\"",
                "-o", corral.pluginFolder.appending(path: "http.so").path(),
                Corral.repository.appending(path: "Tests/BadPlugins/http.c").path(),
            ])
        guard output.status == 0 else { throw Corral.BuildFailure(text: output.standardError) }
        corral.environment["CORRAL_TEST_KEY"] = Self.key
        let grants = """
            grants:
              test/http:
                http:
                  - {host: 127.0.0.1, scheme: http, internal: true}

            """
        let secrets = "secrets:\n  KEY: {from: \"env:CORRAL_TEST_KEY\", hosts: [127.0.0.1]}\n"
        _ = try corral.write("corral.yaml", (isGranted ? grants : "") + secrets)
        return corral
    }

    private func request(_ peer: Peer, _ path: String, _ more: String = "") -> String {
        "request={\"url\":\"http://127.0.0.1:\(peer.port)\(path)\"\(more)}"
    }

    private var checked: String { "/check?backwards=" + String(Self.key.reversed()) }
    private let header = #","headers":[["Authorization","Bearer ${secret:KEY}"]]"#

    @Test func grantedRequestIsAnswered() throws {
        let peer = try Peer()
        let corral = try project(peer)
        let ran = try corral("run", "test/http", "--json", "--input", "act=ask", "--input", request(peer, "/hello"))
        #expect(ran.status == 0 && ran.standardOutput.contains("hello"), "\(ran)")
        let trace = try corral("runs", "show", "last", "--trace", "--json").standardOutput
        #expect(trace.contains("http.response.status_code") && !trace.contains("/hello\\\""), "\(trace)")
    }

    @Test func withoutAGrantNothingIsSent() throws {
        let peer = try Peer()
        let corral = try project(peer, isGranted: false)
        let ran = try corral("run", "test/http", "--json", "--input", "act=ask", "--input", request(peer, "/hello"))
        #expect(ran.status != 0, "\(ran)")
        #expect(try peer.count("hello") == 0)
    }

    @Test func eventsReachThePlugin() throws {
        let peer = try Peer()
        let corral = try project(peer)
        let ran = try corral(
            "run", "test/http", "--json", "--input", "act=stream", "--input",
            request(peer, "/sse?count=25", #","stream":true"#))
        #expect(ran.status == 0 && ran.standardOutput.contains("25"), "\(ran)")
    }

    /// The key goes to the server, and is in no worker's memory or environment, no file, no record, no log.
    @Test(.enabled(if: geteuid() == 0, "only root reads the memory of workers"))
    func secretIsNowhereButOnItsWay() throws {
        let peer = try Peer()
        let corral = try project(peer)
        let output = corral.project.appending(path: "held")
        let held = try corral.start(
            ["run", "test/http", "--input", "act=hold", "--input", request(peer, checked, header)], output: output)
        try eventually("the request has arrived") { try peer.count("check") == 1 }
        let workers = corral.workerProcesses.filter { Processes.name(of: $0).hasPrefix("corral-work") }
        #expect(!workers.isEmpty)
        try eventually("the answer is in the worker") {
            workers.contains { memory(of: $0, contains: #""body":"right""#) }
        }
        for worker in workers {
            #expect(!memory(of: worker, contains: Self.key), "worker \(worker) holds the key")
            #expect(!Processes.read("\(worker)/environ").contains(Self.key))
        }
        try eventually("the run ends") { try corral("runs", "cancel", "last").status == 0 }
        held.waitUntilExit()
        corral.stop()
        let found = try Corral.execute("/usr/bin/env", ["grep", "-rla", Self.key, corral.project.path()])
        #expect(found.standardOutput.isEmpty, "\(found)")
        #expect(
            try corral("runs", "show", "last", "--trace", "--json").standardOutput.contains("${secret:KEY}") == false)
    }

    @Test func serverGetsTheKey() throws {
        let peer = try Peer()
        let corral = try project(peer)
        let ran = try corral(
            "run", "test/http", "--json", "--input", "act=ask", "--input", request(peer, checked, header))
        #expect(ran.status == 0 && ran.standardOutput.contains("right"), "\(ran)")
        #expect(!ran.standardOutput.contains(Self.key) && !ran.standardError.contains(Self.key))
    }

    @Test(.enabled(if: geteuid() == 0, "only root reads the memory of workers"))
    func resumedRunIsAnsweredFromTheJournal() throws {
        let peer = try Peer()
        let corral = try project(peer)
        let output = corral.project.appending(path: "held")
        let held = try corral.start(
            ["run", "test/http", "--input", "act=hold", "--input", request(peer, "/hello")], output: output)
        try eventually("the request was answered") {
            try peer.count("hello") == 1
                && corral.workerProcesses.contains { worker in
                    Processes.name(of: worker).hasPrefix("corral-work")
                        && memory(of: worker, contains: #""body":"hello""#)
                }
        }
        kill(try #require(corral.hostProcess), SIGKILL)
        held.waitUntilExit()
        let resumed = try corral.start(["runs", "resume", "last"], output: corral.project.appending(path: "resumed"))
        try eventually("the plugin has its answer again") {
            corral.workerProcesses.contains { memory(of: $0, contains: #""body":"hello""#) }
        }
        #expect(try peer.count("hello") == 1)
        try eventually("the run ends") { try corral("runs", "cancel", "last").status == 0 }
        resumed.waitUntilExit()
    }

    /// Whether the writable memory of a process holds a text.
    private func memory(of process: Int32, contains text: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: "/proc/\(process)/mem") else { return false }
        defer { try? file.close() }
        let needle = Data(text.utf8)
        for line in Processes.read("\(process)/maps").split(separator: "\n") where line.contains(" rw") {
            let range = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard range.count == 2, (try? file.seek(toOffset: range[0])) != nil,
                let bytes = try? file.read(upToCount: Int(range[1] - range[0]))
            else { continue }
            if bytes.range(of: needle) != nil { return true }
        }
        return false
    }
}
