// SPDX-License-Identifier: Apache-2.0
// RandomFlow: a flow file from a seed: steps that wait for earlier ones, with conditions, items, retries and bindings.

import CorralBase

struct RandomFlow {
    let text: String
    /// `max_parallel` by step.
    let parallelMax: [String: Int]

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var lines = [
            "flow: random", "input: {n: int}", "defaults: {retry: {max: 2, backoff: 5s, jitter: 0.3}}", "steps:",
        ]
        var parallelMax: [String: Int] = [:]
        let count = Int.random(in: 3...12, using: &generator)
        for index in 0..<count {
            let name = "s\(index)"
            let after = (0..<index).filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }.map { "s\($0)" }
            var fields = ["agent: x/y", "after: [\(after.joined(separator: ", "))]"]
            if Int.random(in: 0..<4, using: &generator) == 0, let first = after.first {
                fields.append("when: \"type(\(first)) != int || \(first) % 3 != 0\"")
            }
            if Int.random(in: 0..<4, using: &generator) == 0 {
                let slots = Int.random(in: 1...3, using: &generator)
                parallelMax[name] = slots
                let items = Int.random(in: 0...5, using: &generator)
                fields.append(
                    "for_each: [\((0..<items).map(String.init).joined(separator: ", "))], max_parallel: \(slots)")
                if Bool.random(using: &generator) {
                    let values = after.map { "\($0): \"${\($0)}\"" }.joined(separator: ", ")
                    fields.append("with: {item: \"${item + index}\", n: \"${input.n}\", all: {\(values)}}")
                }
            } else if Bool.random(using: &generator) {
                let values = after.map {
                    "\($0): \"${[\($0), steps.\($0).status, steps.\($0).retries, steps.\($0).confidence]}\""
                }
                fields.append("with: {n: \"${input.n}\"\(values.map { ", " + $0 }.joined())}")
            }
            if Int.random(in: 0..<5, using: &generator) == 0 { fields.append("retry: 0") }
            lines.append("  \(name): {\(fields.joined(separator: ", "))}")
        }
        if Bool.random(using: &generator) {
            lines.append("output: [\((0..<count).map { "\"${s\($0)}\"" }.joined(separator: ", "))]")
        }
        text = lines.joined(separator: "\n") + "\n"
        self.parallelMax = parallelMax
    }
}
