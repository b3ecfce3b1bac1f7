// SPDX-License-Identifier: Apache-2.0
// SpawnerPacket: the host's requests as bytes, and the spawner's replies from bytes.

import CSpawnerProtocol
import CorralBase
import Glibc

enum SpawnerPacket {
    /// - Throws: `launch_invalid` for a relative path, a text with a NUL inside, or more than a packet holds.
    static func launch(
        _ spec: LaunchSpec, id: LaunchID, level: IsolationLevel, cgroups: [String] = []
    ) throws(CorralError) -> [UInt8] {
        let paths = paths(of: spec)
        let texts = [spec.executable] + spec.arguments + spec.environment + paths.map(\.text) + cgroups
        for path in [spec.executable] + spec.readable + spec.writable.map(\.path) where !path.hasPrefix("/") {
            throw .launchInvalid(spec.executable, "the path \"\(path)\" is not absolute")
        }
        guard texts.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw .launchInvalid(spec.executable, "a text has a NUL character inside")
        }
        var request = try header(spec, level)
        request.id = id.number
        request.folder_count = UInt32(paths.count)
        request.cgroup_count = UInt32(cgroups.count)
        var packet = withUnsafeBytes(of: request) { Array($0) }
        for text in texts { packet += Array(text.utf8) + [0] }
        guard texts.count <= Int(CORRAL_SPAWNER_TEXTS_MAX), paths.count <= Int(CORRAL_SPAWNER_FOLDERS_MAX),
            packet.count <= Int(CORRAL_SPAWNER_REQUEST_BYTES_MAX)
        else {
            throw .launchInvalid(
                spec.executable,
                "\(packet.count) bytes of path, arguments, environment and \(paths.count) folders are too many")
        }
        return packet
    }

    /// The machine's part first: what was given may lie in it.
    private static func paths(of spec: LaunchSpec) -> [SandboxPath] {
        let readable = spec.profile == .program ? SandboxPath.Kind.execute : .read
        var paths = SystemFolders.paths(spec.profile) + [SandboxPath(kind: .execute, path: spec.executable)]
        paths += spec.readable.map { SandboxPath(kind: readable, path: $0) }
        paths += spec.writable.map { SandboxPath(kind: .write, path: $0.path) }
        var seen: Set<SandboxPath> = []
        return paths.filter { seen.insert($0).inserted }
    }

    private static func header(
        _ spec: LaunchSpec, _ level: IsolationLevel
    ) throws(CorralError) -> corral_spawner_request {
        let countsOwn = level == .strict || spec.policy.user != nil
        let limits = spec.policy.limits.entries(countsOwnProcesses: countsOwn)
        let numbers = spec.descriptors.map(\.number)
        guard numbers.count <= Int(CORRAL_SPAWNER_DESCRIPTORS_MAX), Set(numbers).count == numbers.count,
            numbers.allSatisfy({ (0..<Int32(CORRAL_SPAWNER_DESCRIPTORS_MAX)).contains($0) })
        else { throw .launchInvalid(spec.executable, "the numbers of its descriptors are \(numbers)") }
        var request = corral_spawner_request()
        request.version = CORRAL_SPAWNER_VERSION
        request.kind = CORRAL_SPAWNER_LAUNCH
        request.profile = spec.profile.number
        request.level = level.number
        request.user = spec.policy.user ?? CORRAL_SPAWNER_OWN_USER
        request.limit_count = UInt32(limits.count)
        request.argument_count = UInt32(spec.arguments.count)
        request.environment_count = UInt32(spec.environment.count)
        request.descriptor_count = UInt32(numbers.count)
        request.temporary_bytes = spec.policy.limits.temporaryBytes
        request.temporary_files = spec.policy.limits.temporaryFiles
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

extension LaunchSpec.Profile {
    fileprivate var number: UInt32 {
        switch self {
        case .worker: CORRAL_SPAWNER_WORKER
        case .program: CORRAL_SPAWNER_PROGRAM
        case .broker: CORRAL_SPAWNER_BROKER
        }
    }
}

extension IsolationLevel {
    fileprivate var number: UInt32 {
        switch self {
        case .basic: CORRAL_SPAWNER_BASIC
        case .moderate: CORRAL_SPAWNER_MODERATE
        case .strict: CORRAL_SPAWNER_STRICT
        }
    }
}
