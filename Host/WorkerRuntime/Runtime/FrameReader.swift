// SPDX-License-Identifier: Apache-2.0
// FrameReader: frames from the host, read many bytes at a time. Its state belongs to whoever is the crew's reader.

import CorralBase
import CorralSocket
import CorralWire
import Glibc

/// A frame whose payload lies in the reader's buffer until the next one is read.
struct InboundFrame {
    var kind: FrameKind
    var flags: FrameFlags
    var call: UInt64
    var payload: UnsafeRawBufferPointer

    /// A copy as the messages of Wire take it.
    var copy: Frame { Frame(kind, call: call, flags: flags, payload: Array(payload)) }
}

final class FrameReader {
    /// A load carries a manifest, a configuration and a native description; a call carries its body up to a size.
    private static func payloadBytesMax(_ kind: FrameKind) -> Int {
        switch kind {
        case .load: 2 * Limits.manifestBytesMax + 2 * Limits.documentBytesMax
        case .call, .serviceReply: CallMessage.inlineBytesMax + Limits.frameBytesMax
        case .serviceEvent: Limits.serviceEventBytesMax + Limits.frameBytesMax
        default: Limits.frameBytesMax
        }
    }

    private let descriptor: Int32
    private var buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    /// Descriptors arrive in the order of the frames that need them, each not later than its frame's first byte.
    private var descriptors: [Int32] = []

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        buffer = .allocate(byteCount: 4 * Limits.frameBytesMax, alignment: 16)
    }

    /// Waits for the next frame; nil at the end of the stream.
    func next() -> InboundFrame? {
        while true {
            if let frame = wholeFrame() { return frame }
            guard fill() else { return nil }
        }
    }

    /// The next descriptor of the frame just read. The caller closes it.
    func takeDescriptor() -> Int32 {
        guard !descriptors.isEmpty else { die("the host announced a descriptor and sent none") }
        return descriptors.removeFirst()
    }

    private func wholeFrame() -> InboundFrame? {
        let available = end - start
        guard available >= Frame.headerBytes, let base = buffer.baseAddress else { return nil }
        let header = base + start
        let length = Int(UInt32(littleEndian: header.loadUnaligned(as: UInt32.self)))
        let kind = FrameKind(rawValue: UInt16(littleEndian: header.loadUnaligned(fromByteOffset: 4, as: UInt16.self)))
        guard length <= FrameReader.payloadBytesMax(kind) else { die("the host sent a frame of \(length) bytes") }
        guard available >= Frame.headerBytes + length else {
            makeRoom(for: Frame.headerBytes + length)
            return nil
        }
        let flags = UInt16(littleEndian: header.loadUnaligned(fromByteOffset: 6, as: UInt16.self))
        let call = UInt64(littleEndian: header.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        start += Frame.headerBytes + length
        return InboundFrame(
            kind: kind, flags: FrameFlags(rawValue: flags), call: call,
            payload: UnsafeRawBufferPointer(start: header + Frame.headerBytes, count: length))
    }

    /// Moves what has arrived to the front, and grows the buffer when the frame is longer than it.
    private func makeRoom(for size: Int) {
        guard start + size > buffer.count else { return }
        let pending = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
        if size > buffer.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
            larger.copyMemory(from: pending)
            buffer.deallocate()
            buffer = larger
        } else if let base = buffer.baseAddress, let source = pending.baseAddress {
            memmove(base, source, pending.count)
        }
        end -= start
        start = 0
    }

    private func fill() -> Bool {
        if start == end { (start, end) = (0, 0) }
        // A frame's header alone may lie at the very end: without room, receiving nothing would look like the stream's end.
        if end == buffer.count { makeRoom(for: buffer.count) }
        var count = Int32(CORRAL_DESCRIPTORS_MAX)
        var truncated: Int32 = 0
        let received = withUnsafeTemporaryAllocation(of: Int32.self, capacity: Int(count)) { batch in
            let received = corral_socket_receive(
                descriptor, buffer.baseAddress! + end, buffer.count - end, batch.baseAddress, &count, &truncated)
            descriptors.append(contentsOf: batch.prefix(Int(count)))
            return received
        }
        guard truncated == 0 else { die("the host sent more descriptors than there is room for") }
        guard received > 0 else {
            if received == 0 { return false }
            die("cannot read from the host (errno \(-received))")
        }
        end += received
        return true
    }
}
