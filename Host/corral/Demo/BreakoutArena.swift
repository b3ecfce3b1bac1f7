// SPDX-License-Identifier: Apache-2.0
// BreakoutArena: the throw-away project the hostile plugin is let loose in, with everything it is to reach for: a secret,
// a folder of the operator's, another tenant, sockets somebody listens on.

import CorralBase
import CorralControl
import CorralHome
import CorralWire
import Foundation
import Glibc

final class BreakoutArena {
    let root: String
    let home: Home
    /// What stands in the secret file, in the shared one, and in the host's environment.
    let token: String
    private let shared: String
    private var listeners: [Int32] = []
    private var targets: JSONObject = [:]

    static let attacker = "mallory"
    static let neighbour = "acme"

    /// Workers are started again at once and nobody is refused for crashing: here crashes are what is asked for.
    /// Small limits, so that going beyond them costs little.
    private static let configuration = """
        host:
          workers: {cancel_grace: 200ms, restart_backoff: 1ms, restart_backoff_max: 1ms, quarantine_crashes: 1000000}
        multi_tenancy:
          resource_limits:
            per_tenant: {max_memory_mb: \(memoryMebibytes), max_open_files: \(openFiles), max_file_mb: \(fileMebibytes)}

        """
    private static let memoryMebibytes = 256
    private static let openFiles = 256
    private static let fileMebibytes = 16
    /// Where no cgroup counts what is used, the address space is the limit, and has room for libraries and stacks.
    private static let besidesMemoryMebibytes = 1024
    /// What every worker has, or is held to by its address space: a stack of 8 MiB each, mostly never touched.
    private static let threads = 256

    /// - Throws: `installation_incomplete` without the plugin, `output_not_written` when the folder cannot be made.
    init(installation: Installation) throws {
        guard access(installation.breakout, R_OK) == 0 else {
            throw CorralError.demoPluginMissing(installation.breakout)
        }
        root = try Self.makeRoot()
        home = Home(path: root + "/.corral", reason: "thrown away after the demonstration")
        token = "corral-token-\(UInt64.random(in: 0 ... .max))"
        shared = "/tmp/corral-shared-\(getpid())"
        do {
            try layOut(installation)
        } catch {
            remove()
            throw error
        }
    }

    private static func makeRoot() throws -> String {
        var template = Array("/tmp/corral-breakout-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CorralError.outputNotWritten("/tmp", errorText(errno)) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func layOut(_ installation: Installation) throws {
        for folder in ["plugins.d", "operator"] { try make(folder: "\(root)/\(folder)") }
        try home.prepare()
        try write(Self.configuration, to: root + "/corral.yaml")
        try write(token, to: root + "/operator/secret")
        try write("", to: root + "/operator/sacrifice")
        try write(token, to: shared)
        do {
            try FileManager.default.copyItem(atPath: installation.breakout, toPath: root + "/plugins.d/breakout.so")
        } catch {
            throw CorralError.outputNotWritten(root + "/plugins.d/breakout.so", "\(error)")
        }
        setenv("CORRAL_BREAKOUT_TOKEN", token, 1)
        try listen()
        describe()
    }

    private func describe() {
        targets["secret"] = .string(root + "/operator/secret")
        targets["folder"] = .string(root + "/operator")
        targets["home"] = .string(home.path)
        targets["neighbour"] = .string("\(home.tenants)/\(Self.neighbour)")
        targets["shared"] = .string(shared)
        targets["token"] = .string(token)
        targets["memory_bytes"] = .int(Int64(Self.memoryMebibytes + Self.besidesMemoryMebibytes) << 20)
        targets["file_bytes"] = .int(Int64(Self.fileMebibytes) << 20)
        targets["open_files"] = .int(Int64(Self.openFiles))
        targets["threads"] = .int(Int64(Self.threads))
    }

    /// What an attempt is told, once host and neighbour run.
    func targets(host: Int32, neighbour: Int32) -> JSON {
        var all = targets
        all["host_pid"] = .int(Int64(host))
        all["neighbour_pid"] = .int(Int64(neighbour))
        return .object(all)
    }

    func remove() {
        for listener in listeners { close(listener) }
        listeners = []
        unlink(shared)
        // Copies of plugins are sealed: an ordinary user must be able to write to their folders to remove them.
        let copies = home.path + "/cache/plugins"
        for name in Path.entries(copies) { chmod("\(copies)/\(name)", 0o700) }
        try? FileManager.default.removeItem(atPath: root)
    }

    // MARK: Files

    private func make(folder: String) throws {
        guard mkdir(folder, 0o700) == 0 else { throw CorralError.outputNotWritten(folder, errorText(errno)) }
    }

    private func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw CorralError.outputNotWritten(path, errorText(errno)) }
        Terminal.write(text, file)
        close(file)
    }

    // MARK: Sockets

    private func listen() throws {
        let path = root + "/some.sock"
        let name = "corral-abstract-\(getpid())"
        try listenLocally(at: path, isAbstract: false)
        try listenLocally(at: name, isAbstract: true)
        targets["socket"] = .string(path)
        targets["abstract"] = .string(name)
        if let port = bindLoopback(SOCK_STREAM) { targets["tcp_port"] = .int(Int64(port)) }
        if let port = bindLoopback(SOCK_DGRAM) { targets["udp_port"] = .int(Int64(port)) }
    }

    private func listenLocally(at name: String, isAbstract: Bool) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.dropFirst(isAbstract ? 1 : 0).copyPrefix(of: name.utf8) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count + 1)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
        }
        guard isBound, Glibc.listen(descriptor, 64) == 0 else {
            throw CorralError.outputNotWritten(name, errorText(errno))
        }
        listeners.append(descriptor)
    }

    /// - Returns: the port; nil on a machine without a network, where there is nothing to try then.
    private func bindLoopback(_ type: __socket_type) -> UInt16? {
        let descriptor = socket(AF_INET, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        listeners.append(descriptor)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound, type == SOCK_DGRAM || Glibc.listen(descriptor, 64) == 0 else { return nil }
        return UInt16(bigEndian: address.sin_port)
    }
}

extension Slice where Base == UnsafeMutableRawBufferPointer {
    /// Copies as many bytes as fit.
    fileprivate func copyPrefix(of bytes: some Collection<UInt8>) {
        for (index, byte) in zip(indices, bytes) { base[index] = byte }
    }
}
