// SPDX-License-Identifier: Apache-2.0
// Frame: the unit of everything that crosses a socket between two Corral processes.
//
// Layout, little-endian: u32 payload length, u16 kind, u16 flags, u64 call id, then the payload. Frames of one call are
// ordered; the id lets many calls share the socket. Descriptors ride with a frame's first byte, host → worker only.

import CorralBase

/// The version both sides state first. Host and worker come from one build, so a difference is a broken installation.
package let wireVersion: UInt16 = 1

package struct Frame: Sendable, Equatable {
    package static let headerBytes = 16

    package var kind: FrameKind
    package var flags: FrameFlags
    /// The call the frame belongs to; 0 when to none.
    package var call: UInt64
    package var payload: [UInt8]

    package init(_ kind: FrameKind, call: UInt64 = 0, flags: FrameFlags = [], payload: [UInt8] = []) {
        self.kind = kind
        self.flags = flags
        self.call = call
        self.payload = payload
    }

    /// Header and payload as they go over the socket.
    package var bytes: [UInt8] {
        var writer = ByteWriter(reserving: Frame.headerBytes + payload.count)
        writer.u32(UInt32(truncatingIfNeeded: payload.count))
        writer.u16(kind.rawValue)
        writer.u16(flags.rawValue)
        writer.u64(call)
        writer.raw(payload)
        return writer.bytes
    }
}

/// What a frame means. Unknown kinds decode to themselves; the receiver decides that they end the connection.
package struct FrameKind: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    // Host → worker
    package static let hello = FrameKind(rawValue: 1)
    package static let load = FrameKind(rawValue: 2)
    package static let call = FrameKind(rawValue: 3)
    package static let cancel = FrameKind(rawValue: 4)
    package static let credit = FrameKind(rawValue: 5)
    package static let serviceReply = FrameKind(rawValue: 6)
    package static let shutdown = FrameKind(rawValue: 7)
    package static let serviceEvent = FrameKind(rawValue: 8)

    // Worker → host
    package static let ready = FrameKind(rawValue: 33)
    package static let manifest = FrameKind(rawValue: 34)
    package static let loaded = FrameKind(rawValue: 35)
    package static let loadFailed = FrameKind(rawValue: 36)
    package static let started = FrameKind(rawValue: 37)
    package static let data = FrameKind(rawValue: 38)
    package static let progress = FrameKind(rawValue: 39)
    package static let complete = FrameKind(rawValue: 40)
    package static let log = FrameKind(rawValue: 41)
    package static let serviceRequest = FrameKind(rawValue: 42)
    package static let serviceData = FrameKind(rawValue: 43)
    package static let goodbye = FrameKind(rawValue: 44)
    package static let serviceCredit = FrameKind(rawValue: 45)

    // Client ↔ host, on the control socket: JSON payloads
    package static let controlRequest = FrameKind(rawValue: 65)
    package static let controlReply = FrameKind(rawValue: 66)
    package static let controlEvent = FrameKind(rawValue: 67)
    package static let controlEnd = FrameKind(rawValue: 68)
}

package struct FrameFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The body is not in the payload but in the frame's first descriptor, a sealed memfd.
    package static let bodyInDescriptor = FrameFlags(rawValue: 1)
}
