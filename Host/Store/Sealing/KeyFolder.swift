// SPDX-License-Identifier: Apache-2.0
// KeyFolder: the keys of tenants, each in a file, apart from what they open: nothing that takes a tenant's folder along, a
// worker's root or a backup, takes the key.

import CorralBase
import Glibc

/// `<home>/keys`, or where the operator wants it. Folder 0700 and files 0600, of this user or of root.
package struct KeyFolder: Sendable {
    package let path: String

    package init(path: String) { self.path = path }
    package init(home: String) { path = home + "/keys" }

    package func path(of tenant: TenantID) -> String { "\(path)/\(tenant).key" }

    /// - Returns: nil when there is none.
    /// - Throws: `key_exposed` when others could read it, `key_unreadable`, `store_io`.
    package func key(of tenant: TenantID) throws -> TenantKey? {
        guard try checkFolder() else { return nil }
        let file = path(of: tenant)
        let descriptor = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: return nil
            case ELOOP: throw CorralError.keyExposed(file, "it is a symbolic link")
            default: throw CorralError.keyUnreadable(file, cause: String(cString: strerror(errno)))
            }
        }
        defer { close(descriptor) }
        try Self.check(descriptor, file, kind: S_IFREG, "no regular file")
        do throws(TenantKey.Unreadable) {
            return try TenantKey(text: try Self.content(of: descriptor, file), of: tenant)
        } catch {
            throw CorralError.keyUnreadable(file, cause: error.reason)
        }
    }

    /// Makes a key, durable before it is used. One that another process made meanwhile is taken instead.
    func make(for tenant: TenantID) throws -> TenantKey {
        _ = try checkFolder()
        let folder = try StoreFolder(creating: path)
        let draft = try TemporaryFile(in: folder)
        defer { draft.discard() }
        let key = TenantKey()
        try Array(key.text(of: tenant).utf8).withUnsafeBytes { try draft.write($0) }
        try draft.flush()
        let place = path(of: tenant)
        // A link, not a rename: a key that is there is never replaced.
        guard link(draft.path, place) == 0 else {
            guard errno == EEXIST, let other = try self.key(of: tenant) else {
                throw CorralError.system("create", place, errno)
            }
            return other
        }
        try folder.synchronize()
        return key
    }

    /// Deletes a key for good; what it sealed is noise from then on. Without effect when there is none.
    package func drop(_ tenant: TenantID) throws {
        try Self.drop(path(of: tenant), in: path)
    }

    /// Takes a key out of use and keeps it beside an archive's name: `<path>/removed/<name>.key`. Asking again is fine.
    /// - Returns: where it is; nil when there was no key.
    package func setAside(_ tenant: TenantID, as name: String) throws -> String? {
        guard try checkFolder() else { return nil }
        let (file, folder) = (path(of: tenant), try StoreFolder(creating: path + "/removed"))
        let place = folder.path(of: name + ".key")
        guard rename(file, place) == 0 else {
            if errno == ENOENT { return access(place, F_OK) == 0 ? place : nil }
            throw CorralError.system("move", file, errno)
        }
        try folder.synchronize()
        try StoreFolder(creating: path).synchronize()
        return place
    }

    /// Overwritten before it is unlinked: that helps on file systems that write in place, and costs nothing on others.
    private static func drop(_ file: String, in folder: String) throws {
        let descriptor = open(file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        if descriptor >= 0 {
            var status = stat()
            if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
                let zeros = [UInt8](repeating: 0, count: fileBytesMax)
                _ = pwrite(descriptor, zeros, min(zeros.count, Int(status.st_size)), 0)
                _ = fsync(descriptor)
            }
            close(descriptor)
        }
        guard unlink(file) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw CorralError.system("delete", file, errno)
        }
        try StoreFolder(creating: folder).synchronize()
    }

    // MARK: Rights

    /// A key's file is shorter; anything longer is none.
    private static let fileBytesMax = 1_024

    /// - Returns: false when there is no folder.
    private func checkFolder() throws -> Bool {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: return false
            case ELOOP, ENOTDIR: throw CorralError.keyExposed(path, "it is no folder of its own")
            default: throw CorralError.keyUnreadable(path, cause: String(cString: strerror(errno)))
            }
        }
        defer { close(descriptor) }
        try Self.check(descriptor, path, kind: S_IFDIR, "no folder")
        return true
    }

    private static func check(_ descriptor: Int32, _ path: String, kind: mode_t, _ otherwise: String) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw CorralError.system("open", path, errno) }
        guard status.st_mode & S_IFMT == kind else { throw CorralError.keyExposed(path, "it is \(otherwise)") }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw CorralError.keyExposed(path, "it belongs to another user")
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o7777, radix: 8)
            throw CorralError.keyExposed(path, "others may enter or read it (mode \(mode))")
        }
    }

    private static func content(of descriptor: Int32, _ file: String) throws(TenantKey.Unreadable) -> String {
        var bytes = [UInt8](repeating: 0, count: fileBytesMax)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw TenantKey.Unreadable(reason: String(cString: strerror(errno))) }
        guard count < fileBytesMax else { throw TenantKey.Unreadable(reason: "it is too long") }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
