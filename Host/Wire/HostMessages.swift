// SPDX-License-Identifier: Apache-2.0
// HostMessages: the payloads of frames the host sends to a worker.

import CorralBase

/// The first frame: who the worker is. It answers with `ReadyMessage`.
package struct HelloMessage: Sendable, Equatable {
    package var version: UInt16 = wireVersion
    package var key: String
    /// Calls the host will have running at once.
    package var callsMax: UInt32
    /// Bytes a call may send before it must wait for credit.
    package var creditBytes: UInt32

    package init(key: String, callsMax: UInt32, creditBytes: UInt32) {
        self.key = key
        self.callsMax = callsMax
        self.creditBytes = creditBytes
    }

    package var frame: Frame {
        var writer = ByteWriter()
        writer.u16(version)
        writer.text(key)
        writer.u32(callsMax)
        writer.u32(creditBytes)
        return Frame(.hello, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        version = try reader.u16()
        key = try reader.text()
        callsMax = try reader.u32()
        creditBytes = try reader.u32()
        try reader.finish()
    }
}

/// Loads one library. Answered by `manifest` frames and `loaded`, or by `loadFailed`.
package struct LoadMessage: Sendable, Equatable {
    package enum Form: UInt8, Sendable {
        /// A library that exports `corral_plugin_entry`.
        case plugin = 1
        /// Any C library; `native` describes its functions.
        case native = 2
        /// Nothing that takes calls: an experiment of `corral plugin check`, which `native` names; see `Rehearsal`.
        case rehearsal = 3
    }

    /// The host's number for the plugin in this worker, given again in every call.
    package var plugin: UInt32
    package var form: Form
    package var path: String
    /// True in a probe: report the manifest, do not activate.
    package var isProbe: Bool
    /// SHA-256 is the host's; the worker compares bytes: empty in a probe, else what the library must state.
    package var expectedManifest: [UInt8]
    /// JSON object for `activate`.
    package var configuration: [UInt8]
    /// Form `native`: JSON `{"library", "free"?, "tools": [{"name", "symbol", "signature"}]}`. Form `rehearsal`: the
    /// name of the experiment. Else empty.
    package var native: [UInt8]
    /// Ids of the host services that the plugin's grants open: `get_extension` answers NULL for the others. All plugins
    /// of a worker have the same.
    package var services: [String]
    /// The plugin's own folder; empty without the grant. A worker with one has no other plugin.
    package var storage: String

    package init(
        plugin: UInt32, form: Form, path: String, isProbe: Bool, expectedManifest: [UInt8] = [],
        configuration: [UInt8] = Array("{}".utf8), native: [UInt8] = [], services: [String] = [], storage: String = ""
    ) {
        self.plugin = plugin
        self.form = form
        self.path = path
        self.isProbe = isProbe
        self.expectedManifest = expectedManifest
        self.configuration = configuration
        self.native = native
        self.services = services
        self.storage = storage
    }

    /// May exceed `Limits.frameBytesMax`: a worker accepts `Limits.manifestBytesMax` twice in this kind of frame.
    package var frame: Frame {
        var writer = ByteWriter()
        writer.u32(plugin)
        writer.u8(form.rawValue)
        writer.text(path)
        writer.u8(isProbe ? 1 : 0)
        writer.run(expectedManifest)
        writer.run(configuration)
        writer.run(native)
        writer.u8(UInt8(truncatingIfNeeded: services.count))
        for service in services { writer.text(service) }
        writer.text(storage)
        return Frame(.load, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        plugin = try reader.u32()
        guard let form = Form(rawValue: try reader.u8()) else {
            throw CorralError.protocolViolation("an unknown form of library")
        }
        self.form = form
        path = try reader.text()
        isProbe = try reader.u8() != 0
        expectedManifest = Array(try reader.run())
        configuration = Array(try reader.run())
        native = Array(try reader.run())
        services = []
        for _ in 0..<(try reader.u8()) { services.append(try reader.text()) }
        storage = try reader.text()
        try reader.finish()
    }
}

/// Which of a plugin's vtables a call goes to.
package enum CallTarget: UInt8, Sendable {
    case agent = 1
    case tool = 2
    case native = 3
    case memory = 4
    case scanner = 5
    case judge = 6
    case notifier = 7
    case tracer = 8

    package init(_ kind: PluginKind) {
        self =
            switch kind {
            case .agent: .agent
            case .tool: .tool
            case .memory: .memory
            case .scanner: .scanner
            case .judge: .judge
            case .notifier: .notifier
            case .tracer: .tracer
            }
    }
}

/// What the person or program behind a run said about it; every call of the run carries it.
package struct CallContext: Sendable, Hashable, Codable {
    package var user: String
    package var feature: String
    package var session: String
    package var taskType: String
    package var complexity: String

    package init(
        user: String = "", feature: String = "", session: String = "", taskType: String = "", complexity: String = ""
    ) {
        self.user = user
        self.feature = feature
        self.session = session
        self.taskType = taskType
        self.complexity = complexity
    }
}

/// Starts a call. The frame's descriptors: the body when it has `bodyInDescriptor`, then one for each artifact, in order,
/// all sealed memfds.
package struct CallMessage: Sendable, Equatable {
    package struct ArtifactEntry: Sendable, Equatable {
        /// The text after "$artifact" in the request.
        package var reference: String
        package var bytes: UInt64

        package init(reference: String, bytes: UInt64) {
            self.reference = reference
            self.bytes = bytes
        }
    }

    package var plugin: UInt32
    package var target: CallTarget
    /// The tool's name, or the function of another kind; empty for an agent.
    package var method: String
    package var depth: UInt32
    /// CLOCK_MONOTONIC nanoseconds, 0 = none.
    package var deadline: UInt64
    package var context: CallContext
    package var idempotencyKey: String
    package var artifacts: [ArtifactEntry]
    /// Empty when the body is in a descriptor, whose size then counts.
    package var body: [UInt8]

    package init(
        plugin: UInt32, target: CallTarget, method: String = "", depth: UInt32 = 0, deadline: UInt64 = 0,
        context: CallContext = CallContext(), idempotencyKey: String = "", artifacts: [ArtifactEntry] = [],
        body: [UInt8]
    ) {
        self.plugin = plugin
        self.target = target
        self.method = method
        self.depth = depth
        self.deadline = deadline
        self.context = context
        self.idempotencyKey = idempotencyKey
        self.artifacts = artifacts
        self.body = body
    }

    /// A worker takes bodies, and results of services, up to this size inside the frame: there and back that costs
    /// about half of what a memfd does, whose pages must be made, mapped and dropped (round trips at 64 KiB and 1 MiB in
    /// Tests/Benchmarks). Larger ones are passed as a memfd, which no socket buffer holds a copy of.
    package static let inlineBytesMax = 1 << 20

    /// The frame with the body inside. When the body exceeds `inlineBytesMax`, send it in a descriptor.
    package func frame(call: UInt64, bodyInDescriptor: Bool = false) -> Frame {
        var writer = ByteWriter(reserving: body.count + 256)
        writer.u32(plugin)
        writer.u8(target.rawValue)
        writer.text(method)
        writer.u32(depth)
        writer.u64(deadline)
        for text in [context.user, context.feature, context.session, context.taskType, context.complexity] {
            writer.text(text)
        }
        writer.text(idempotencyKey)
        writer.u32(UInt32(truncatingIfNeeded: artifacts.count))
        for artifact in artifacts {
            writer.text(artifact.reference)
            writer.u64(artifact.bytes)
        }
        if !bodyInDescriptor { writer.raw(body) }
        return Frame(.call, call: call, flags: bodyInDescriptor ? .bodyInDescriptor : [], payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        plugin = try reader.u32()
        guard let target = CallTarget(rawValue: try reader.u8()) else {
            throw CorralError.protocolViolation("an unknown call target")
        }
        self.target = target
        method = try reader.text()
        depth = try reader.u32()
        deadline = try reader.u64()
        context = CallContext(
            user: try reader.text(), feature: try reader.text(), session: try reader.text(),
            taskType: try reader.text(), complexity: try reader.text())
        idempotencyKey = try reader.text()
        artifacts = []
        for _ in 0..<(try reader.u32()) {
            artifacts.append(ArtifactEntry(reference: try reader.text(), bytes: try reader.u64()))
        }
        body = Array(reader.rest())
    }
}

/// Why a call is asked to stop.
package enum CancelReason: UInt8, Sendable, Codable {
    case requested = 1
    case deadline = 2
    /// The call broke a limit; its result is refused.
    case limit = 3

    package func frame(call: UInt64) -> Frame { Frame(.cancel, call: call, payload: [rawValue]) }

    package init(_ frame: Frame) throws {
        guard frame.payload.count == 1, let reason = CancelReason(rawValue: frame.payload[0]) else {
            throw CorralError.protocolViolation("an unknown reason to cancel")
        }
        self = reason
    }
}

/// Lets a call send further bytes.
package struct CreditMessage: Sendable, Equatable {
    package var bytes: UInt32

    package init(bytes: UInt32) { self.bytes = bytes }

    package func frame(call: UInt64) -> Frame {
        var writer = ByteWriter()
        writer.u32(bytes)
        return Frame(.credit, call: call, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        bytes = try reader.u32()
        try reader.finish()
    }
}
