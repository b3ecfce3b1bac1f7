// SPDX-License-Identifier: Apache-2.0
// SystemFolders: the part of the machine that a process needs to run at all: its program, the loader, libraries, the
// Swift runtime, three devices. Everything else it sees was given to it.

import CSpawnerProtocol
import Glibc

/// A path and what may be done with it, as the spawner reads it.
struct SandboxPath: Hashable {
    enum Kind: UInt32 {
        case read
        case execute
        case write
        case device
        case link
    }

    var kind: Kind
    /// For a link: `path:target`.
    var path: String

    /// The spawner's text.
    var text: String {
        let letter =
            switch kind {
            case .read: CORRAL_SPAWNER_READ
            case .execute: CORRAL_SPAWNER_EXECUTE
            case .write: CORRAL_SPAWNER_WRITE
            case .device: CORRAL_SPAWNER_DEVICE
            case .link: CORRAL_SPAWNER_LINK
            }
        return String(UnicodeScalar(UInt8(letter))) + path
    }
}

enum SystemFolders {
    /// What a process of this profile sees, in the order of mounting. Asked of the machine once.
    static func paths(_ profile: LaunchSpec.Profile) -> [SandboxPath] {
        switch profile {
        case .worker: worker
        case .program: program
        case .broker: broker
        }
    }

    /// The folder of the Swift runtime that this process runs with, which is the workers' too; nil when it is linked in.
    static let swiftRuntime: String? = {
        let line = readText("/proc/self/maps")?.split(separator: "\n").first { $0.hasSuffix("/libswiftCore.so") }
        guard let line, let start = line.firstIndex(of: "/"), let end = line.lastIndex(of: "/") else { return nil }
        return String(line[start..<end])
    }()

    private static let worker: [SandboxPath] =
        libraries + (swiftRuntime.map { [SandboxPath(kind: .read, path: $0)] } ?? []) + files(["/usr/share/zoneinfo"])
        + devices

    private static let program: [SandboxPath] =
        [SandboxPath(kind: .execute, path: "/usr")]
        + ["/bin", "/sbin", "/lib", "/lib32", "/lib64"].compactMap(folderOrLink)
        + files(["/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/python3"])
        + devices

    /// For resolving names; certificates come as text from the host.
    private static let broker: [SandboxPath] =
        worker
        + files([
            "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/host.conf", "/etc/services",
            "/etc/protocols", "/etc/ssl/openssl.cnf",
        ])

    private static let devices = ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"].filter(exists).map {
        SandboxPath(kind: .device, path: $0)
    }

    /// Debian keeps libraries in a folder named by the machine, others in lib64; in both /lib is a link by now.
    private static let libraries: [SandboxPath] =
        ["/usr/lib/\(machine)-linux-gnu", "/usr/lib64"].filter(isFolder).map { SandboxPath(kind: .execute, path: $0) }
        + ["/lib", "/lib64"].compactMap { folder in
            if let link = link(folder) { return link }
            let inner = folder == "/lib" ? "/lib/\(machine)-linux-gnu" : folder
            return isFolder(inner) ? SandboxPath(kind: .execute, path: inner) : nil
        }

    private static var machine: String {
        #if arch(arm64)
            "aarch64"
        #else
            "x86_64"
        #endif
    }

    private static func files(_ paths: [String]) -> [SandboxPath] {
        paths.filter(exists).map { SandboxPath(kind: .read, path: $0) }
    }

    private static func folderOrLink(_ path: String) -> SandboxPath? {
        link(path) ?? (isFolder(path) ? SandboxPath(kind: .execute, path: path) : nil)
    }

    private static func link(_ path: String) -> SandboxPath? {
        var target = [UInt8](repeating: 0, count: 256)
        let count = readlink(path, &target, target.count)
        guard count > 0, count < target.count else { return nil }
        return SandboxPath(kind: .link, path: path + ":" + String(decoding: target.prefix(count), as: UTF8.self))
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
