// SPDX-License-Identifier: Apache-2.0
// JournalRecord: what is remembered of a run. A run is the fold of its records in order of their sequence; nothing that
// is not a record survives the host, so whatever must not happen twice is here before it happens.

import CorralBase

/// One record, as it is handed in.
package struct JournalRecord: Sendable, Hashable {
    package var run: RunID
    /// Wall-clock nanoseconds since 1970. For people, and for folding timers; order is by sequence only.
    package var at: Int64
    package var event: JournalEvent

    package init(run: RunID, at: Int64, event: JournalEvent) {
        self.run = run
        self.at = at
        self.event = event
    }
}

/// One record, as it is read back.
package struct JournalEntry: Sendable, Hashable {
    /// Counts from 1 in each run without gaps.
    package var sequence: Int64
    package var at: Int64
    package var event: JournalEvent
}

/// What happened. Payloads (`[UInt8]`) are kept byte for byte; an empty one stands for none.
package enum JournalEvent: Sendable, Hashable {
    case runCreated(RunCreation)
    /// Written before anything is sent to a plugin. Without a result or failure after it, the attempt may have run.
    case attemptIntent(AttemptKey, target: String, request: [UInt8])
    /// Optional: a worker took the attempt up.
    case attemptStarted(AttemptKey, worker: String, pluginDigest: String?)
    case attemptResult(AttemptKey, AttemptSuccess)
    case attemptFailed(AttemptKey, CorralError, isInfrastructure: Bool, metrics: AttemptMetrics)
    case stepSkipped(step: String, item: Int?, reason: String)
    /// The key is the flow machine's own name for the timer.
    case timerSet(key: String, delayNanoseconds: UInt64)
    case timerFired(key: String)
    case effectIntent(EffectKey, attempt: Int, request: [UInt8])
    case effectResult(EffectKey, attempt: Int, EffectOutcome)
    /// A file that belongs to the run from now on; it must have been imported before.
    case artifactKept(ArtifactRef, by: AttemptKey?)
    case cancelRequested(reason: String)
    case runFinished(RunEnding)
    /// Anything worth remembering that the fold does not need, for example "resumed by host 2".
    case note(topic: String, JSON)
}

/// Everything needed to start the run's machine again from nothing.
package struct RunCreation: Sendable, Hashable {
    /// The flow's name, or the id of an agent or tool that runs alone.
    package var flow: String
    /// SHA-256 of `definition`, hexadecimal.
    package var flowDigest: String
    /// The flow's text.
    package var definition: [UInt8]
    /// The run's input, one JSON value.
    package var input: [UInt8]
    /// Seed of the run's jitter.
    package var seed: UInt64
    package var mode: Durability
    package var user: String?
    package var feature: String?
    package var session: String?
    /// What kind of work the run is, and how hard, in the caller's words.
    package var taskType: String?
    package var complexity: String?
    package var labels: [String: String]
    /// Makes a repeated start request find its run instead of starting another; unique in a tenant.
    package var clientRequest: String?
    /// Input files; each must have been imported before.
    package var artifacts: [ArtifactRef]
    /// Whatever else the engine pins: plugin digests, isolation level, trace id.
    package var context: JSON

    package init(
        flow: String, flowDigest: String, definition: [UInt8], input: [UInt8], seed: UInt64, mode: Durability,
        user: String? = nil, feature: String? = nil, session: String? = nil, taskType: String? = nil,
        complexity: String? = nil, labels: [String: String] = [:],
        clientRequest: String? = nil, artifacts: [ArtifactRef] = [], context: JSON = .object([:])
    ) {
        self.flow = flow
        self.flowDigest = flowDigest
        self.definition = definition
        self.input = input
        self.seed = seed
        self.mode = mode
        self.user = user
        self.feature = feature
        self.session = session
        self.taskType = taskType
        self.complexity = complexity
        self.labels = labels
        self.clientRequest = clientRequest
        self.artifacts = artifacts
        self.context = context
    }
}

package struct AttemptSuccess: Sendable, Hashable {
    /// The result, one JSON value.
    package var value: [UInt8]
    /// 0 to 1, or nil when not stated.
    package var confidence: Double?
    package var changes: [Change]
    package var metrics: AttemptMetrics

    package init(
        value: [UInt8], confidence: Double? = nil, changes: [Change] = [],
        metrics: AttemptMetrics = AttemptMetrics()
    ) {
        self.value = value
        self.confidence = confidence
        self.changes = changes
        self.metrics = metrics
    }
}

/// Where an attempt's time went, and who did it. Everything is optional: an attempt may end before it has a worker.
package struct AttemptMetrics: Sendable, Hashable {
    /// Wall-clock nanoseconds since 1970.
    package var startedAt: Int64?
    package var queuedNanoseconds: Int64?
    package var runningNanoseconds: Int64?
    /// Processor time of the worker's process while it ran, as the kernel counts it, shared among calls beside it.
    package var cpuNanoseconds: Int64?
    /// The most memory the worker's process held while it ran.
    package var residentBytesMax: Int64?
    package var requestBytes: Int64?
    package var resultBytes: Int64?
    /// The worker's key as text.
    package var worker: String?
    /// SHA-256 of the plugin that ran, hexadecimal.
    package var pluginDigest: String?

    package init(
        startedAt: Int64? = nil, queuedNanoseconds: Int64? = nil, runningNanoseconds: Int64? = nil,
        cpuNanoseconds: Int64? = nil, residentBytesMax: Int64? = nil, requestBytes: Int64? = nil,
        resultBytes: Int64? = nil, worker: String? = nil, pluginDigest: String? = nil
    ) {
        self.startedAt = startedAt
        self.queuedNanoseconds = queuedNanoseconds
        self.runningNanoseconds = runningNanoseconds
        self.cpuNanoseconds = cpuNanoseconds
        self.residentBytesMax = residentBytesMax
        self.requestBytes = requestBytes
        self.resultBytes = resultBytes
        self.worker = worker
        self.pluginDigest = pluginDigest
    }
}

/// The identity of an effect: two requests with the same key in the same run are the same effect.
package struct EffectKey: Sendable, Hashable {
    package var step: String
    package var item: Int?
    package var lineage: Int
    package var service: String
    package var method: String
    /// SHA-256 of the canonical request, hexadecimal.
    package var requestHash: String
    /// The n-th equal request of the lineage, from 0.
    package var ordinal: Int

    package init(
        step: String, item: Int? = nil, lineage: Int, service: String, method: String, requestHash: String, ordinal: Int
    ) {
        self.step = step
        self.item = item
        self.lineage = lineage
        self.service = service
        self.method = method
        self.requestHash = requestHash
        self.ordinal = ordinal
    }
}

package enum EffectOutcome: Sendable, Hashable {
    case succeeded([UInt8])
    case failed(CorralError)
}

package enum RunEnding: Sendable, Hashable {
    /// The output, one JSON value.
    case succeeded(output: [UInt8])
    case failed(CorralError, step: String?)
    case cancelled(reason: String)
}

/// A file in the tenant's store, named by its content.
package struct ArtifactRef: Sendable, Hashable, Codable {
    /// SHA-256 of the content, 64 lower-case hexadecimal digits.
    package var sha256: String
    /// The name a person gave it; no path.
    package var name: String
    package var bytes: Int
    package var mediaType: String

    package init(sha256: String, name: String, bytes: Int, mediaType: String) {
        self.sha256 = sha256
        self.name = name
        self.bytes = bytes
        self.mediaType = mediaType
    }
}
