// SPDX-License-Identifier: Apache-2.0
// FileReplacement: a file is replaced whole or not at all, with its owner and permissions kept.

import CorralBase
import Glibc

enum FileReplacement {
    /// Writes beside the file, then renames over it: a reader sees the old file or the new one.
    /// - Parameter mayCreate: whether a file that is not there is made, with mode 0600.
    /// - Throws: `config_not_written`; the file is then as it was.
    static func write(_ bytes: [UInt8], to path: String, mayCreate: Bool) throws(CorralError) {
        let owner = try status(of: path, mayCreate: mayCreate)
        let draft = "\(path).new-\(getpid())"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .notWritten(path, errno) }
        // The owner can be kept only by root or by the owner; the permissions are set after it, because it clears some.
        if let owner { _ = fchown(descriptor, owner.st_uid, owner.st_gid) }
        let mode = owner.map { $0.st_mode & 0o7777 } ?? 0o600
        let isWritten = fchmod(descriptor, mode) == 0 && write(bytes, to: descriptor) && fsync(descriptor) == 0
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

    private static func status(of path: String, mayCreate: Bool) throws(CorralError) -> stat? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard mayCreate, errno == ENOENT else { throw .notWritten(path, errno) }
            return nil
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notWritten(path, EINVAL) }
        return status
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
