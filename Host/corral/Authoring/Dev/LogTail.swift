// SPDX-License-Identifier: Apache-2.0
// LogTail: new lines of the host's log that are about one plugin.

import CorralBase
import Glibc

struct LogTail {
    private let path: String
    private var offset: off_t
    private var rest: [UInt8] = []

    private static let bytesMax = 256 << 10

    /// From the log's end as it is now.
    init(_ path: String) {
        self.path = path
        var information = stat()
        offset = stat(path, &information) == 0 ? information.st_size : 0
    }

    mutating func lines(about id: String) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var information = stat()
        // A log that is shorter than it was is a new one.
        if fstat(descriptor, &information) == 0, information.st_size < offset { offset = 0 }
        var buffer = [UInt8](repeating: 0, count: Self.bytesMax)
        let count = pread(descriptor, &buffer, buffer.count, offset)
        guard count > 0 else { return [] }
        offset += off_t(count)
        rest += buffer[..<count]
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else {
            if rest.count > Self.bytesMax { rest = [] }
            return []
        }
        let text = String(decoding: rest[..<end], as: UTF8.self)
        rest = Array(rest[(end + 1)...])
        return text.split(separator: "\n").map(String.init).filter { $0.contains(id) }
    }
}
