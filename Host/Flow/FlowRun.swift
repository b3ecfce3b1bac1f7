// SPDX-License-Identifier: Apache-2.0
// FlowRun: a run as a pure state machine: event → new state + effects. No I/O, no clock, no chance but from its seed, so
// that a run can be resumed by folding its journal and simulated under any schedule.

import CorralBase
import CorralExpression

package struct FlowRun: Sendable {
    package enum Phase: Hashable, Sendable {
        case notStarted
        case running
        /// The outcome is decided; attempts under way are being ended. Their results no longer count.
        case ending(RunOutcome)
        case finished(RunOutcome)
    }

    package let definition: FlowDefinition
    package let input: JSON
    package let seed: UInt64
    package internal(set) var phase = Phase.notStarted
    /// Nil when it is larger than any request may be.
    let inputExtent: JSONExtent?
    var steps: [StepState]
    /// Steps that have neither finished nor been skipped.
    var unfinished: Int
    /// Steps whose predecessors are all done; worked off within one event, so a long chain needs no deep stack.
    var ready: [Int] = []
    var started: [AttemptKey: AttemptStart] = [:]
    var timers: [TimerKey: PendingTimer] = [:]

    /// - Parameters:
    ///   - input: what `definition.resolveInput` returned.
    ///   - seed: decides the jitter of retries and nothing else; journaled with the run.
    package init(definition: FlowDefinition, input: JSON, seed: UInt64) {
        self.definition = definition
        self.input = input
        self.seed = seed
        inputExtent = input.extent(bytesMax: Limits.requestBytesMax)
        steps = definition.steps.map { StepState(waiting: $0.after.count) }
        unfinished = definition.steps.count
    }

    /// A run as its journaled events left it. The effects of those events have been carried out, except for what
    /// `inFlight` and `pendingTimers` still show.
    package init(definition: FlowDefinition, input: JSON, seed: UInt64, replaying events: some Sequence<FlowEvent>) {
        self.init(definition: definition, input: input, seed: seed)
        for event in events { _ = handle(event) }
    }

    /// Takes one event. Events that no longer matter (a result that came twice, a timer of an ended run) give no effects.
    package mutating func handle(_ event: FlowEvent) -> [FlowEffect] {
        var effects: [FlowEffect] = []
        switch event {
        case .started(let now): start(now, &effects)
        case .attemptSucceeded(let key, let result, let now): succeed(key, result, now, &effects)
        case .attemptFailed(let key, let error, let isInfrastructure, let now):
            fail(key, error, isInfrastructure: isInfrastructure, now, &effects)
        case .timerFired(let key, _): fire(key, &effects)
        case .cancelRequested(let reason, _): end(.cancelled(reason: reason), &effects)
        }
        return effects
    }
}

// MARK: What the engine and the CLI ask

extension FlowRun {
    /// Attempts that were started and have not ended, in a stable order. After a resume these are to be re-issued, or,
    /// when `isEnding`, reported as failed by infrastructure.
    package var inFlight: [AttemptStart] { started.values.sorted { $0.key < $1.key } }

    /// Timers that were set and have not fired, with the time at which they are due on the events' clock.
    package var pendingTimers: [(key: TimerKey, dueNanoseconds: Int64)] {
        timers.map { ($0.key, $0.value.dueNanoseconds) }.sorted { $0.key.attempt < $1.key.attempt }
    }

    package var isEnding: Bool { if case .ending = phase { true } else { false } }

    package var outcome: RunOutcome? { if case .finished(let outcome) = phase { outcome } else { nil } }

    package func status(ofStep name: String) -> StepStatus? { definition.graph.index[name].map { steps[$0].status } }

    /// The value that later steps see: null for a skipped step, nil while there is none.
    package func value(ofStep name: String) -> JSON? {
        guard let index = definition.graph.index[name], steps[index].status.isDone else { return nil }
        return steps[index].value
    }
}

package enum StepStatus: String, Hashable, Sendable, Codable {
    case waiting, running, succeeded, skipped, failed

    /// Whether steps that wait for it may go on.
    package var isDone: Bool { self == .succeeded || self == .skipped }
}

/// What a run knows about a step.
struct StepState: Sendable {
    /// Predecessors that are not done.
    var waiting: Int
    var status = StepStatus.waiting
    var value = JSON.null
    /// Of `value`, measured once; nil when it is larger than any request may be.
    var extent: JSONExtent? = .small
    var confidence: Double?
    var changes: [Change] = []
    var retries = 0
    /// One for a step without `for_each`.
    var items: [ItemState] = []
    /// What its expressions may still cost.
    var meter = ExpressionMeter()
    /// The elements of `for_each`; nil for a step without.
    var list: [JSON]?
    var nextItem = 0
    var doneItems = 0

    init(waiting: Int) { self.waiting = waiting }
}

struct ItemState: Sendable {
    var attempt = 0
    var lineage = 1
    /// Losses in a row.
    var losses = 0
    var result: AttemptResult?
}

struct PendingTimer: Sendable {
    let start: AttemptStart
    let dueNanoseconds: Int64
}
