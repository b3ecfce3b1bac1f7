// SPDX-License-Identifier: Apache-2.0
// RunDetail: a run as `runs list` and `runs show` present it. All times are wall-clock nanoseconds since 1970, all
// durations nanoseconds.

import CorralBase

package struct RunSummary: Sendable, Hashable, Codable {
    package var run: RunID
    package var tenant: TenantID
    /// The flow's name, or the agent's id.
    package var name: String
    package var state: RunState
    package var startedAt: Int64
    package var finishedAt: Int64?
    package var stepsDone: Int
    package var stepsTotal: Int
    package var user: String?
    package var feature: String?
    package var session: String?
    package var taskType: String?
    package var complexity: String?
    package var labels: [String: String]
    /// The lowest that a result of the run stated, 0 to 1.
    package var confidence: Double?
    /// Classes of the changes that results of the run stated.
    package var changes: [String]
    package var error: CorralError?

    package init(
        run: RunID, tenant: TenantID, name: String, state: RunState, startedAt: Int64, finishedAt: Int64? = nil,
        stepsDone: Int = 0, stepsTotal: Int = 0, user: String? = nil, feature: String? = nil, session: String? = nil,
        taskType: String? = nil, complexity: String? = nil, labels: [String: String] = [:], confidence: Double? = nil,
        changes: [String] = [], error: CorralError? = nil
    ) {
        self.run = run
        self.tenant = tenant
        self.name = name
        self.state = state
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.stepsDone = stepsDone
        self.stepsTotal = stepsTotal
        self.user = user
        self.feature = feature
        self.session = session
        self.taskType = taskType
        self.complexity = complexity
        self.labels = labels
        self.confidence = confidence
        self.changes = changes
        self.error = error
    }
}

package struct RunDetail: Sendable, Hashable, Codable {
    package var summary: RunSummary
    /// `sync`, `async` or `exit`.
    package var mode: String
    /// Who started it; nil for a run of a version that did not record it.
    package var principal: String?
    /// SHA-256 of the flow's text.
    package var flowDigest: String?
    package var isolationLevel: String
    /// In the flow's order, then by item and attempt.
    package var steps: [StepDetail]
    package var artifacts: [ArtifactDescription]
    package var output: JSONText?
    /// Empty unless asked for; by start.
    package var spans: [SpanDetail]
    /// Spans that were lost because they came faster than they could be stored.
    package var spansDropped: Int
    /// What judges said, after the fact, by step.
    package var scores: [ScoreDetail] = []
    /// Attempts under way when the host or their worker ended, whose effects may or may not have happened.
    package var mayHaveRun: [StepReference]

    package init(
        summary: RunSummary, mode: String, principal: String? = nil, flowDigest: String? = nil, isolationLevel: String,
        steps: [StepDetail] = [], artifacts: [ArtifactDescription] = [], output: JSON? = nil,
        spans: [SpanDetail] = [], spansDropped: Int = 0, mayHaveRun: [StepReference] = []
    ) {
        self.summary = summary
        self.mode = mode
        self.principal = principal
        self.flowDigest = flowDigest
        self.isolationLevel = isolationLevel
        self.steps = steps
        self.artifacts = artifacts
        self.output = output.map(JSONText.init)
        self.spans = spans
        self.spansDropped = spansDropped
        self.mayHaveRun = mayHaveRun
    }
}

/// One attempt of a step; a step that has not started or was skipped is one with attempt 0.
package struct StepDetail: Sendable, Hashable, Codable {
    package var reference: StepReference
    package var state: StepState
    /// `publisher/name`, or `publisher/name.tool`.
    package var target: String
    /// Nil until it started.
    package var startedAt: Int64?
    package var queuedNanoseconds: Int64
    package var runningNanoseconds: Int64
    /// What the kernel counted: processor time, the most memory the worker's process held meanwhile, and bytes in and out.
    package var meter: CallMeter?
    /// The worker's key as text.
    package var worker: String?
    /// SHA-256 of the plugin that ran.
    package var pluginDigest: String?
    package var confidence: Double?
    package var changes: [Change]
    package var error: CorralError?
    /// Why it was skipped.
    package var reason: String?
    /// True when the journal answered and no worker was asked, after a resume.
    package var isFromJournal: Bool
    /// Host services through which it did what no record holds, for example `connect`: a replay does it again.
    package var opaque: [String]
    /// `publisher/name.prompt@version` of each prompt that its lineage used.
    package var prompts: [String] = []

    package init(
        _ reference: StepReference, state: StepState, target: String, startedAt: Int64? = nil,
        queuedNanoseconds: Int64 = 0, runningNanoseconds: Int64 = 0, meter: CallMeter? = nil, worker: String? = nil,
        pluginDigest: String? = nil, confidence: Double? = nil, changes: [Change] = [],
        error: CorralError? = nil, reason: String? = nil, isFromJournal: Bool = false, opaque: [String] = []
    ) {
        self.reference = reference
        self.state = state
        self.target = target
        self.startedAt = startedAt
        self.queuedNanoseconds = queuedNanoseconds
        self.runningNanoseconds = runningNanoseconds
        self.meter = meter
        self.worker = worker
        self.pluginDigest = pluginDigest
        self.confidence = confidence
        self.changes = changes
        self.error = error
        self.reason = reason
        self.isFromJournal = isFromJournal
        self.opaque = opaque
    }
}

/// What one call used.
package struct CallMeter: Sendable, Hashable, Codable {
    package var processorNanoseconds: Int64
    package var residentBytesMax: Int64
    package var requestBytes: Int64
    package var resultBytes: Int64

    package init(processorNanoseconds: Int64, residentBytesMax: Int64, requestBytes: Int64, resultBytes: Int64) {
        self.processorNanoseconds = processorNanoseconds
        self.residentBytesMax = residentBytesMax
        self.requestBytes = requestBytes
        self.resultBytes = resultBytes
    }
}

/// One traced stretch of work. From `startedAt` to `queuedUntil` it waited for a worker, from there to `endedAt` it ran.
package struct SpanDetail: Sendable, Hashable, Codable {
    package var id: String
    package var parent: String?
    package var name: String
    /// `run`, `agent`, `tool`, `tool_use`…
    package var kind: String
    /// The step it belongs to, if any.
    package var step: StepReference?
    package var startedAt: Int64
    /// Nil when it waited for nothing.
    package var queuedUntil: Int64?
    /// Nil while it runs, or when the host ended before it did.
    package var endedAt: Int64?
    /// `ok`, `error` or `unset`.
    package var status: String
    package var attributes: JSONText

    package init(
        id: String, parent: String? = nil, name: String, kind: String, step: StepReference? = nil, startedAt: Int64,
        queuedUntil: Int64? = nil, endedAt: Int64? = nil, status: String = "ok", attributes: JSON = [:]
    ) {
        self.id = id
        self.parent = parent
        self.name = name
        self.kind = kind
        self.step = step
        self.startedAt = startedAt
        self.queuedUntil = queuedUntil
        self.endedAt = endedAt
        self.status = status
        self.attributes = JSONText(attributes)
    }
}
