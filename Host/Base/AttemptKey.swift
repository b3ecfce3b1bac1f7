// SPDX-License-Identifier: Apache-2.0
// AttemptKey: which try of which step, in the flow machine, the journal and the engine alike.

/// One execution of one step (or of one item of a `for_each` step).
package struct AttemptKey: Hashable, Sendable, Codable, Comparable {
    package let step: String
    /// The position in the `for_each` list, from 0; nil for a step without one.
    package let item: Int?
    /// Counts every execution of this step and item from 1, whatever the reason for it.
    package let attempt: Int
    /// Counts retries from 1. An infrastructure loss (crash of a bystander, host death) re-runs the same lineage, so that
    /// completed effects are answered from the journal; a retry after the plugin's own failure starts the next.
    package let lineage: Int

    package init(step: String, item: Int? = nil, attempt: Int, lineage: Int) {
        self.step = step
        self.item = item
        self.attempt = attempt
        self.lineage = lineage
    }

    package static func < (a: AttemptKey, b: AttemptKey) -> Bool {
        (a.step, a.item ?? -1, a.attempt) < (b.step, b.item ?? -1, b.attempt)
    }
}

extension AttemptKey: CustomStringConvertible {
    /// `load#1`, or `score[3]#2` for the second attempt at item 3.
    package var description: String { step + (item.map { "[\($0)]" } ?? "") + "#\(attempt)" }
}
