// SPDX-License-Identifier: Apache-2.0
// FrameSocket: frames over a blocking stream socket. The worker and both ends of the control socket use it; the host's
// side of a worker never blocks and has its own loop (Supervision).

import CorralBase
import CorralSocket
import Glibc

/// A frame and the descriptors that came with it. The receiver owns the descriptors and closes them.
package struct ReceivedFrame: Sendable {
    package var frame: Frame
    package var descriptors: [Int32]
}

/// Sending and receiving may happen on two threads at once; two senders or two receivers must take turns themselves.
package struct FrameSocket: Sendable {
    package let descriptor: Int32
    private let payloadBytesMax: Int
    private let descriptorsMax: Int

    /// - Parameters:
    ///   - descriptor: a connected stream socket; stays the caller's to close.
    ///   - payloadBytesMax: a received frame with a longer payload is an error.
    ///   - descriptorsMax: a frame that brings more descriptors is an error. 0 towards anyone untrusted.
    package init(_ descriptor: Int32, payloadBytesMax: Int, descriptorsMax: Int = 0) {
        self.descriptor = descriptor
        self.payloadBytesMax = payloadBytesMax
        self.descriptorsMax = min(descriptorsMax, Int(CORRAL_DESCRIPTORS_MAX))
    }

    /// Sends a whole frame, waiting while the peer does not read. The descriptors stay the caller's.
    /// - Throws: `socket_failed`.
    package func send(_ frame: Frame, descriptors: [Int32] = []) throws {
        let bytes = frame.bytes
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                descriptors.withUnsafeBufferPointer { list in
                    corral_socket_send(
                        descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, nil, 0,
                        list.baseAddress, sent == 0 ? Int32(list.count) : 0)
                }
            }
            guard count > 0 else { throw CorralError.socketFailed("send", errorText(-Int32(count))) }
            sent += count
        }
    }

    /// Waits for the next frame; nil at the orderly end of the stream.
    /// - Throws: `protocol_violation` for a frame too long, cut short or with too many descriptors; `socket_failed`.
    package func receive() throws -> ReceivedFrame? {
        var descriptors: [Int32] = []
        do {
            var header = [UInt8](repeating: 0, count: Frame.headerBytes)
            guard try fill(&header, &descriptors, endIsAllowed: true) else { return nil }
            var reader = ByteReader(header)
            let length = Int(try reader.u32())
            guard length <= payloadBytesMax else {
                throw CorralError.protocolViolation(
                    "a frame of \(length) bytes, at most \(payloadBytesMax) are allowed")
            }
            let kind = FrameKind(rawValue: try reader.u16())
            let flags = FrameFlags(rawValue: try reader.u16())
            let call = try reader.u64()
            var payload = [UInt8](repeating: 0, count: length)
            _ = try fill(&payload, &descriptors, endIsAllowed: false)
            return ReceivedFrame(
                frame: Frame(kind, call: call, flags: flags, payload: payload), descriptors: descriptors)
        } catch {
            for descriptor in descriptors { close(descriptor) }
            throw error
        }
    }

    private func fill(_ bytes: inout [UInt8], _ descriptors: inout [Int32], endIsAllowed: Bool) throws -> Bool {
        var filled = 0
        while filled < bytes.count {
            var batch = [Int32](repeating: -1, count: max(1, descriptorsMax))
            var batchCount = Int32(descriptorsMax)
            var truncated: Int32 = 0
            let count = bytes.withUnsafeMutableBytes { buffer in
                corral_socket_receive(
                    descriptor, buffer.baseAddress! + filled, buffer.count - filled, &batch, &batchCount, &truncated)
            }
            descriptors.append(contentsOf: batch.prefix(Int(batchCount)))
            guard truncated == 0, descriptors.count <= descriptorsMax else {
                throw CorralError.protocolViolation("descriptors that are not allowed here")
            }
            if count == 0, filled == 0, endIsAllowed { return false }
            guard count != 0 else { throw CorralError.protocolViolation("half a frame and then nothing") }
            guard count > 0 else { throw CorralError.socketFailed("receive", errorText(-Int32(count))) }
            filled += count
        }
        return true
    }
}

/// The system's text for an errno.
package func errorText(_ number: Int32) -> String {
    guard let text = strerror(number) else { return "errno \(number)" }
    return "\(String(cString: text)) (errno \(number))"
}
