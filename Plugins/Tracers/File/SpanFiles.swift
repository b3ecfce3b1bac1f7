// SPDX-License-Identifier: Apache-2.0
// SpanFiles: the files of spans in the plugin's folder: one that grows, `spans.jsonl`, and older ones, `spans.1.jsonl` the
// youngest of them. Each line is a whole OTLP/JSON request, the form that a collector's "otlpjsonfile" receiver reads.

import Glibc

/// Where it ends. Files are for looking at what happened lately; a backend keeps history.
package struct RotationBounds: Sendable {
    /// A file that would grow beyond this is set aside first.
    package var fileBytesMax = 16 << 20
    /// Together with the growing one; the oldest goes.
    package var filesMax = 5

    package init(fileBytesMax: Int = 16 << 20, filesMax: Int = 5) {
        self.fileBytesMax = fileBytesMax
        self.filesMax = filesMax
    }
}

/// What the file system refused.
package struct FileFault: Error, Hashable {
    package var what: String
    package var number: Int32

    package var text: String { "\(what): \(String(cString: strerror(number)))" }
}

/// Used by one call at a time.
final class SpanFiles {
    private let folder: String
    private let bounds: RotationBounds
    private let file: Int32
    private var bytes: Int

    /// Opens or creates the growing file. What a process that died left of a line is cut off, so that every line is whole.
    init(folder: String, bounds: RotationBounds) throws(FileFault) {
        let file = open(folder + "/spans.jsonl", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw FileFault(what: "cannot open \(folder)/spans.jsonl", number: errno) }
        let whole = Self.wholeLines(file)
        guard ftruncate(file, off_t(whole)) == 0 else {
            let number = errno
            close(file)
            throw FileFault(what: "cannot cut \(folder)/spans.jsonl", number: number)
        }
        self.folder = folder
        self.bounds = bounds
        self.file = file
        bytes = whole
    }

    deinit { close(file) }

    /// Whether the line would make the file larger than it may get.
    func isFull(for line: [UInt8]) -> Bool { bytes > 0 && bytes + line.count + 1 > bounds.fileBytesMax }

    /// Sets this file aside and the oldest one too many away. The growing file must be opened anew then.
    func rotate() throws(FileFault) {
        for number in stride(from: bounds.filesMax - 1, to: 0, by: -1) {
            let from = number == 1 ? "/spans.jsonl" : "/spans.\(number - 1).jsonl"
            guard rename(folder + from, folder + "/spans.\(number).jsonl") == 0 || errno == ENOENT else {
                throw FileFault(what: "cannot rename \(folder)\(from)", number: errno)
            }
        }
        // With one file there is nowhere to set it aside.
        if bounds.filesMax <= 1 { unlink(folder + "/spans.jsonl") }
    }

    /// Writes one line, whole or not at all. It survives the death of the process, not a power cut, as spans may.
    func append(_ line: [UInt8]) throws(FileFault) {
        let text = line + [UInt8(ascii: "\n")]
        var written = 0
        while written < text.count {
            let count = text.withUnsafeBytes {
                pwrite(file, $0.baseAddress! + written, text.count - written, off_t(bytes + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let number = count < 0 ? errno : ENOSPC
                // A piece of a line would spoil the next one.
                ftruncate(file, off_t(bytes))
                throw FileFault(what: "cannot write to \(folder)/spans.jsonl", number: number)
            }
            written += count
        }
        bytes += text.count
    }

    /// The length up to and with the last line feed.
    private static func wholeLines(_ file: Int32) -> Int {
        var end = Int(lseek(file, 0, SEEK_END))
        var buffer = Array(repeating: UInt8(0), count: 64 << 10)
        while end > 0 {
            let start = max(0, end - buffer.count)
            let count = pread(file, &buffer, end - start, off_t(start))
            guard count > 0 else { return 0 }
            if let last = buffer[..<count].lastIndex(of: UInt8(ascii: "\n")) { return start + last + 1 }
            end = start
        }
        return 0
    }
}
