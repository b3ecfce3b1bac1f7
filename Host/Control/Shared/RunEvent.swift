// SPDX-License-Identifier: Apache-2.0
// RunEvent: what a client that follows a run sees, in the order it happened.

import CorralBase

package struct RunEvent: Sendable, Hashable, Codable {
    /// Wall-clock nanoseconds since 1970.
    package var at: Int64
    package var body: Body

    package init(at: Int64, _ body: Body) {
        self.at = at
        self.body = body
    }

    package enum Body: Sendable, Hashable, Codable {
        /// Always the first. `steps` in the flow's order, for a client that shows them before they start.
        case runStarted(run: RunID, name: String, steps: [String])
        /// The step's call waits for a worker.
        case stepQueued(StepReference)
        /// A worker took the call up; `worker` is its key as text.
        case stepStarted(StepReference, worker: String)
        /// `fraction` is 0 to 1, or nil when unknown.
        case stepProgress(StepReference, fraction: Double?, text: String)
        case stepPartial(StepReference, text: String)
        case stepFinished(StepReference, StepEnd)
        case stepSkipped(step: String, reason: String)
        /// The attempt failed and another follows after `delayNanoseconds`.
        case stepRetrying(StepReference, error: CorralError, delayNanoseconds: Int64)
        /// `level`: 1 debug, 2 info, 3 warning, 4 error.
        case log(level: Int, plugin: String, step: StepReference?, text: String)
        /// Something about the run as a whole that whoever follows it must hear, for example that a prompt changed.
        case notice(String)
        /// The client read too slowly; progress, partial output and log lines were left out.
        case eventsDropped(count: Int)
        /// Always the last.
        case runFinished(RunEnd)
    }

    /// True for events that may be left out towards a slow reader: the run's state is complete without them.
    package var mayBeDropped: Bool {
        switch body {
        case .stepProgress, .stepPartial, .log: true
        default: false
        }
    }
}

/// One attempt of one step, or of one item of a `for_each`.
package struct StepReference: Sendable, Hashable, Codable {
    package var step: String
    /// The index in a `for_each`, or nil.
    package var item: Int?
    /// From 1.
    package var attempt: Int

    package init(_ step: String, item: Int? = nil, attempt: Int = 1) {
        self.step = step
        self.item = item
        self.attempt = attempt
    }

    /// `load`, or `each[3]`.
    package var text: String { step + (item.map { "[\($0)]" } ?? "") }
}

/// How an attempt ended.
package struct StepEnd: Sendable, Hashable, Codable {
    package var state: StepState
    package var queuedNanoseconds: Int64
    package var runningNanoseconds: Int64
    package var confidence: Double?
    package var error: CorralError?

    package init(
        state: StepState, queuedNanoseconds: Int64 = 0, runningNanoseconds: Int64 = 0, confidence: Double? = nil,
        error: CorralError? = nil
    ) {
        self.state = state
        self.queuedNanoseconds = queuedNanoseconds
        self.runningNanoseconds = runningNanoseconds
        self.confidence = confidence
        self.error = error
    }
}

/// How a run ended.
package struct RunEnd: Sendable, Hashable, Codable {
    package var run: RunID
    package var state: RunState
    package var startedAt: Int64
    package var finishedAt: Int64
    /// The flow's output; nil when the run did not succeed.
    package var output: JSONText?
    /// Files the run's output refers to, or all that its last steps pushed when it has none.
    package var artifacts: [ArtifactDescription]
    package var error: CorralError?
    /// The step at fault.
    package var failedStep: String?

    package init(
        run: RunID, state: RunState, startedAt: Int64, finishedAt: Int64, output: JSON? = nil,
        artifacts: [ArtifactDescription] = [], error: CorralError? = nil, failedStep: String? = nil
    ) {
        self.run = run
        self.state = state
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.output = output.map(JSONText.init)
        self.artifacts = artifacts
        self.error = error
        self.failedStep = failedStep
    }
}

package enum RunState: String, Sendable, Hashable, Codable, CaseIterable {
    case running
    case succeeded
    case failed
    case cancelled
    /// The host ended while it ran; `runs resume` continues it.
    case interrupted
}

package enum StepState: String, Sendable, Hashable, Codable, CaseIterable {
    /// What it waits for is not there yet, or its retry is not due.
    case waiting
    case queued
    case running
    case succeeded
    case failed
    case skipped
    case cancelled
    /// Was under way when the host ended: whether its effects happened is not known.
    case interrupted
}

/// A stored file, named by its content.
package struct ArtifactDescription: Sendable, Hashable, Codable {
    /// SHA-256, 64 lower-case hexadecimal digits.
    package var sha256: String
    /// As the plugin or the client named it; no path.
    package var name: String
    package var mediaType: String
    package var bytes: Int64

    package init(sha256: String, name: String, mediaType: String, bytes: Int64) {
        self.sha256 = sha256
        self.name = name
        self.mediaType = mediaType
        self.bytes = bytes
    }
}
