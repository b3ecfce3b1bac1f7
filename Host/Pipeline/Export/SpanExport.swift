// SPDX-License-Identifier: Apache-2.0
// SpanExport: finished spans as an ExportTraceServiceRequest of OpenTelemetry in its JSON form (OTLP 1.x, "JSON Protobuf
// Encoding": ids in hexadecimal, enumerations as numbers, 64-bit integers as decimal text), with the names of the
// semantic conventions for generative AI, 1.41.

import CorralBase
import CorralStore

/// What all spans of a batch have in common.
package struct SpanSource: Sendable, Hashable {
    package var tenant: String
    package var version: String

    package init(tenant: String, version: String) {
        self.tenant = tenant
        self.version = version
    }
}

package enum SpanExport {
    /// `trace_flags` sampled (W3C Trace Context), and that the parent is known to be local
    /// (trace/v1/trace.proto, SpanFlags).
    private static let sampledAndLocal: Int64 = 0x101
    private static let internalKind: Int64 = 1
    private static let clientKind: Int64 = 3

    package static func request(_ spans: [SpanRecord], from source: SpanSource) -> JSON {
        let resource: JSONObject = [
            "service.name": "corral", "service.version": .string(source.version), "telemetry.sdk.name": "corral",
            "telemetry.sdk.language": "swift", "telemetry.sdk.version": .string(source.version),
            "corral.tenant": .string(source.tenant),
        ]
        return [
            "resourceSpans": [
                [
                    "resource": ["attributes": attributes(resource)],
                    "scopeSpans": [
                        [
                            "scope": ["name": "corral", "version": .string(source.version)],
                            "spans": .array(spans.map(span)),
                        ]
                    ],
                ]
            ]
        ]
    }

    private static func span(_ record: SpanRecord) -> JSON {
        let meaning = SpanMeaning(record)
        var span = JSONObject()
        span["traceId"] = .string(record.trace)
        span["spanId"] = .string(record.span)
        span["parentSpanId"] = record.parent.map { .string($0) }
        span["flags"] = .int(sampledAndLocal)
        span["name"] = .string(meaning.name)
        span["kind"] = .int(isClient(record.kind) ? clientKind : internalKind)
        span["startTimeUnixNano"] = .string("\(record.startedAt)")
        span["endTimeUnixNano"] = .string("\(max(record.startedAt, record.endedAt ?? record.startedAt))")
        span["attributes"] = attributes(meaning.attributes)
        span["status"] = status(record)
        return .object(span)
    }

    /// What leaves the host waits for an answer from elsewhere.
    private static func isClient(_ kind: String) -> Bool { ["http", "connect", "smtp"].contains(kind) }

    private static func status(_ record: SpanRecord) -> JSON {
        switch record.status {
        case "ok": ["code": 1]
        case "error": ["code": 2, "message": .string(record.attributes["error.message"]?.stringValue ?? "")]
        default: [:]
        }
    }

    // MARK: Values

    private static func attributes(_ object: JSONObject) -> JSON {
        .array(object.members.map { ["key": .string($0.key), "value": value($0.value)] })
    }

    /// An `AnyValue` (common/v1/common.proto).
    private static func value(_ json: JSON) -> JSON {
        switch json {
        case .null: [:]
        case .bool(let value): ["boolValue": .bool(value)]
        case .int(let value): ["intValue": .string("\(value)")]
        case .double(let value): ["doubleValue": value.isFinite ? .double(value) : .string("NaN")]
        case .string(let value): ["stringValue": .string(value)]
        case .array(let elements): ["arrayValue": ["values": .array(elements.map(value))]]
        case .object(let object): ["kvlistValue": ["values": attributes(object)]]
        }
    }
}

/// A span in the words of OpenTelemetry: its name, and what it holds besides what it was recorded with.
private struct SpanMeaning {
    var name: String
    var attributes: JSONObject

    init(_ record: SpanRecord) {
        name = record.name
        attributes = JSONObject()
        addConvention(record)
        attributes["corral.kind"] = .string(record.kind)
        attributes["corral.run"] = record.run.map { .string($0.text) }
        attributes["corral.step"] = record.step.map { .string($0) }
        attributes["corral.item"] = record.item.map { .int(Int64($0)) }
        attributes["corral.attempt"] = record.attempt.map { .int(Int64($0)) }
        attributes["corral.queued_ns"] = record.queuedUntil.map { .int(max(0, $0 - record.startedAt)) }
        for (key, value) in record.attributes.objectValue?.members ?? [] { attributes[key] = value }
        if let session = record.attributes["session.id"] { attributes["gen_ai.conversation.id"] = session }
    }

    /// What the conventions have a name for.
    private mutating func addConvention(_ record: SpanRecord) {
        switch record.kind {
        case "run": add("invoke_workflow", ["gen_ai.workflow.name": .string(record.name)])
        case "agent":
            add("invoke_agent", ["gen_ai.agent.id": .string(record.name), "gen_ai.agent.name": .string(record.name)])
        case "tool", "tool_use":
            add("execute_tool", ["gen_ai.tool.name": .string(record.name), "gen_ai.tool.type": "function"])
        default: break
        }
    }

    private mutating func add(_ operation: String, _ members: JSONObject) {
        name = "\(operation) \(name)"
        attributes["gen_ai.operation.name"] = .string(operation)
        for (key, value) in members.members { attributes[key] = value }
    }
}
