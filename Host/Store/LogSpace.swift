// SPDX-License-Identifier: Apache-2.0
// LogSpace: room ahead of the write-ahead log's end. A flush of a file that grew must also commit the file system's own
// journal; a flush of bytes inside a file need not (decision 0003 has the numbers).

import Glibc

/// Grows the log in steps, by zeros, which SQLite takes for the end of the log: a frame without the log's salt is none.
final class LogSpace {
    private static let headerBytes = 32
    /// A page of 4 KiB and its frame header.
    private static let frameBytes = 4_096 + 24
    /// Room for some 20 commits; written once for all of them.
    private static let stepBytes = 256 << 10
    /// What one commit may need; a larger one grows the file itself.
    private static let spareFrames = 32

    private let path: String
    private var descriptor: Int32 = -1
    private var fileBytes = 0

    init(database: String) { path = database + "-wal" }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Makes room for the next commits. Inside a write transaction only: then nobody else appends to the log.
    ///
    /// A failure is of no concern here: the commit itself meets the same full disk and reports it.
    /// - Parameter pages: how many the log holds.
    func reserve(after pages: Int) {
        let neededBytes = Self.headerBytes + (pages + Self.spareFrames) * Self.frameBytes
        guard neededBytes > fileBytes, open(), readSize(), neededBytes > fileBytes else { return }
        let zeros = [UInt8](repeating: 0, count: Self.stepBytes)
        // Never below the present end: those bytes are SQLite's.
        let written = pwrite(descriptor, zeros, zeros.count, off_t(fileBytes))
        if written > 0 { fileBytes += written }
    }

    private func open() -> Bool {
        if descriptor < 0 { descriptor = Glibc.open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC) }
        return descriptor >= 0
    }

    private func readSize() -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        fileBytes = Int(status.st_size)
        return true
    }
}
