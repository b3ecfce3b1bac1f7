// SPDX-License-Identifier: Apache-2.0
// KindExample: a request to a function of one of the host's own kinds, as its header describes it, and what the answer must
// look like.

import CorralBase

struct KindExample {
    let body: JSON
    let output: JSON
    /// "the schema" where the answer may well be a failure: nobody can be notified in a check.
    let origin: String

    init(_ kind: PluginKind, _ method: String) {
        body = Self.body(kind, method)
        output = Self.output(kind, method)
        origin = kind == .notifier ? "the schema" : "the example of \(kind.rawValue).h"
    }

    static let now: Int64 = 1_750_000_000_000

    static let batch: JSON = [
        "resourceSpans": [
            [
                "resource": ["attributes": [["key": "service.name", "value": ["stringValue": "corral"]]]],
                "scopeSpans": [["scope": ["name": "corral"], "spans": [span(1)]]],
            ]
        ]
    ]

    static func span(_ number: Int) -> JSON {
        let id = String(number, radix: 16)
        return [
            "traceId": "5b8efff798038103d269b633813fc60c",
            "spanId": .string(String(repeating: "0", count: 16 - id.count) + id), "name": "acme/greeter", "kind": 1,
            "startTimeUnixNano": "1750000000000000000", "endTimeUnixNano": "1750000000100000000",
            "attributes": [["key": "corral.tenant", "value": ["stringValue": "default"]]], "status": ["code": 1],
        ]
    }

    private static func body(_ kind: PluginKind, _ method: String) -> JSON {
        let now = JSON.int(now)
        switch (kind, method) {
        case (.memory, "put"):
            return [
                "now_ms": now, "namespace": "check", "layer": "medium_term", "key": "example", "text": "an example",
                "value": ["n": 1], "tags": ["check"], "author": ["agent": "acme/check"],
            ]
        case (.memory, "get"): return ["now_ms": now, "namespace": "check", "key": "nothing here"]
        case (.memory, "search"):
            return ["now_ms": now, "namespaces": ["check"], "query": "an example", "limit": 10]
        case (.memory, "list"): return ["now_ms": now, "namespaces": ["check"], "limit": 10]
        case (.memory, "forget"): return ["now_ms": now, "namespace": "check", "key": "nothing here"]
        case (.scanner, _):
            return ["now_ms": now, "texts": [["key": "note", "text": "Nothing to see."], ["text": ""]]]
        case (.judge, _):
            return [
                "now_ms": now, "agent": "acme/writer", "flow": "review", "step": "write", "run": "r000000000000000",
                "input": ["topic": "bonds"], "output": ["text": "Bonds are loans."],
            ]
        case (.notifier, _):
            return [
                "now_ms": now, "id": "check-1", "topic": "check.example", "title": "A check",
                "text": "Nothing happened.",
                "severity": "info", "time_ms": now, "data": ["n": 1],
            ]
        case (.tracer, _): return batch
        default: return [:]
        }
    }

    private static func output(_ kind: PluginKind, _ method: String) -> JSON {
        func object(_ members: JSON, _ required: JSON) -> JSON {
            ["type": "object", "properties": members, "required": required]
        }
        switch (kind, method) {
        case (.memory, "put"):
            return object(
                [
                    "id": ["type": "string", "minLength": 1], "created_at_ms": ["type": "integer"],
                    "updated_at_ms": ["type": "integer"], "replaced": ["type": "boolean"],
                ], ["id", "created_at_ms", "updated_at_ms", "replaced"])
        case (.memory, "get"): return object(["entry": ["type": ["object", "null"]]], ["entry"])
        case (.memory, "search"), (.memory, "list"):
            return object(["entries": ["type": "array", "items": ["type": "object"]]], ["entries"])
        case (.memory, "forget"): return object(["forgotten": ["type": "integer", "minimum": 0]], ["forgotten"])
        case (.scanner, _): return object(["findings": ["type": "array", "items": ["type": "object"]]], ["findings"])
        case (.judge, _): return object(["scores": ["type": "array", "items": ["type": "object"]]], ["scores"])
        case (.notifier, _): return object(["detail": ["type": ["string", "null"]]], [])
        case (.tracer, _):
            return object(["rejected": ["type": "integer", "minimum": 0], "message": ["type": "string"]], [])
        default: return [:]
        }
    }
}
