// SPDX-License-Identifier: Apache-2.0
// EvaluationSettings: what the operator has judged, by whom and how much of it. Judging comes after the fact: nothing in
// here can delay or fail a run.

/// One rule of `evaluation.rules`.
package struct EvaluationRule: Sendable, Hashable {
    package var name: String
    /// The steps it is for; empty = all.
    package var targets: [StepPattern]
    /// What a judge gets in `criteria`: the rule as it was written, with its name and without `for`.
    package var criterion: JSON

    package init(name: String, targets: [StepPattern] = [], criterion: JSON) {
        self.name = name
        self.targets = targets
        self.criterion = criterion
    }
}

package struct EvaluationSettings: Sendable, Hashable {
    package var rules: [EvaluationRule] = []
    /// Who judges; nil = every judge that is installed. One that is named here is asked about every step, one that is
    /// not only where a rule applies.
    package var judges: [PluginID]?
    /// The share of steps that are judged, 0 to 1.
    package var rate = 1.0
    /// The longest one judge may take for one step.
    package var timeout: Duration = .seconds(10)
    /// Steps that are judged at once.
    package var concurrency = 2
    /// From this score on a step has passed.
    package var passScore = 7.0

    package init() {}

    /// Whether anything can come of judging.
    package var isActive: Bool { rate > 0 && (!rules.isEmpty || judges?.isEmpty == false) }

    /// The rules for a step, as a judge gets them.
    package func criteria(agent: String, flow: String, step: String) -> [JSON] {
        rules.filter { rule in
            rule.targets.isEmpty || rule.targets.contains { $0.covers(agent: agent, flow: flow, step: step) }
        }.map(\.criterion)
    }

    /// Whether a step is in the sample. The same answer whenever it is asked: by run and step alone.
    package func isSampled(run: RunID, step: String, item: Int?) -> Bool {
        guard rate < 1 else { return true }
        // FNV-1a, 64 bits; then mixed, because its high bits move little for short texts (Steele, Lea, Flood 2014).
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(run.text)/\(step)/\(item.map(String.init) ?? "-")".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
        hash ^= hash >> 31
        return Double(hash >> 11) / Double(UInt64(1) << 53) < rate
    }
}
