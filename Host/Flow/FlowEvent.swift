// SPDX-License-Identifier: Apache-2.0
// FlowEvent: what happens to a run. Every event is journaled before it is handled; folding the same events over the
// same definition, input and seed gives the same state and effects, and that is all there is to resuming a run.

import CorralBase

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

/// The delay before a retry; when it fires, the attempt starts.
package struct TimerKey: Hashable, Sendable, Codable {
    /// The attempt that starts when the timer fires.
    package let attempt: AttemptKey

    package init(attempt: AttemptKey) { self.attempt = attempt }
}

/// What a result stands for in the world, for example class `database_schema_changes`, target `orders`.
package struct FlowChange: Hashable, Sendable, Codable {
    package let changeClass: String
    package let target: String

    package init(changeClass: String, target: String) {
        self.changeClass = changeClass
        self.target = target
    }
}

/// What an attempt gave.
package struct AttemptResult: Hashable, Sendable {
    package let value: JSON
    /// 0–1, or nil when the plugin said nothing.
    package let confidence: Double?
    package let changes: [FlowChange]

    package init(value: JSON, confidence: Double? = nil, changes: [FlowChange] = []) {
        self.value = value
        self.confidence = confidence
        self.changes = changes
    }
}

/// `now` is nanoseconds on one clock that all events of a run share and that survives the host: wall time. The run keeps
/// it only to say when a pending timer is due; no decision depends on it.
package enum FlowEvent: Hashable, Sendable {
    /// The first event; everything that waits for nothing starts.
    case started(now: Int64)
    case attemptSucceeded(AttemptKey, AttemptResult, now: Int64)
    /// `isInfrastructure`: the attempt was lost (a bystander of a crash, host death, retired generation) rather than
    /// failed; it runs again in the same lineage without using up a retry.
    case attemptFailed(AttemptKey, CorralError, isInfrastructure: Bool, now: Int64)
    case timerFired(TimerKey, now: Int64)
    case cancelRequested(reason: String, now: Int64)
}
