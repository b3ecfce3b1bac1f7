// SPDX-License-Identifier: Apache-2.0
// JudgeChecks: scores that people and histories can read, whatever there is to judge.

import CorralBase

struct JudgeChecks {
    let rig: CheckRig
    let facts: PluginFacts

    private static let explanationBytesMax = 4096

    /// What agents may come up with; an input beside each.
    private static let outputs: [(name: String, output: JSON)] = [
        ("an honest answer", ["text": "Bonds are loans. Their price falls when rates rise.", "confidence": 0.8]),
        ("nothing", .null), ("an empty object", [:]), ("a number", 42), ("a text", "yes"),
        ("a list", [1, "two", .null]),
        ("a long text", ["text": .string(String(repeating: "word ", count: 40_000))]),
        ("other alphabets", ["text": "Größe 東京 🙂 \u{202E}abc\u{0000}"]),
        ("many members", .object(JSONObject((0..<500).map { ("m\($0)", .int(Int64($0))) }))),
    ]

    func scores() throws -> Verdict {
        let caller = KindCaller(try facts.ready(rig), .judge)
        var given = 0
        for (name, output) in Self.outputs {
            let request: JSON = [
                "now_ms": .int(KindExample.now), "agent": "acme/writer", "flow": "review", "step": "write",
                "run": "r000000000000000", "input": ["topic": "bonds"], "output": output,
            ]
            let answer = try caller.ask("judge", request, "\(name) as output")
            given += try review(answer["scores"]?.arrayValue ?? [], name)
        }
        return .passed("\(Self.outputs.count) outputs, \(given) scores")
    }

    /// - Returns: scores that are no abstentions.
    private func review(_ scores: [JSON], _ name: String) throws -> Int {
        var seen: Set<String> = []
        var given = 0
        for score in scores {
            guard let criterion = score["criterion"]?.stringValue, !criterion.isEmpty else {
                throw Fault("given \(name), a score has no criterion: \(score.text())")
            }
            try require(seen.insert(criterion).inserted, "given \(name), \"\(criterion)\" has two scores")
            guard let value = score["score"] else {
                throw Fault("given \(name), \"\(criterion)\" has no member \"score\"; null says that it abstains")
            }
            if !value.isNull {
                guard let number = value.doubleValue, (1...10).contains(number) else {
                    throw Fault("given \(name), the score of \"\(criterion)\" is \(value.text()), not from 1 to 10")
                }
                given += 1
            }
            let words = score["explanation"]?.stringValue ?? ""
            try require(
                !words.isEmpty && words.utf8.count <= Self.explanationBytesMax,
                "given \(name), the explanation of \"\(criterion)\" has \(words.utf8.count) bytes")
        }
        return given
    }
}
