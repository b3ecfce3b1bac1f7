// SPDX-License-Identifier: Apache-2.0
// ConfigurationFile: reading one file without being stuck on it. A folder of configuration may hold anything: a pipe
// that never delivers, a link to a device, a database. Only small regular files of UTF-8 text are read.

import CorralBase
import Glibc

/// The text of one configuration file.
package struct ConfigurationFile: Sendable, Equatable {
    /// The path as errors print it.
    package let path: String
    /// The content without the byte order mark some editors put in front.
    package let text: String
    let hasByteOrderMark: Bool

    package init(path: String, text: String, hasByteOrderMark: Bool = false) {
        self.path = path
        self.text = text
        self.hasByteOrderMark = hasByteOrderMark
    }
}

extension ConfigurationFile {
    /// Why a file was not read.
    struct Refusal: Error {
        let diagnostic: Diagnostic
    }

    /// - Returns: nil when there is no such file.
    /// - Throws: `config_unreadable`, `config_file_refused`.
    static func read(_ path: String) throws(Refusal) -> ConfigurationFile? {
        // O_NONBLOCK: opening a pipe without a writer would wait for one.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return try absentOrRefused(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path, status.st_mode) }
        guard status.st_size <= Limits.documentBytesMax else { throw .tooLarge(path) }
        return try decode(try bytes(of: descriptor, path), path)
    }

    private static func absentOrRefused(_ path: String, _ code: Int32) throws(Refusal) -> ConfigurationFile? {
        switch code {
        case ENOENT: return nil
        case ELOOP: throw .symbolicLink(path)
        case ENXIO: throw .notRegular(path, S_IFSOCK)
        default: throw .unreadable(path, code)
        }
    }

    /// Reads to the limit, not to the size: the file may grow meanwhile.
    private static func bytes(of descriptor: Int32, _ path: String) throws(Refusal) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path, errno) }
            if count == 0 { return bytes }
            bytes += block[..<count]
            guard bytes.count <= Limits.documentBytesMax else { throw .tooLarge(path) }
        }
    }

    private static func decode(_ bytes: [UInt8], _ path: String) throws(Refusal) -> ConfigurationFile {
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let content = hasMark ? bytes[3...] : bytes[...]
        if let text = String(validating: content, as: UTF8.self), !text.utf8.contains(0) {
            return ConfigurationFile(path: path, text: text, hasByteOrderMark: hasMark)
        }
        let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let line = lines.firstIndex { $0.contains(0) || String(validating: $0, as: UTF8.self) == nil }
        throw .notText(path, line: (line ?? 0) + 1)
    }
}

extension ConfigurationFile.Refusal {
    static func unreadable(_ path: String, _ code: Int32) -> Self {
        Self(diagnostic: .unreadable(path, cause: String(cString: strerror(code))))
    }

    static func symbolicLink(_ path: String) -> Self {
        Self(diagnostic: .refused(path, "it is a symbolic link", suggestion: "copy the file it points to"))
    }

    static func notRegular(_ path: String, _ mode: mode_t) -> Self {
        let kinds = [
            S_IFIFO: "a pipe", S_IFDIR: "a folder", S_IFSOCK: "a socket", S_IFCHR: "a device", S_IFBLK: "a device",
        ]
        let kind = kinds[mode & S_IFMT] ?? "no regular file"
        return Self(diagnostic: .refused(path, "it is \(kind)", suggestion: "only regular files are read"))
    }

    static func tooLarge(_ path: String) -> Self {
        Self(
            diagnostic: .refused(
                path, "it has more than \(Limits.documentBytesMax) bytes",
                suggestion: "a configuration has a few hundred lines"))
    }

    static func notText(_ path: String, line: Int) -> Self {
        Self(diagnostic: .refused(path, "line \(line) is not UTF-8 text", line: line, suggestion: "save it as UTF-8"))
    }
}
