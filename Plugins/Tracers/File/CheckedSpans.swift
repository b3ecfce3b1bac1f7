// SPDX-License-Identifier: Apache-2.0
// CheckedSpans: an ExportTraceServiceRequest with only those spans in it that every reader of OTLP takes: an identity of the
// right length that is not zero, and a name (opentelemetry-proto, trace/v1/trace.proto).

import CorralSDK

struct CheckedSpans {
    /// The request as it is written.
    private(set) var json: JSON
    /// Spans in it.
    private(set) var count = 0
    private(set) var rejected = 0
    /// What was wrong with the first span left out.
    private(set) var message: String?

    /// - Throws: `trace_invalid` when it is no request at all.
    init(_ request: JSON) throws {
        guard case .array(let resources)? = request["resourceSpans"] else {
            throw TracerFileErrors.noRequest()
        }
        json = request
        var kept: [JSON] = []
        for resource in resources {
            guard case .object(var members) = resource else { throw TracerFileErrors.noRequest() }
            members["scopeSpans"] = .array(try scopes(in: members["scopeSpans"]))
            kept.append(.object(members))
        }
        guard case .object(var members) = request else { return }
        members["resourceSpans"] = .array(kept)
        json = .object(members)
    }

    private mutating func scopes(in value: JSON?) throws -> [JSON] {
        guard case .array(let scopes)? = value else { return [] }
        var kept: [JSON] = []
        for scope in scopes {
            guard case .object(var members) = scope else { throw TracerFileErrors.noRequest() }
            if case .array(let spans)? = members["spans"] { members["spans"] = .array(spans.filter { take($0) }) }
            kept.append(.object(members))
        }
        return kept
    }

    private mutating func take(_ span: JSON) -> Bool {
        if let flaw = Self.flaw(in: span) {
            rejected += 1
            message = message ?? flaw
            return false
        }
        count += 1
        return true
    }

    /// Nil when nothing is wrong.
    private static func flaw(in span: JSON) -> String? {
        guard let trace = text(span["traceId"]), isID(trace, digits: 32) else {
            return "a span has no traceId of 32 hexadecimal digits"
        }
        guard let id = text(span["spanId"]), isID(id, digits: 16) else {
            return "a span has no spanId of 16 hexadecimal digits"
        }
        guard let name = text(span["name"]), !name.isEmpty else { return "the span \(id) has no name" }
        return nil
    }

    private static func text(_ value: JSON?) -> String? {
        if case .text(let text)? = value { text } else { nil }
    }

    private static func isID(_ text: String, digits: Int) -> Bool {
        text.utf8.count == digits && text.utf8.contains { $0 != UInt8(ascii: "0") }
            && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || (0x61...0x66) ~= ($0 | 0x20) }
    }
}
