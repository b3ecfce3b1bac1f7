// SPDX-License-Identifier: Apache-2.0
// PluginFile: careful reading of a plugins folder. Only ordinary files of bounded size inside the folder count; a pipe
// would make the host wait, a link could lead to anything, and a mapped file that is cut short would kill the host.

import CorralBase
import Crypto
import Glibc

extension Limits {
    /// One file of a plugin. Debug builds with much generic code reach 100 MiB.
    package static let pluginFileBytesMax = 256 << 20
    /// A plugin folder as a whole, and how much is in it.
    package static let pluginFolderBytesMax = 1 << 30
    package static let pluginFolderFilesMax = 4096
    package static let pluginFolderDepthMax = 16
    /// Names in one plugins folder; more is a mistake in a path.
    package static let pluginsFolderEntriesMax = 4096
}

/// A name in a folder and what it is, links followed.
struct PluginFile: Sendable {
    enum Kind: Sendable { case file, folder }

    /// As a person would write it.
    var path: String
    /// The same without links; it was inside the folder when it was looked at.
    var resolved: String
    var kind: Kind
    var bytes: Int

    /// - Parameter root: the folder, without links, that must hold it.
    /// - Throws: `plugin_file_refused`.
    init(_ path: String, inside root: String) throws(CorralError) {
        guard let resolved = resolve(path) else {
            throw .fileRefused(
                path, "it cannot be followed", hint: "look at it: `ls -l '\(path)'`", cause: systemText(errno))
        }
        // By bytes: as text, "é" and "e" with an accent behind it are equal, and are two folders all the same.
        guard resolved.utf8.starts(with: (root.hasSuffix("/") ? root : root + "/").utf8) else {
            throw .fileRefused(
                path, "it is a link to \"\(resolved)\", outside of its folder",
                hint: "copy the file instead of linking it")
        }
        var info = stat()
        guard lstat(resolved, &info) == 0 else {
            throw .fileRefused(path, "it cannot be read", cause: systemText(errno))
        }
        self.path = path
        self.resolved = resolved
        bytes = Int(info.st_size)
        switch info.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .folder
        case S_IFIFO: throw .fileRefused(path, "it is a pipe")
        case S_IFSOCK: throw .fileRefused(path, "it is a socket")
        default: throw .fileRefused(path, "it is a device or something else that is no file")
        }
    }

    /// Reads it piece by piece.
    /// - Throws: `plugin_file_refused` when it cannot be read, is too large or is no plain file any more.
    func read(bytesMax: Int, _ body: (UnsafeRawBufferPointer) throws(CorralError) -> Void) throws(CorralError) {
        // Not blocking and not following: between the look and this it may have become a pipe or a link.
        let descriptor = open(resolved, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw .fileRefused(path, "it cannot be opened", hint: "`chmod a+r '\(path)'`", cause: systemText(errno))
        }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            throw .fileRefused(path, "it is no plain file any more")
        }
        // A hole of a terabyte costs nothing to make and hours to read.
        guard info.st_size <= bytesMax else { throw tooLarge(bytesMax) }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var total = 0
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .fileRefused(path, "it cannot be read", cause: systemText(errno)) }
            if count == 0 { return }
            total += count
            guard total <= bytesMax else { throw tooLarge(bytesMax) }
            let outcome = buffer.withUnsafeBytes { bytes -> Result<Void, CorralError> in
                Result { () throws(CorralError) in try body(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
            }
            try outcome.get()
        }
    }

    private func tooLarge(_ bytesMax: Int) -> CorralError {
        .fileRefused(path, "it is larger than \(bytesMax) bytes, the most that is read")
    }

    func content(bytesMax: Int) throws(CorralError) -> [UInt8] {
        var all: [UInt8] = []
        all.reserveCapacity(min(bytes, bytesMax))
        try read(bytesMax: bytesMax) { bytes throws(CorralError) in all.append(contentsOf: bytes) }
        return all
    }
}

/// The names in a folder that are not hidden, sorted by bytes so that each scan sees one order.
/// - Throws: `catalogue_unreadable`; a folder that does not exist has no names.
func names(in folder: String) throws(CorralError) -> [String] {
    guard let stream = opendir(folder) else {
        if errno == ENOENT { return [] }
        throw .catalogueUnreadable(folder, systemText(errno))
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { String(decodingCString: $0, as: UTF8.self) }
        }
        guard !name.hasPrefix(".") else { continue }
        names.append(name)
        guard names.count <= Limits.pluginsFolderEntriesMax else {
            throw .catalogueUnreadable(folder, "it holds more than \(Limits.pluginsFolderEntriesMax) names")
        }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// The path without links, or nil with errno set.
func resolve(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}

func systemText(_ number: Int32) -> String {
    guard let text = strerror(number) else { return "errno \(number)" }
    return "\(String(cString: text)) (errno \(number))"
}

extension ContentDigest {
    init(_ hash: SHA256) { self.init(hexadecimal(hash.finalize())) }

    /// Of a label and parts, each with its length, so that no two lists of parts look the same.
    init(label: String, _ parts: [[UInt8]]) {
        var hash = SHA256()
        for part in [Array(label.utf8)] + parts { hash.appendPart(part) }
        self.init(hash)
    }
}

extension SHA256 {
    mutating func appendLength(_ length: Int) {
        withUnsafeBytes(of: UInt64(length).littleEndian) { update(bufferPointer: $0) }
    }

    mutating func appendPart(_ part: [UInt8]) {
        appendLength(part.count)
        part.withUnsafeBytes { update(bufferPointer: $0) }
    }
}

private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
