// SPDX-License-Identifier: Apache-2.0
// FlowAncestry: which steps must end before which. One bit for each pair, filled in topological order, because asking
// step by step would walk a long chain once for each of its links.

struct FlowAncestry {
    private let words: Int
    private var bits: [UInt64]

    /// Steps in a cycle count as preceded by what could be told before the cycle was met; the cycle itself is reported.
    init(_ graph: FlowGraph) {
        let count = graph.after.count
        words = (count + 63) / 64
        bits = [UInt64](repeating: 0, count: count * words)
        let (order, waiting) = graph.sorted()
        for step in order + waiting.indices.filter({ waiting[$0] > 0 }) {
            for before in graph.after[step] { inherit(step, from: before) }
        }
    }

    func precedes(_ before: Int, _ step: Int) -> Bool {
        bits[step * words + before / 64] & (1 << UInt64(before % 64)) != 0
    }

    private mutating func inherit(_ step: Int, from before: Int) {
        for word in 0..<words { bits[step * words + word] |= bits[before * words + word] }
        bits[step * words + before / 64] |= 1 << UInt64(before % 64)
    }
}
