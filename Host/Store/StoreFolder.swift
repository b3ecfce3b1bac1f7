// SPDX-License-Identifier: Apache-2.0
// StoreFolder: a private folder that only the host's user can enter. Everything below assumes nobody else can swap a
// file for a symbolic link, so that is checked once, here.

import CorralBase
import Glibc

/// A folder with mode 0700 that belongs to the user the host runs as.
struct StoreFolder: Sendable {
    let path: String

    /// Opens a folder, creating it and the folders above it when they are missing.
    /// - Throws: `store_folder_refused` for a symbolic link, a file, or another user's folder; `store_read_only`, …
    init(creating path: String) throws {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        try Self.makeFolder(self.path, depth: 0)
        try makePrivate()
    }

    func path(of name: String) -> String { path + "/" + name }

    func subfolder(_ name: String) throws -> StoreFolder { try StoreFolder(creating: path(of: name)) }

    /// Makes sure that a database file exists with mode 0600 before SQLite would create it with the process's umask.
    /// - Throws: `store_folder_refused` when something other than the user's own regular file has the name.
    func prepareFile(_ name: String) throws {
        let file = path(of: name)
        let descriptor = open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else {
            if errno == ELOOP { throw CorralError.folderRefused(file, "it is a symbolic link") }
            throw CorralError.system("open", file, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw CorralError.system("open", file, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw CorralError.folderRefused(file, "it is no regular file") }
        guard status.st_uid == geteuid() else { throw CorralError.folderRefused(file, "it belongs to another user") }
        if status.st_mode & 0o077 != 0, fchmod(descriptor, 0o600) != 0 {
            throw CorralError.system("protect", file, errno)
        }
    }

    /// Makes renames inside the folder durable.
    func synchronize() throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CorralError.system("open", path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw CorralError.system("flush", path, errno) }
    }

    /// Names of the entries, without `.` and `..`, sorted.
    func entries() throws -> [String] {
        guard let folder = opendir(path) else { throw CorralError.system("list", path, errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private func makePrivate() throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ELOOP || errno == ENOTDIR { throw CorralError.folderRefused(path, refusalReason()) }
            throw CorralError.system("open", path, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw CorralError.system("open", path, errno) }
        guard status.st_uid == geteuid() else { throw CorralError.folderRefused(path, "it belongs to another user") }
        if status.st_mode & 0o077 != 0, fchmod(descriptor, 0o700) != 0 {
            throw CorralError.system("protect", path, errno)
        }
    }

    private func refusalReason() -> String {
        var status = stat()
        let isLink = lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
        return isLink ? "it is a symbolic link" : "it is not a folder"
    }

    private static func makeFolder(_ path: String, depth: Int) throws {
        if mkdir(path, 0o700) == 0 {
            try synchronizeParent(of: path)
            return
        }
        switch errno {
        case EEXIST: return
        case ENOENT where depth < 64:
            guard let parent = parent(of: path) else { throw CorralError.system("create", path, ENOENT) }
            try makeFolder(parent, depth: depth + 1)
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw CorralError.system("create", path, errno) }
            try synchronizeParent(of: path)
        default: throw CorralError.system("create", path, errno)
        }
    }

    /// A file in a folder whose own name is not yet on disk would be lost with it.
    private static func synchronizeParent(of path: String) throws {
        let parent = parent(of: path) ?? "."
        let descriptor = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CorralError.system("open", parent, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw CorralError.system("flush", parent, errno) }
    }

    private static func parent(of path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
        return String(path[..<slash])
    }
}

extension CorralError {
    /// The error for a failed system call on a path.
    static func system(_ action: String, _ path: String, _ number: Int32) -> CorralError {
        let cause = String(cString: strerror(number))
        return switch number {
        case ENOSPC, EDQUOT, EFBIG: .storeFull(action, path, cause: cause)
        case EACCES, EPERM, EROFS: .storeReadOnly(path, cause: cause)
        default: .storeIO(action, path, cause: cause)
        }
    }
}

/// Whether an errno means that there is no room.
func isSpaceError(_ number: Int32) -> Bool { number == ENOSPC || number == EDQUOT || number == EFBIG }
