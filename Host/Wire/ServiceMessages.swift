// SPDX-License-Identifier: Apache-2.0
// ServiceMessages: the host's side of a host service: events while a request is under way, then its answer; and the
// worker's credit for events. Requests are in WorkerMessages.

import CorralBase

extension Limits {
    /// One event of a host service, for example a batch of server-sent events.
    package static let serviceEventBytesMax = 256 << 10
    /// Bytes of events of one request that the plugin has not taken yet. The service waits when they are full, and so
    /// does whoever sends to it: a slow plugin slows its own stream down and nothing else.
    package static let serviceEventWindowBytes = 256 << 10
}

/// Sends an event to the plugin that asked; at most `Limits.serviceEventBytesMax`. Waits while the plugin has too many
/// that it has not taken. False: the request or its call is over, or the event is too large; stop.
package typealias ServiceEmit = @Sendable (_ event: [UInt8]) async -> Bool

/// The answer to a `ServiceRequestMessage`. The frame's descriptors: the result when it has `bodyInDescriptor`, then those
/// that are part of the answer, which become the plugin's.
package struct ServiceReplyMessage: Sendable, Equatable {
    package var request: UInt32
    /// A `corral_status`.
    package var status: Int32
    /// How many descriptors are part of the answer.
    package var descriptorCount: UInt8
    package var result: [UInt8]

    package init(request: UInt32, status: Int32, descriptorCount: UInt8 = 0, result: [UInt8]) {
        self.request = request
        self.status = status
        self.descriptorCount = descriptorCount
        self.result = result
    }

    package func frame(call: UInt64, bodyInDescriptor: Bool = false) -> Frame {
        var writer = ByteWriter(reserving: 16 + result.count)
        writer.u32(request)
        writer.i32(status)
        writer.u8(descriptorCount)
        if !bodyInDescriptor { writer.raw(result) }
        return Frame(.serviceReply, call: call, flags: bodyInDescriptor ? .bodyInDescriptor : [], payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        request = try reader.u32()
        status = try reader.i32()
        descriptorCount = try reader.u8()
        result = Array(reader.rest())
    }
}

/// Something that happened while a request is under way, before its answer. Events of one request arrive in order.
package struct ServiceEventMessage: Sendable, Equatable {
    package var request: UInt32
    /// At most `Limits.serviceEventBytesMax`.
    package var event: [UInt8]

    package init(request: UInt32, event: [UInt8]) {
        self.request = request
        self.event = event
    }

    package func frame(call: UInt64) -> Frame {
        var writer = ByteWriter(reserving: 4 + event.count)
        writer.u32(request)
        writer.raw(event)
        return Frame(.serviceEvent, call: call, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        request = try reader.u32()
        event = Array(reader.rest())
    }
}

/// The plugin has taken events of these many bytes.
package struct ServiceCreditMessage: Sendable, Equatable {
    package var request: UInt32
    package var bytes: UInt32

    package init(request: UInt32, bytes: UInt32) {
        self.request = request
        self.bytes = bytes
    }

    package func frame(call: UInt64) -> Frame {
        var writer = ByteWriter()
        writer.u32(request)
        writer.u32(bytes)
        return Frame(.serviceCredit, call: call, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        request = try reader.u32()
        bytes = try reader.u32()
        try reader.finish()
    }
}
