// SPDX-License-Identifier: Apache-2.0
// FrameDecoder: bytes as they arrive → frames. Refuses a frame that is too long from its header alone, so that a peer
// which announces 4 GiB costs 16 bytes.

import CorralBase

package struct FrameDecoder: Sendable {
    private let payloadBytesMax: Int
    private var buffer: [UInt8] = []
    private var start = 0

    /// - Parameter payloadBytesMax: longer frames are an error; `Limits.frameBytesMax` towards workers.
    package init(payloadBytesMax: Int = Limits.frameBytesMax) { self.payloadBytesMax = payloadBytesMax }

    /// Bytes received that are not yet a whole frame.
    package var pendingBytes: Int { buffer.count - start }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start > 0, start == buffer.count || start > 64 << 10 {
            buffer.removeSubrange(0..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame, or nil until more bytes arrive.
    /// - Throws: `protocol_violation` for a frame longer than allowed. The connection cannot be used afterwards.
    package mutating func next() throws -> Frame? {
        guard buffer.count - start >= Frame.headerBytes else { return nil }
        var reader = ByteReader(buffer[start...])
        let length = Int(try reader.u32())
        guard length <= payloadBytesMax else {
            throw CorralError.protocolViolation("a frame of \(length) bytes, at most \(payloadBytesMax) are allowed")
        }
        guard buffer.count - start >= Frame.headerBytes + length else { return nil }
        let kind = FrameKind(rawValue: try reader.u16())
        let flags = FrameFlags(rawValue: try reader.u16())
        let call = try reader.u64()
        let payload = Array(buffer[(start + Frame.headerBytes)..<(start + Frame.headerBytes + length)])
        start += Frame.headerBytes + length
        return Frame(kind, call: call, flags: flags, payload: payload)
    }
}
