// SPDX-License-Identifier: Apache-2.0
// ConfigurationFix: what `corral config check --fix` writes. Only the quotes are added; a file is replaced whole or not
// at all, with its owner and permissions kept.

import CorralBase
import Glibc

/// One file that was rewritten.
package struct ConfigurationFix: Sendable, Equatable {
    package let path: String
    package let rules: [UnquotedRule]

    /// One line for each change: `config/cost.yaml:22: quoted "task_complexity: low -> use: haiku"`.
    package var lines: [String] { rules.map { "\(path):\($0.line): quoted \"\($0.rule)\"" } }
}

extension Configuration {
    /// Quotes the rules that are not YAML without it, in every file that `load` reads. Files that cannot be read are
    /// left for `load` to report.
    /// - Returns: what was changed, empty when there was nothing to do.
    /// - Throws: `config_not_written`; files before the failing one stay fixed.
    package static func fix(directory: String) throws(CorralError) -> [ConfigurationFix] {
        var fixes: [ConfigurationFix] = []
        for file in ConfigurationFolder(directory: directory).files {
            let quoted = QuotedText(file.text)
            guard !quoted.rules.isEmpty else { continue }
            let mark: [UInt8] = file.hasByteOrderMark ? [0xEF, 0xBB, 0xBF] : []
            try replace(file.path, with: mark + Array(quoted.text.utf8))
            fixes.append(ConfigurationFix(path: file.path, rules: quoted.rules))
        }
        return fixes
    }

    /// Writes beside the file, then renames over it: a reader sees the old file or the new one.
    private static func replace(_ path: String, with bytes: [UInt8]) throws(CorralError) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .notWritten(path, errno) }
        let draft = "\(path).new-\(getpid())"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .notWritten(path, errno) }
        // The owner can be kept only by root or by the owner; the permissions are set after it, because it clears some.
        _ = fchown(descriptor, status.st_uid, status.st_gid)
        let isWritten =
            fchmod(descriptor, status.st_mode & 0o7777) == 0 && write(bytes, to: descriptor) && fsync(descriptor) == 0
        let failure = errno
        close(descriptor)
        guard isWritten else {
            unlink(draft)
            throw .notWritten(path, failure)
        }
        guard rename(draft, path) == 0 else {
            let failure = errno
            unlink(draft)
            throw .notWritten(path, failure)
        }
        syncFolder(of: path)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Makes the rename survive a power cut. A file system that cannot do it has still renamed.
    private static func syncFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

extension CorralError {
    fileprivate static func notWritten(_ path: String, _ code: Int32) -> CorralError {
        notWritten(path, cause: String(cString: strerror(code)))
    }
}
