// SPDX-License-Identifier: Apache-2.0
// SpawnerProcessTests: corral-spawner itself, spoken to in raw packets, as a broken or busy host would.

import CSpawnerProtocol
import CorralBase
import CorralSocket
import Foundation
import Testing

@testable import CorralSandbox

/// The bare process on one end of a packet socket.
private final class BareSpawner {
    let socket: Int32
    let pid: pid_t

    init() throws {
        var pair: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &pair) == 0)
        let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pair[1], 3)
        var child = pid_t()
        let path = products.appendingPathComponent("corral-spawner").path
        let status = path.withCString { path in
            var arguments: [UnsafeMutablePointer<CChar>?] = [UnsafeMutablePointer(mutating: path), nil]
            var environment: [UnsafeMutablePointer<CChar>?] = [nil]
            return posix_spawn(&child, path, &actions, nil, &arguments, &environment)
        }
        #expect(status == 0)
        close(pair[1])
        (socket, pid) = (pair[0], child)
    }

    /// False when the socket has no room.
    func send(_ bytes: [UInt8], _ descriptors: [Int32] = []) -> Bool {
        corral_socket_send(socket, bytes, bytes.count, nil, 0, descriptors, Int32(descriptors.count)) == bytes.count
    }

    /// Nil when there is none; waits up to `seconds`.
    func reply(seconds: Int = 0) -> corral_spawner_reply? {
        var patience = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = recv(socket, &bytes, bytes.count, seconds == 0 ? Int32(MSG_DONTWAIT) : 0)
        return count > 0 ? bytes.prefix(count).withUnsafeBytes { SpawnerPacket.reply($0) } : nil
    }

    /// Lets go and returns the wait status.
    func end() -> Int32 {
        close(socket)
        var status: Int32 = -1
        #expect(waitpid(pid, &status, 0) == pid)
        return status
    }
}

private func bareSpec(_ executable: String, _ arguments: String...) -> LaunchSpec {
    LaunchSpec(
        profile: .worker, executable: executable, arguments: arguments, environment: [],
        descriptors: GivenDescriptor.worker(socket: 0, output: 0, crash: 0))
}

@Suite struct SpawnerProcessTests {
    @Test func survivesGarbageRequests() throws {
        let spawner = try BareSpawner()
        var random = SeededGenerator(seed: 331)
        for _ in 0..<2000 {
            var request = corral_spawner_request()
            request.version = CORRAL_SPAWNER_VERSION
            request.kind = UInt32.random(in: 0...3, using: &random)
            request.id = UInt64.random(in: 0...5, using: &random)
            request.profile = UInt32.random(in: 0...4, using: &random)
            request.level = UInt32.random(in: 0...4, using: &random)
            request.folder_count = UInt32.random(in: 0...3, using: &random)
            request.cgroup_count = UInt32.random(in: 0...2, using: &random)
            request.limit_count = UInt32.random(in: 0...20, using: &random)
            request.argument_count = UInt32.random(in: 0...1100, using: &random)
            request.environment_count = UInt32.random(in: 0...3, using: &random)
            request.descriptor_count = UInt32.random(in: 0...20, using: &random)
            var bytes = withUnsafeBytes(of: request) { Array($0) }
            bytes += (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt8.random(in: 0...3, using: &random) }
            bytes = Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &random)))
            let descriptors = [Int32](repeating: 0, count: Int.random(in: 0...18, using: &random))
            #expect(spawner.send(bytes, descriptors))
            while let reply = spawner.reply() { #expect(reply.kind == CORRAL_SPAWNER_FAILED) }
        }
        #expect(spawner.end() == 0)
    }

    @Test func keepsEveryReportForAHostThatDoesNotRead() throws {
        let spawner = try BareSpawner()
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(spawner.socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let spec = bareSpec("/bin/true")
        var requested: Set<UInt64> = []
        // Until neither direction has room.
        for number in 1...UInt64(1000) {
            guard
                spawner.send(try SpawnerPacket.launch(spec, id: LaunchID(number: number), level: .basic), [0, 0, 0, 0])
            else {
                break
            }
            requested.insert(number)
        }
        #expect(requested.count > 100)
        var launched: Set<UInt64> = []
        var ended: Set<UInt64> = []
        while ended.count < requested.count, let reply = spawner.reply(seconds: 20) {
            if reply.kind == CORRAL_SPAWNER_LAUNCHED { #expect(launched.insert(reply.id).inserted) }
            if reply.kind == CORRAL_SPAWNER_EXITED {
                #expect(launched.contains(reply.id))
                #expect(ended.insert(reply.id).inserted)
            }
        }
        #expect(launched == requested && ended == requested)
        #expect(spawner.end() == 0)
    }

    @Test func refusesAnIDThatIsInUse() throws {
        let spawner = try BareSpawner()
        let spec = bareSpec("/bin/sleep", "1000")
        let packet = try SpawnerPacket.launch(spec, id: LaunchID(number: 1), level: .basic)
        #expect(spawner.send(packet, [0, 0, 0, 0]))
        #expect(spawner.reply(seconds: 20)?.kind == CORRAL_SPAWNER_LAUNCHED)
        #expect(spawner.send(packet, [0, 0, 0, 0]))
        let refusal = spawner.reply(seconds: 20)
        #expect(refusal?.kind == CORRAL_SPAWNER_FAILED && refusal?.step == CORRAL_SPAWNER_STEP_REQUEST)
        #expect(spawner.end() == 0)
    }
}
