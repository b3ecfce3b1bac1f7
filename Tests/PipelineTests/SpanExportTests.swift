// SPDX-License-Identifier: Apache-2.0
import CorralBase
import CorralPipeline
import CorralStore
import Foundation
import Testing

@Suite struct SpanExportTests {
    private let run = RunID(milliseconds: 1, random: 1)
    private let trace = "0af7651916cd43dd8448eb211c80319c"

    private func span(
        _ name: String, _ kind: String, status: String = "ok", parent: String? = nil, attributes: JSON = [:]
    ) -> SpanRecord {
        SpanRecord(
            trace: trace, span: "00f067aa0ba902b7", parent: parent, run: run, step: "load", item: 3, attempt: 1,
            name: name, kind: kind, startedAt: 1_700_000_000_123_456_789, queuedUntil: 1_700_000_000_123_456_999,
            endedAt: 1_700_000_001_123_456_789, status: status, attributes: attributes)
    }

    private func exported(_ span: SpanRecord) throws -> JSON {
        let request = SpanExport.request([span], from: SpanSource(tenant: "acme", version: "1.2.3"))
        let scope = request["resourceSpans"]?.arrayValue?.first?["scopeSpans"]?.arrayValue?.first
        return try #require(scope?["spans"]?.arrayValue?.first)
    }

    private func attribute(_ name: String, of span: JSON) -> JSON? {
        span["attributes"]?.arrayValue?.first { $0["key"]?.stringValue == name }?["value"]
    }

    @Test func writesIdsTimesKindsAndStatesAsTheProtocolSays() throws {
        let span = try exported(span("corral/risk", "agent", parent: "b7ad6b7169203331"))
        #expect(span["traceId"]?.stringValue == trace && span["parentSpanId"]?.stringValue == "b7ad6b7169203331")
        #expect(span["startTimeUnixNano"] == "1700000000123456789" && span["endTimeUnixNano"] == "1700000001123456789")
        #expect(span["kind"] == 1 && span["status"] == ["code": 1])
        #expect(span["name"] == "invoke_agent corral/risk")
        #expect(attribute("gen_ai.operation.name", of: span) == ["stringValue": "invoke_agent"])
        #expect(attribute("corral.item", of: span) == ["intValue": "3"])
        #expect(attribute("corral.queued_ns", of: span) == ["intValue": "210"])
        #expect(attribute("corral.run", of: span) == ["stringValue": .string(run.text)])
    }

    @Test(arguments: [
        ("run", "market-review", "invoke_workflow market-review", 1), ("tool_use", "a/b.c", "execute_tool a/b.c", 1),
        ("http", "GET https://x.org", "GET https://x.org", 3), ("scan", "a/s.scan", "a/s.scan", 1),
    ])
    func namesSpansByConvention(_ kind: String, _ name: String, _ expected: String, _ number: Int64) throws {
        let span = try exported(span(name, kind))
        #expect(span["name"] == .string(expected) && span["kind"] == .int(number))
    }

    @Test func carriesErrorsAndEveryTypeOfAttribute() throws {
        let span = try exported(
            span(
                "a/b", "agent", status: "error",
                attributes: [
                    "error.message": "no price", "session.id": "s1", "f": 0.5, "b": true, "n": nil, "l": [1, "x"],
                    "o": ["k": -9_223_372_036_854_775_807],
                ]))
        #expect(span["status"] == ["code": 2, "message": "no price"])
        #expect(attribute("gen_ai.conversation.id", of: span) == ["stringValue": "s1"])
        #expect(attribute("f", of: span) == ["doubleValue": 0.5] && attribute("b", of: span) == ["boolValue": true])
        #expect(attribute("n", of: span) == [:])
        #expect(attribute("l", of: span) == ["arrayValue": ["values": [["intValue": "1"], ["stringValue": "x"]]]])
        let object: JSON = ["kvlistValue": ["values": [["key": "k", "value": ["intValue": "-9223372036854775807"]]]]]
        #expect(attribute("o", of: span) == object)
    }

    @Test(.enabled(if: OpenTelemetry.isRequired || OpenTelemetry.folder != nil, "pip cannot be reached"))
    func isReadStrictlyByOpenTelemetrysOwnPackage() throws {
        let spans = [
            span(
                "corral/risk", "agent", parent: "b7ad6b7169203331", attributes: ["f": 1.0, "l": [1, [2.5]], "n": nil]),
            span("review \u{1F600} \"x\"", "run", status: "error", attributes: ["error.message": "line\nbreak"]),
            span("GET https://x.org", "http", status: "unset", attributes: ["o": ["k": [:]]]),
        ]
        let file = NSTemporaryDirectory() + "corral-otlp-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let request = SpanExport.request(spans, from: SpanSource(tenant: "acme", version: "1.2.3"))
        try (request.text() + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let read = try OpenTelemetry.spans(in: [file])
        #expect(read.map { $0["kind"] as? Int } == [1, 1, 3] && read.map { $0["status"] as? Int } == [1, 2, 0])
        #expect(read.allSatisfy { $0["trace"] as? String == trace && $0["tenant"] as? String == "acme" })
        #expect(read[0]["parent"] as? String == "b7ad6b7169203331" && read[0]["agent"] as? String == "corral/risk")
        #expect(read[1]["name"] as? String == "invoke_workflow review \u{1F600} \"x\"")
        #expect(read[1]["message"] as? String == "line\nbreak")
    }
}
