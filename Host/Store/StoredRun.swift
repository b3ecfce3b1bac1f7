// SPDX-License-Identifier: Apache-2.0
// StoredRun: a run's row and its steps, as they are read back to be shown or resumed.

import CorralBase

/// A run without its large values; `creation(of:)` and `output(of:)` read those.
package struct StoredRun: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case running, succeeded, failed, cancelled
    }

    package var id: RunID
    package var flow: String
    package var flowDigest: String
    /// `running` until its end is journaled, also while no host works on it.
    package var state: State
    package var mode: Durability
    package var seed: UInt64
    package var user: String?
    package var feature: String?
    package var session: String?
    package var taskType: String?
    package var complexity: String?
    package var labels: [String: String]
    package var clientRequest: String?
    package var context: JSON
    /// Wall-clock nanoseconds since 1970.
    package var createdAt: Int64
    package var finishedAt: Int64?
    package var error: CorralError?
    package var failedStep: String?
    /// Why it was cancelled.
    package var reason: String?
    /// The lowest confidence that a result of the run stated.
    package var confidence: Double?
}

/// Which runs to list, newest first. All that is set must hold; an index finds each.
package struct RunFilter: Sendable, Hashable {
    package var state: StoredRun.State?
    /// A flow's name, or the id of an agent or tool that ran alone.
    package var flow: String?
    package var user: String?
    package var feature: String?
    package var session: String?
    package var taskType: String?
    package var complexity: String?
    /// Runs whose lowest stated confidence is in the range; one that stated none is in no range.
    package var confidenceMin: Double?
    package var confidenceMax: Double?
    /// A class of changes that a result of the run stated.
    package var changeClass: String?
    /// Milliseconds since 1970: runs that were started then or later.
    package var since: UInt64?
    /// Only runs with a smaller id, that is started earlier: the last of the page before.
    package var before: RunID?
    package var limit: Int

    package init(
        state: StoredRun.State? = nil, flow: String? = nil, session: String? = nil, before: RunID? = nil,
        limit: Int = 50
    ) {
        self.state = state
        self.flow = flow
        self.session = session
        self.before = before
        self.limit = limit
    }
}

package struct StoredAttempt: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        /// The intent is journaled, nothing else: it may or may not have reached a worker.
        case queued
        case running, succeeded, failed
    }

    package var address: AttemptKey
    package var target: String
    package var state: State
    package var queuedAt: Int64
    package var startedAt: Int64?
    package var finishedAt: Int64?
    package var metrics: AttemptMetrics
    package var confidence: Double?
    package var changes: [Change]
    package var error: CorralError?
    package var isInfrastructure: Bool
}

/// A step, or one item of a `for_each`, with all its attempts in order.
package struct StoredStep: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        case queued, running, succeeded, failed, skipped
    }

    package var step: String
    package var item: Int?
    package var state: State
    package var attempts: [StoredAttempt]
    /// Why it was skipped.
    package var reason: String?
}

/// An effect as far as it is known.
package enum StoredEffect: Sendable, Hashable {
    /// Intended, without a result: it may have happened.
    case pending
    case completed(EffectOutcome)
}

/// Folds a run's records into its steps. Payloads are not needed.
struct StepFold {
    private struct Place: Hashable {
        var step: String
        var item: Int?
    }

    private(set) var steps: [StoredStep] = []
    private var places: [Place: Int] = [:]
    private var attempts: [AttemptKey: (step: Int, attempt: Int)] = [:]

    mutating func add(_ entry: JournalEntry) {
        switch entry.event {
        case .attemptIntent(let address, let target, _): begin(address, target, at: entry.at)
        case .attemptStarted(let address, let worker, let digest):
            update(address) { attempt in
                attempt.state = .running
                attempt.startedAt = entry.at
                attempt.metrics.worker = worker
                attempt.metrics.pluginDigest = digest
            }
        case .attemptResult(let address, let success):
            update(address) { attempt in
                attempt.state = .succeeded
                attempt.finish(at: entry.at, success.metrics)
                attempt.confidence = success.confidence
                attempt.changes = success.changes
            }
        case .attemptFailed(let address, let error, let isInfrastructure, let metrics):
            update(address) { attempt in
                attempt.state = .failed
                attempt.finish(at: entry.at, metrics)
                attempt.error = error
                attempt.isInfrastructure = isInfrastructure
            }
        case .stepSkipped(let step, let item, let reason):
            let index = place(step, item)
            steps[index].state = .skipped
            steps[index].reason = reason
        default: break
        }
    }

    /// The same address again is the same attempt started over after the loss of a worker or the host.
    private mutating func begin(_ address: AttemptKey, _ target: String, at time: Int64) {
        let attempt = StoredAttempt(
            address: address, target: target, state: .queued, queuedAt: time, startedAt: nil, finishedAt: nil,
            metrics: AttemptMetrics(), confidence: nil, changes: [], error: nil, isInfrastructure: false)
        if let known = attempts[address] {
            steps[known.step].attempts[known.attempt] = attempt
            steps[known.step].state = .queued
            return
        }
        let index = place(address.step, address.item)
        attempts[address] = (index, steps[index].attempts.count)
        steps[index].attempts.append(attempt)
        steps[index].state = .queued
    }

    private mutating func update(_ address: AttemptKey, _ change: (inout StoredAttempt) -> Void) {
        guard let known = attempts[address] else { return }
        change(&steps[known.step].attempts[known.attempt])
        let state = steps[known.step].attempts[known.attempt].state
        steps[known.step].state = StoredStep.State(rawValue: state.rawValue) ?? .queued
    }

    private mutating func place(_ step: String, _ item: Int?) -> Int {
        let place = Place(step: step, item: item)
        if let index = places[place] { return index }
        places[place] = steps.count
        steps.append(StoredStep(step: step, item: item, state: .queued, attempts: [], reason: nil))
        return steps.count - 1
    }
}

extension StoredAttempt {
    fileprivate mutating func finish(at time: Int64, _ final: AttemptMetrics) {
        finishedAt = time
        startedAt = final.startedAt ?? startedAt
        let (worker, digest) = (metrics.worker, metrics.pluginDigest)
        metrics = final
        metrics.worker = final.worker ?? worker
        metrics.pluginDigest = final.pluginDigest ?? digest
    }
}
