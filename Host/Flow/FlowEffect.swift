// SPDX-License-Identifier: Apache-2.0
// FlowEffect: what the engine has to do after an event, in this order.

import CorralBase

/// An attempt to start.
package struct AttemptStart: Hashable, Sendable {
    package let key: AttemptKey
    package let target: FlowTarget
    package let input: JSON
    /// Nanoseconds from the start of the attempt; nil without a limit of the flow's own. When they are over, the engine
    /// ends the attempt and reports `attemptFailed` with `isInfrastructure: false`.
    package let timeoutNanoseconds: Int64?
}

/// Why a step did not run.
package enum SkipReason: String, Hashable, Sendable, Codable {
    /// Its `when` was false.
    case condition
    /// Everything it waits for and reads was skipped.
    case predecessors
}

/// How a step ended.
package enum StepOutcome: Hashable, Sendable {
    /// `value` is what later steps see; for a `for_each` step the list in item order. `confidence` of such a list is the
    /// lowest of its items, nil when one said nothing.
    case succeeded(value: JSON, confidence: Double?)
    case failed(CorralError)
}

/// How a run ended.
package enum RunOutcome: Hashable, Sendable {
    case succeeded(output: JSON)
    /// `step` is nil when the run's `output` could not be computed.
    case failed(CorralError, step: String?)
    case cancelled(reason: String)
}

package enum FlowEffect: Hashable, Sendable {
    case startAttempt(AttemptStart)
    /// The run is ending; the attempt's completion is still awaited and must be reported, whatever it is.
    case cancelAttempt(AttemptKey)
    case setTimer(TimerKey, delayNanoseconds: Int64)
    /// The delay is no longer wanted because the run is ending.
    case cancelTimer(TimerKey)
    case stepSkipped(step: String, reason: SkipReason)
    case stepFinished(step: String, outcome: StepOutcome)
    /// The last effect of a run; comes when no attempt is under way any more.
    case runFinished(RunOutcome)
}
