// SPDX-License-Identifier: Apache-2.0
// FlowEvent: what happens to a run. Every event is journaled before it is handled; folding the same events over the
// same definition, input and seed gives the same state and effects, and that is all there is to resuming a run.

import CorralBase

/// The delay before a retry; when it fires, the attempt starts.
package struct TimerKey: Hashable, Sendable, Codable {
    /// The attempt that starts when the timer fires.
    package let attempt: AttemptKey

    package init(attempt: AttemptKey) { self.attempt = attempt }
}

/// What an attempt gave.
package struct AttemptResult: Hashable, Sendable {
    package let value: JSON
    /// 0–1, or nil when the plugin said nothing.
    package let confidence: Double?
    package let changes: [Change]

    package init(value: JSON, confidence: Double? = nil, changes: [Change] = []) {
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
