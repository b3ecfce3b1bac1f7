// SPDX-License-Identifier: Apache-2.0
// RedisTests: a real Redis server used by a plugin whose worker has no `socket()`, with a password that only it sees.

import Foundation
import Testing

/// A redis-server of this test's, on a loopback port, with a password.
private final class Redis {
    let port: UInt16
    private let process = Process()

    init(password: String, folder: URL) throws {
        port = try Redis.freePort()
        let configuration = folder.appending(path: "redis.conf")
        // In a file, not an argument: arguments are anyone's to read.
        try """
        bind 127.0.0.1
        port \(port)
        requirepass \(password)
        save ""
        appendonly no
        dir \(folder.path())
        """.write(to: configuration, atomically: true, encoding: .utf8)
        process.executableURL = URL(filePath: "/usr/bin/redis-server")
        process.arguments = [configuration.path()]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let port = port
        try eventually("redis listens") { Redis.canConnect(port) }
        try FileManager.default.removeItem(at: configuration)
    }

    deinit {
        // Not SIGTERM: a child of a test's thread may have inherited it blocked.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var place = address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        try #require(result == 0)
        return UInt16(bigEndian: place.sin_port)
    }

    private static func canConnect(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var place = address(port)
        return withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

@Suite(.serialized)
struct RedisTests {
    /// Long and random, so that a hit anywhere is the secret and nothing else.
    private let password = "pw" + UUID().uuidString.replacing("-", with: "")

    private func home(_ port: UInt16, grants: String) throws -> Corral {
        let corral = try Corral()
        corral.environment["CORRAL_TEST_PASSWORD"] = password
        _ = try corral.write(
            "corral.yaml",
            """
            secrets:
              REDIS_PASSWORD: {from: "env:CORRAL_TEST_PASSWORD", hosts: ["127.0.0.1"]}
            grants:
              \(grants)

            """)
        return corral
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/redis-server")))
    func aWorkerWithoutSocketsSpeaksToARealRedis() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "corral-redis-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let redis = try Redis(password: password, folder: folder)
        let corral = try home(
            redis.port, grants: "test/services: {connect: [\"127.0.0.1:\(redis.port)\"], secrets: [REDIS_PASSWORD]}")
        try ServicesPlugin.install(in: corral, port: redis.port)
        try ServicesPlugin.install(in: corral, port: redis.port, name: "bystander")

        let said = try corral.act(
            "act=redis", "to=127.0.0.1:\(redis.port)", "secret=REDIS_PASSWORD", "value=a value")
        #expect(said.status == 0, "\(said)")
        let output = try #require(try said.json()["output"] as? [String], "\(said)")
        #expect(output == ["+OK", "+PONG", "+OK", "a value"])
        let run = try corral("runs", "show", "last", "--trace", "--json")
        #expect(run.standardOutput.contains("\"corral.received.bytes\""), "\(run)")
        let steps = try run.json()["steps"] as? [[String: Any]] ?? []
        #expect(steps.contains { $0["opaque"] as? [String] == ["connect"] }, "\(run)")

        // The same plugin under another name was granted nothing.
        let refused = try corral.act("act=connect", "to=127.0.0.1:\(redis.port)", name: "bystander")
        #expect(refused.status != 0, "\(refused)")
        try onlyTheWorkerThatWasToldHoldsTheSecret(corral)
    }

    private func onlyTheWorkerThatWasToldHoldsTheSecret(_ corral: Corral) throws {
        #expect(try corral.act("act=secret", "secret=REDIS_PASSWORD").status == 0)
        #expect(try corral.act("act=offered", name: "bystander").status == 0)
        let host = try #require(corral.hostProcess)
        let workers = Processes.descendants(of: host).filter { Processes.name(of: $0).hasPrefix("corral-worker") }
        let told = try #require(
            try corral("plugin", "show", "test/services", "--json").json()["compartment"] as? String)
        var inMemory: [String] = []
        for worker in workers {
            let label = Processes.read("\(worker)/cmdline")
            #expect(!Processes.read("\(worker)/environ").contains(password))
            if getuid() == 0, try Processes.memory(of: worker, contains: password) { inMemory.append(label) }
        }
        #expect(workers.count >= 2)
        // The control: where it was revealed it is found, so looking works.
        if getuid() == 0 {
            #expect(!inMemory.isEmpty && inMemory.allSatisfy { $0.contains("·\(told)·") }, "\(inMemory)")
        }
        for process in Processes.descendants(of: host) where Processes.name(of: process).hasPrefix("corral-spawn") {
            #expect(!Processes.read("\(process)/environ").contains(password))
        }
        let shown =
            try corral("runs", "list", "--json").standardOutput
            + corral("runs", "show", "last", "--trace", "--json").standardOutput
        #expect(!shown.contains(password))
        try corral("host", "stop")
        // Journal, spans, payloads, host log: everything that a run leaves behind.
        for file in try FileManager.default.subpathsOfDirectory(atPath: corral.project.path()) {
            guard let content = FileManager.default.contents(atPath: corral.project.appending(path: file).path()) else {
                continue
            }
            #expect(content.range(of: Data(password.utf8)) == nil, "\(file)")
        }
    }
}

extension Processes {
    /// Whether a text stands anywhere in the memory that a process can write. Root only. In Python, whose search is fast.
    static func memory(of process: Int32, contains text: String) throws -> Bool {
        let script = """
            import sys
            found = False
            memory = open(f"/proc/{sys.argv[1]}/mem", "rb", 0)
            for line in open(f"/proc/{sys.argv[1]}/maps"):
                words = line.split()
                if not words[1].startswith("rw"): continue
                start, end = (int(part, 16) for part in words[0].split("-"))
                try:
                    memory.seek(start)
                    found = found or sys.argv[2].encode() in memory.read(end - start)
                except (OSError, ValueError, OverflowError): pass
            print("found" if found else "absent")
            """
        let output = try Corral.execute("/usr/bin/env", ["python3", "-c", script, "\(process)", text])
        guard output.status == 0 else { throw Corral.BuildFailure(text: output.standardError) }
        return output.standardOutput.hasPrefix("found")
    }
}
