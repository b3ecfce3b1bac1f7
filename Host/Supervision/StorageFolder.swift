// SPDX-License-Identifier: Apache-2.0
// StorageFolder: `storage/PUBLISHER/NAME` in a tenant's folder: the one place where a plugin with the grant may write. Its
// parents are the host's, so no plugin can put anything in its place; what is inside is a stranger's.

import CorralBase
import CorralWire
import Glibc

package struct StorageFolder: Sendable, Hashable {
    /// In the tenant's folder.
    package static let name = "storage"

    /// The tenant's folder, which exists.
    package let root: String
    package let plugin: PluginID

    package init(root: String, plugin: PluginID) {
        self.root = root
        self.plugin = plugin
    }

    package var path: String { "\(root)/\(Self.name)/\(plugin.text)" }

    /// Makes the folder where it is not there, for the user that the worker runs as.
    /// - Parameter user: nil: the host's own.
    /// - Throws: `storage_unusable`.
    package func prepare(for user: UInt32?) throws(CorralError) {
        var folder = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { throw .storageUnusable(root, errorText(errno)) }
        defer { close(folder) }
        for part in [Self.name] + plugin.text.split(separator: "/").map(String.init) {
            guard mkdirat(folder, part, 0o700) == 0 || errno == EEXIST else {
                throw .storageUnusable(path, errorText(errno))
            }
            let inner = openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard inner >= 0 else { throw .storageUnusable(path, errorText(errno)) }
            close(folder)
            folder = inner
        }
        try own(folder, user)
    }

    /// The tenant's user may be another one than when the folder was made: then everything in it changes hands.
    private func own(_ folder: Int32, _ user: UInt32?) throws(CorralError) {
        let owner = user ?? geteuid()
        var status = stat()
        guard fstat(folder, &status) == 0 else { throw .storageUnusable(path, errorText(errno)) }
        guard status.st_uid != owner || status.st_mode & 0o777 != 0o700 else { return }
        if status.st_uid != owner { Self.give(folder, to: owner, depth: 0) }
        guard fchown(folder, owner, owner) == 0, fchmod(folder, 0o700) == 0 else {
            throw .storageUnusable(path, errorText(errno))
        }
    }

    /// What lies deeper than any honest plugin puts it stays as it is.
    private static func give(_ folder: Int32, to owner: UInt32, depth: Int) {
        guard depth < 64, let stream = fdopendir(fcntl(folder, F_DUPFD_CLOEXEC, 3)) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            _ = fchownat(folder, name, owner, owner, AT_SYMLINK_NOFOLLOW)
            let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard inner >= 0 else { continue }
            give(inner, to: owner, depth: depth + 1)
            close(inner)
        }
    }
}
