// SPDX-License-Identifier: Apache-2.0
// SpawnerPacket: the host's requests as bytes, and the spawner's replies from bytes.

import CSpawnerProtocol
import CorralBase
import Glibc

enum SpawnerPacket {
    /// - Throws: `launch_invalid` for a relative path, a text with a NUL inside, or more than a packet holds.
    static func launch(_ spec: LaunchSpec, id: LaunchID) throws(CorralError) -> [UInt8] {
        let texts = [spec.executable] + spec.arguments + spec.environment
        guard spec.executable.utf8.first == UInt8(ascii: "/") else {
            throw .launchInvalid(spec.executable, "the path is not absolute")
        }
        guard texts.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw .launchInvalid(spec.executable, "a text has a NUL character inside")
        }
        var request = try header(spec)
        request.id = id.number
        var packet = withUnsafeBytes(of: request) { Array($0) }
        for text in texts { packet += Array(text.utf8) + [0] }
        guard texts.count <= Int(CORRAL_SPAWNER_TEXTS_MAX), packet.count <= Int(CORRAL_SPAWNER_REQUEST_BYTES_MAX) else {
            throw .launchInvalid(
                spec.executable, "\(packet.count) bytes of path, arguments and environment are too many")
        }
        return packet
    }

    private static func header(_ spec: LaunchSpec) throws(CorralError) -> corral_spawner_request {
        let limits = spec.policy.limits.entries
        let numbers = spec.descriptors.map(\.number)
        guard numbers.count <= Int(CORRAL_SPAWNER_DESCRIPTORS_MAX), Set(numbers).count == numbers.count,
            numbers.allSatisfy({ (0..<Int32(CORRAL_SPAWNER_DESCRIPTORS_MAX)).contains($0) })
        else { throw .launchInvalid(spec.executable, "the numbers of its descriptors are \(numbers)") }
        var request = corral_spawner_request()
        request.version = CORRAL_SPAWNER_VERSION
        request.kind = CORRAL_SPAWNER_LAUNCH
        request.limit_count = UInt32(limits.count)
        request.argument_count = UInt32(spec.arguments.count)
        request.environment_count = UInt32(spec.environment.count)
        request.descriptor_count = UInt32(numbers.count)
        withUnsafeMutableBytes(of: &request.limits) { bytes in
            limits.withUnsafeBytes { bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(bytes.count))) }
        }
        withUnsafeMutableBytes(of: &request.numbers) { bytes in
            for (index, number) in numbers.enumerated() { bytes[index] = UInt8(number) }
        }
        return request
    }

    static func kill(_ id: LaunchID) -> [UInt8] {
        var request = corral_spawner_request()
        request.version = CORRAL_SPAWNER_VERSION
        request.kind = CORRAL_SPAWNER_KILL
        request.id = id.number
        return withUnsafeBytes(of: request) { Array($0) }
    }

    /// Nil for a packet of another size or version.
    static func reply(_ bytes: UnsafeRawBufferPointer) -> corral_spawner_reply? {
        guard bytes.count == MemoryLayout<corral_spawner_reply>.size else { return nil }
        let reply = bytes.loadUnaligned(as: corral_spawner_reply.self)
        return reply.version == CORRAL_SPAWNER_VERSION ? reply : nil
    }
}

extension ExitReport {
    init(_ reply: corral_spawner_reply) {
        let status = reply.wait_status
        let signal = status & 0x7F
        self.init(
            status: signal == 0 ? .exited(code: status >> 8 & 0xFF) : .signaled(signal),
            userNanoseconds: reply.user_ns, systemNanoseconds: reply.system_ns, maxRSSBytes: reply.rss_bytes_max)
    }
}
