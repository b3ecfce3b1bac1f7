// SPDX-License-Identifier: Apache-2.0
// SmallFile: reads a file that the operator named, whatever it turns out to be: a device or a pipe is refused before it
// could hold the host up.

import CorralBase
import CorralWire
import Glibc

struct SmallFile {
    let bytes: [UInt8]
    let mode: UInt32
    let owner: UInt32

    struct Refusal: Error { let why: String }

    static func read(_ path: String, bytesMax: Int) throws(Refusal) -> SmallFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw Refusal(why: errorText(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Refusal(why: "it is no plain file")
        }
        guard status.st_size <= bytesMax else {
            throw Refusal(why: "it has \(status.st_size) bytes, at most \(bytesMax) are read")
        }
        // One byte more than it had, to see it grow.
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Refusal(why: errorText(errno)) }
            if count == 0 { break }
            filled += count
        }
        return SmallFile(bytes: Array(bytes[..<min(filled, bytesMax)]), mode: status.st_mode, owner: status.st_uid)
    }
}
