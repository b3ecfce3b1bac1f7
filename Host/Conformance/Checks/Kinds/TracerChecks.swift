// SPDX-License-Identifier: Apache-2.0
// TracerChecks: batches as the exporter sends them, and as later versions of the protocol may.

import CorralBase

struct TracerChecks {
    let rig: CheckRig
    let facts: PluginFacts

    private static let batches = 40

    func receipt() throws -> Verdict {
        let caller = KindCaller(try facts.ready(rig), .tracer)
        var sent = 0
        for (name, batch, count) in Self.all {
            let receipt = try caller.ask("export", batch, name)
            let rejected = receipt["rejected"]?.intValue ?? 0
            try require(
                rejected <= count, "given \(name) with \(count) spans, it says that it rejected \(rejected)")
            try require(
                rejected == 0 || receipt["message"]?.stringValue?.isEmpty == false,
                "given \(name), it rejected \(rejected) spans and does not say why")
            sent += Int(count)
        }
        for number in 0..<Self.batches {
            _ = try caller.ask("export", Self.batch((0..<100).map { number * 100 + $0 }), "batch \(number)")
            sent += 100
        }
        return .passed("\(sent) spans in \(Self.batches + Self.all.count) batches")
    }

    private static let all: [(name: String, batch: JSON, count: Int64)] = [
        ("one span", batch([1]), 1), ("no span", batch([]), 0), ("no resource", ["resourceSpans": []], 0),
        ("five hundred spans", batch(Array(0..<500)), 500),
        (
            "members that a later version may have",
            [
                "resourceSpans": [
                    [
                        "resource": [:], "schemaUrl": "https://example.com/1", "later": [1, 2],
                        "scopeSpans": [
                            ["later": true, "spans": [KindExample.span(7).with("later", ["a": .null])]]
                        ],
                    ]
                ], "later": "x",
            ], 1
        ),
        (
            "a span with every kind of value",
            [
                "resourceSpans": [
                    [
                        "scopeSpans": [
                            [
                                "spans": [
                                    KindExample.span(8).with(
                                        "attributes",
                                        [
                                            ["key": "a", "value": ["intValue": "9223372036854775807"]],
                                            ["key": "b", "value": ["doubleValue": -0.5]],
                                            ["key": "c", "value": ["boolValue": false]],
                                            ["key": "d", "value": ["arrayValue": ["values": []]]],
                                            ["key": "e", "value": ["kvlistValue": ["values": []]]],
                                            ["key": "f", "value": ["stringValue": "Größe 東京 🙂"]],
                                        ])
                                ]
                            ]
                        ]
                    ]
                ]
            ], 1
        ),
    ]

    private static func batch(_ numbers: [Int]) -> JSON {
        [
            "resourceSpans": [
                ["resource": [:], "scopeSpans": [["scope": [:], "spans": .array(numbers.map(KindExample.span))]]]
            ]
        ]
    }
}

extension JSON {
    /// An object with another member.
    fileprivate func with(_ name: String, _ value: JSON) -> JSON {
        guard case .object(var object) = self else { return self }
        object[name] = value
        return .object(object)
    }
}
