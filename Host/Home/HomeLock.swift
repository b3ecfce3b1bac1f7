// SPDX-License-Identifier: Apache-2.0
// HomeLock: one host per home. The kernel releases the lock however the host ends, so a crash leaves nothing to clean.

import CorralBase
import Glibc

/// The lock on a home, held until this is released or the process ends.
package final class HomeLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock without waiting and writes the process id into it.
    /// - Throws: `home_locked` with the id of the holder; `home_unusable`.
    package static func acquire(_ home: Home) throws(CorralError) -> HomeLock {
        // A second round is needed only when someone removes the file at the same moment.
        for _ in 0..<8 {
            let descriptor = open(home.lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw .homeUnusable(home.lock, "open", errno) }
            let lock = HomeLock(descriptor: descriptor)
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                guard code == EWOULDBLOCK else { throw .homeUnusable(home.lock, "lock", code) }
                throw .homeLocked(home.path, holder: lock.holder)
            }
            if lock.isFile(at: home.lock) {
                try lock.writeOwner(home)
                return lock
            }
        }
        throw .homeLocked(home.path, holder: nil)
    }

    /// Whether the locked file is the one others would open: a lock on a removed file excludes nobody.
    private func isFile(at path: String) -> Bool {
        var held = stat()
        var named = stat()
        return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino
            && held.st_dev == named.st_dev
    }

    private func writeOwner(_ home: Home) throws(CorralError) {
        let line = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, line, line.count, 0) == line.count else {
            throw .homeUnusable(home.lock, "write", errno)
        }
    }

    /// The process id in the file; nil when the holder has not written it yet.
    private var holder: Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0, let line = bytes[..<count].split(separator: UInt8(ascii: "\n")).first else { return nil }
        return Int32(String(decoding: line, as: UTF8.self)).flatMap { $0 > 0 ? $0 : nil }
    }
}
