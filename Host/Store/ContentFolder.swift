// SPDX-License-Identifier: Apache-2.0
// ContentFolder: files named by the hash of what is in them, <2 digits>/<hash>. A file appears whole or not at all:
// written under a temporary name, flushed, renamed, and the folder flushed. Only then may a row refer to it.

import CorralBase
import Glibc

struct ContentFolder: Sendable {
    let folder: StoreFolder

    func path(of hash: ContentHash) -> String {
        let hex = hash.hex
        return folder.path(of: String(hex.prefix(2))) + "/" + hex
    }

    /// Stores bytes whose hash is known. Content that is there already only becomes young again.
    func write(_ bytes: [UInt8], _ hash: ContentHash) throws {
        if try refresh(hash, bytes: bytes.count) { return }
        let file = try TemporaryFile(in: folder)
        defer { file.discard() }
        try bytes.withUnsafeBytes { try file.write($0) }
        try publish(file, hash)
    }

    /// Makes a complete temporary file the content of `hash`.
    func publish(_ file: TemporaryFile, _ hash: ContentHash) throws {
        try file.flush()
        let parent = try folder.subfolder(String(hash.hex.prefix(2)))
        try file.move(to: path(of: hash))
        try parent.synchronize()
    }

    /// Sets the file's time to now, so that a sweep that is due spares it.
    /// - Returns: false when there is no file of that size.
    func refresh(_ hash: ContentHash, bytes: Int) throws -> Bool {
        let path = path(of: hash)
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size == bytes else {
            return false
        }
        return utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// - Returns: the size in bytes, or nil when there is no such file.
    func size(of hash: ContentHash) -> Int? {
        var status = stat()
        guard lstat(path(of: hash), &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Opens for reading, close-on-exec. The caller closes.
    /// - Returns: nil when there is no such file.
    func openFile(_ hash: ContentHash) throws -> Int32? {
        let path = path(of: hash)
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        if descriptor >= 0 { return descriptor }
        if errno == ENOENT { return nil }
        throw CorralError.system("open", path, errno)
    }

    func remove(_ hash: ContentHash) throws {
        let path = path(of: hash)
        guard unlink(path) == 0 || errno == ENOENT else { throw CorralError.system("delete", path, errno) }
    }

    /// Deletes files that nothing refers to and that are older than the limit: what a crash left between a file and
    /// its row, and temporary files.
    /// - Parameters:
    ///   - oldest: wall-clock nanoseconds; files touched after it stay.
    ///   - isKnown: whether a row refers to the hash.
    /// - Returns: how many were deleted.
    func sweep(before oldest: Int64, isKnown: (ContentHash) throws -> Bool) throws -> Int {
        var removed = 0
        for name in try folder.entries() {
            let path = folder.path(of: name)
            if name.hasPrefix(TemporaryFile.prefix) {
                if isOld(path, oldest), unlink(path) == 0 { removed += 1 }
                continue
            }
            guard name.utf8.count == 2, isFolder(path) else { continue }
            for entry in try folder.subfolder(name).entries() {
                guard let hash = ContentHash(hex: entry), isOld(path + "/" + entry, oldest), try !isKnown(hash) else {
                    continue
                }
                if unlink(path + "/" + entry) == 0 { removed += 1 }
            }
        }
        return removed
    }

    private func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private func isOld(_ path: String, _ oldest: Int64) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        let (seconds, overflow) = Int64(status.st_mtim.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        return !overflow && seconds &+ Int64(status.st_mtim.tv_nsec) < oldest
    }
}

/// A file that is deleted unless it was moved to its place.
final class TemporaryFile {
    static let prefix = ".new-"

    let path: String
    private var descriptor: Int32
    private var isMoved = false

    init(in folder: StoreFolder) throws {
        var template = Array(folder.path(of: Self.prefix + "XXXXXX").utf8CString)
        descriptor = mkstemp(&template)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0 else { throw CorralError.system("create a file in", folder.path, errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw CorralError.system("write", path, count < 0 ? errno : ENOSPC) }
            rest = rest.dropFirst(count)
        }
    }

    func flush() throws {
        guard fsync(descriptor) == 0 else { throw CorralError.system("flush", path, errno) }
    }

    func move(to place: String) throws {
        guard rename(path, place) == 0 else { throw CorralError.system("create", place, errno) }
        isMoved = true
    }

    /// Closes, and deletes what was not moved.
    func discard() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        if !isMoved { unlink(path) }
        isMoved = true
    }

    deinit { discard() }
}
