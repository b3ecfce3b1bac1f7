// SPDX-License-Identifier: Apache-2.0
// WorkerMessages: the payloads of frames a worker sends to the host. The host decodes them as words of a stranger.

import CorralBase

/// The answer to hello.
package struct ReadyMessage: Sendable, Equatable {
    package var version: UInt16 = wireVersion
    /// The Swift toolchain the worker was built with, as in the ELF note of plugins.
    package var toolchain: String
    /// Whether the worker has put its own filter of system calls over itself. The host takes no worker without.
    package var isSealed: Bool

    package init(toolchain: String, isSealed: Bool = true) {
        self.toolchain = toolchain
        self.isSealed = isSealed
    }

    package var frame: Frame {
        var writer = ByteWriter()
        writer.u16(version)
        writer.text(toolchain)
        writer.u8(isSealed ? 1 : 0)
        return Frame(.ready, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        version = try reader.u16()
        toolchain = try reader.text()
        isSealed = try reader.u8() == 1
        try reader.finish()
    }
}

/// A piece of a loaded plugin's manifest, in order; `loaded` follows the last. Native libraries send none.
package struct ManifestMessage: Sendable, Equatable {
    package var plugin: UInt32
    package var bytes: [UInt8]

    package init(plugin: UInt32, bytes: [UInt8]) {
        self.plugin = plugin
        self.bytes = bytes
    }

    package var frame: Frame {
        var writer = ByteWriter(reserving: 8 + bytes.count)
        writer.u32(plugin)
        writer.raw(bytes)
        return Frame(.manifest, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        plugin = try reader.u32()
        bytes = Array(reader.rest())
    }
}

/// A library is loaded, activated (unless a probe) and takes calls. For plugins that provide `corral.native/1`, and for
/// native libraries, `tools` is the JSON list of their functions: `[{"name", "summary", "input": schema}]`; for a
/// rehearsal, what it found; else empty.
package struct LoadedMessage: Sendable, Equatable {
    package var plugin: UInt32
    package var tools: [UInt8]

    package init(plugin: UInt32, tools: [UInt8] = []) {
        self.plugin = plugin
        self.tools = tools
    }

    package var frame: Frame {
        var writer = ByteWriter()
        writer.u32(plugin)
        writer.raw(tools)
        return Frame(.loaded, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        plugin = try reader.u32()
        tools = Array(reader.rest())
    }
}

/// Why a library could not be loaded; `detail` is for people and may quote the loader.
package struct LoadFailedMessage: Sendable, Equatable {
    package enum Reason: UInt8, Sendable {
        case cannotOpen = 1
        case missingDependency = 2
        case noEntryPoint = 3
        case refusedByPlugin = 4
        case wrongABI = 5
        case manifestDiffers = 6
        case manifestTooLarge = 7
        case missingExtension = 8
        case activationFailed = 9
        case missingSymbol = 10
        case badSignature = 11
        case badDescriptor = 12
    }

    package var plugin: UInt32
    package var reason: Reason
    package var detail: String

    package init(plugin: UInt32, reason: Reason, detail: String) {
        self.plugin = plugin
        self.reason = reason
        self.detail = detail
    }

    package var frame: Frame {
        var writer = ByteWriter()
        writer.u32(plugin)
        writer.u8(reason.rawValue)
        writer.text(detail)
        return Frame(.loadFailed, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        plugin = try reader.u32()
        guard let reason = Reason(rawValue: try reader.u8()) else {
            throw CorralError.protocolViolation("an unknown reason of a failed load")
        }
        self.reason = reason
        detail = try reader.repairedText()
        try reader.finish()
    }
}

/// A piece of what a call produces. Its payload counts against the call's credit.
package enum DataMessage: Sendable, Equatable {
    case result([UInt8])
    case partial([UInt8])
    /// Appends to the call's output file of that name; the media type of its first piece counts.
    case artifact(name: String, mediaType: String, bytes: [UInt8])

    /// Bytes of data that fit into one frame beside the longest name and media type.
    package static let bytesMax = Limits.frameBytesMax - 1024

    package func frame(call: UInt64) -> Frame {
        var writer = ByteWriter()
        switch self {
        case .result(let bytes):
            writer.u8(1)
            writer.raw(bytes)
        case .partial(let bytes):
            writer.u8(2)
            writer.raw(bytes)
        case .artifact(let name, let mediaType, let bytes):
            writer.u8(3)
            writer.text(name)
            writer.text(mediaType)
            writer.raw(bytes)
        }
        return Frame(.data, call: call, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        switch try reader.u8() {
        case 1: self = .result(Array(reader.rest()))
        case 2: self = .partial(Array(reader.rest()))
        case 3:
            let name = try reader.text()
            let mediaType = try reader.text()
            self = .artifact(name: name, mediaType: mediaType, bytes: Array(reader.rest()))
        default: throw CorralError.protocolViolation("an unknown kind of output")
        }
    }
}

/// How far a call is. Not counted against credit; limited by rate.
package struct ProgressMessage: Sendable, Equatable {
    /// 0 to 1, or nil when unknown.
    package var fraction: Double?
    package var text: String

    package init(fraction: Double?, text: String) {
        self.fraction = fraction
        self.text = text
    }

    package func frame(call: UInt64) -> Frame {
        var writer = ByteWriter()
        writer.f64(fraction ?? .nan)
        writer.text(text)
        return Frame(.progress, call: call, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        let fraction = try reader.f64()
        self.fraction = fraction.isFinite ? min(1, max(0, fraction)) : nil
        text = try reader.repairedText()
        try reader.finish()
    }
}

/// Ends a call.
package struct CompleteMessage: Sendable, Equatable {
    package struct Failure: Sendable, Equatable {
        package var code: String
        package var message: String
        package var details: String
        package var isRetryable: Bool

        package init(code: String, message: String, details: String = "", isRetryable: Bool = false) {
            self.code = code
            self.message = message
            self.details = details
            self.isRetryable = isRetryable
        }
    }

    /// A `corral_status`: 0 or negative.
    package var status: Int32
    /// 0 to 1, or nil when not stated.
    package var confidence: Double?
    package var changes: [Change]
    package var failure: Failure?
    /// Processor time of the worker's thread inside the plugin's function; 0 when the call was pending.
    package var cpuNanoseconds: UInt64

    package init(
        status: Int32, confidence: Double? = nil, changes: [Change] = [], failure: Failure? = nil,
        cpuNanoseconds: UInt64 = 0
    ) {
        self.status = status
        self.confidence = confidence
        self.changes = changes
        self.failure = failure
        self.cpuNanoseconds = cpuNanoseconds
    }

    package func frame(call: UInt64) -> Frame {
        var writer = ByteWriter()
        writer.i32(status)
        writer.f64(confidence ?? .nan)
        writer.u64(cpuNanoseconds)
        writer.u32(UInt32(truncatingIfNeeded: changes.count))
        for change in changes {
            writer.text(change.changeClass)
            writer.text(change.target)
        }
        writer.u8(failure == nil ? 0 : 1)
        if let failure {
            writer.text(failure.code)
            writer.text(failure.message)
            writer.text(failure.details)
            writer.u8(failure.isRetryable ? 1 : 0)
        }
        return Frame(.complete, call: call, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        status = try reader.i32()
        let confidence = try reader.f64()
        self.confidence = confidence.isFinite ? min(1, max(0, confidence)) : nil
        cpuNanoseconds = try reader.u64()
        changes = []
        for _ in 0..<(try reader.u32()) {
            changes.append(Change(changeClass: try reader.repairedText(), target: try reader.repairedText()))
        }
        if try reader.u8() != 0 {
            failure = Failure(
                code: try reader.repairedText(), message: try reader.repairedText(), details: try reader.repairedText(),
                isRetryable: try reader.u8() != 0)
        }
        try reader.finish()
    }
}

/// A line for the host's log. The frame's call is 0 when the line belongs to none.
package struct LogMessage: Sendable, Equatable {
    package var plugin: UInt32
    /// 1 debug, 2 info, 3 warning, 4 error.
    package var level: UInt8
    package var text: String

    package init(plugin: UInt32, level: UInt8, text: String) {
        self.plugin = plugin
        self.level = level
        self.text = text
    }

    package func frame(call: UInt64) -> Frame {
        var writer = ByteWriter()
        writer.u32(plugin)
        writer.u8(level)
        writer.text(text)
        return Frame(.log, call: call, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        plugin = try reader.u32()
        level = try reader.u8()
        text = try reader.repairedText()
        try reader.finish()
    }
}

/// A plugin uses a host service on behalf of the frame's call. When `totalBytes` exceeds what the frame holds,
/// `serviceData` frames with the rest follow.
package struct ServiceRequestMessage: Sendable, Equatable {
    /// Chosen by the worker, unique among the call's requests under way.
    package var request: UInt32
    /// The service's extension id, for example `corral.host.tool/1`.
    package var service: String
    /// What the service is asked for: for tools, `publisher/name.tool`.
    package var method: String
    package var totalBytes: UInt32
    package var bytes: [UInt8]

    package init(request: UInt32, service: String, method: String, totalBytes: UInt32, bytes: [UInt8]) {
        self.request = request
        self.service = service
        self.method = method
        self.totalBytes = totalBytes
        self.bytes = bytes
    }

    package func frame(call: UInt64) -> Frame {
        var writer = ByteWriter(reserving: 64 + bytes.count)
        writer.u32(request)
        writer.text(service)
        writer.text(method)
        writer.u32(totalBytes)
        writer.raw(bytes)
        return Frame(.serviceRequest, call: call, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        request = try reader.u32()
        service = try reader.text()
        method = try reader.text()
        totalBytes = try reader.u32()
        bytes = Array(reader.rest())
    }
}

/// The continuation of a service request.
package struct ServiceDataMessage: Sendable, Equatable {
    package var request: UInt32
    package var bytes: [UInt8]

    package init(request: UInt32, bytes: [UInt8]) {
        self.request = request
        self.bytes = bytes
    }

    package func frame(call: UInt64) -> Frame {
        var writer = ByteWriter(reserving: 8 + bytes.count)
        writer.u32(request)
        writer.raw(bytes)
        return Frame(.serviceData, call: call, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        request = try reader.u32()
        bytes = Array(reader.rest())
    }
}
