// SPDX-License-Identifier: Apache-2.0
// ContentFolder: sealed files named by the keyed hash of what is in them, <2 digits>/<hash>. A file appears whole or not at
// all: written under a temporary name, flushed, renamed, and the folder flushed. Only then may a row refer to it.

import CorralBase
import Glibc

struct ContentFolder: Sendable {
    let folder: StoreFolder
    let space: Sealer.Space
    let sealer: Sealer

    func place(of hash: ContentHash) -> ContentPlace { sealer.place(of: hash, in: space) }

    func path(of place: ContentPlace) -> String {
        let hex = place.hex
        return folder.path(of: String(hex.prefix(2))) + "/" + hex
    }

    /// Stores bytes whose place is known. Content that is there already only becomes young again.
    func write(_ bytes: [UInt8], at place: ContentPlace) throws {
        if try refresh(place, bytes: bytes.count) { return }
        let file = try TemporaryFile(in: folder)
        defer { file.discard() }
        var writer = try SealedFileWriter(file, sealer)
        try bytes.withUnsafeBytes { try writer.write($0) }
        try writer.finish(space, place)
        try publish(file, at: place)
    }

    /// Makes a complete temporary file the content of `place`.
    func publish(_ file: TemporaryFile, at place: ContentPlace) throws {
        try file.flush()
        let parent = try folder.subfolder(String(place.hex.prefix(2)))
        try file.move(to: path(of: place))
        try parent.synchronize()
    }

    /// Sets the file's time to now, so that a sweep that is due spares it.
    /// - Returns: false when there is no file with so much content.
    func refresh(_ place: ContentPlace, bytes: Int) throws -> Bool {
        guard size(of: place) == bytes else { return false }
        return utimensat(AT_FDCWD, path(of: place), nil, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// - Returns: the content's size in bytes, or nil when there is no such file.
    func size(of place: ContentPlace) -> Int? {
        var status = stat()
        guard lstat(path(of: place), &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return SealedFile.contentBytes(of: Int(status.st_size))
    }

    /// Opens the content piece by piece. What `body` was given counts only when this returns.
    /// - Returns: false when there is no such file.
    /// - Throws: `Sealer.Broken`, what `body` throws.
    func scan(_ place: ContentPlace, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        let path = path(of: place)
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return false }
            throw CorralError.system("open", path, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Sealer.Broken(reason: "it is no regular file")
        }
        try SealedFile.scan(descriptor, sealer, space, place, body)
        return true
    }

    func remove(_ place: ContentPlace) throws {
        let path = path(of: place)
        guard unlink(path) == 0 || errno == ENOENT else { throw CorralError.system("delete", path, errno) }
    }

    /// Deletes files that nothing refers to and that are older than the limit: what a crash left between a file and
    /// its row, and temporary files.
    /// - Parameters:
    ///   - oldest: wall-clock nanoseconds; files touched after it stay.
    ///   - isKnown: whether a row refers to the place.
    /// - Returns: how many were deleted.
    func sweep(before oldest: Int64, isKnown: (ContentPlace) throws -> Bool) throws -> Int {
        var removed = 0
        try forEachFile { path, name in
            let isDraft = name.hasPrefix(TemporaryFile.prefix)
            let place = ContentPlace(hex: name)
            guard isDraft || place != nil, isOld(path, oldest) else { return }
            if let place, try isKnown(place) { return }
            if unlink(path) == 0 { removed += 1 }
        }
        return removed
    }

    /// Deletes every file that is not sealed: what is left of a store from before there were seals.
    func removePlain() throws {
        try forEachFile { path, name in
            guard name.hasPrefix(TemporaryFile.prefix) || ContentPlace(hex: name) != nil, !isSealed(path) else {
                return
            }
            guard unlink(path) == 0 || errno == ENOENT else { throw CorralError.system("delete", path, errno) }
        }
        try folder.synchronize()
    }

    /// Temporary files, then content.
    private func forEachFile(_ body: (_ path: String, _ name: String) throws -> Void) throws {
        for name in try folder.entries() {
            let path = folder.path(of: name)
            if name.hasPrefix(TemporaryFile.prefix) {
                try body(path, name)
            } else if name.utf8.count == 2, isFolder(path) {
                for entry in try folder.subfolder(name).entries() { try body(path + "/" + entry, entry) }
            }
        }
    }

    private func isSealed(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var title = [UInt8](repeating: 0, count: SealedFile.title.count)
        return pread(descriptor, &title, title.count, 0) == title.count && title == SealedFile.title
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
