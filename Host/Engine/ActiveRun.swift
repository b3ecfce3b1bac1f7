// SPDX-License-Identifier: Apache-2.0
// ActiveRun: a run in memory: the pure machine, and what the engine must know to carry out the machine's effects.

import CorralBase
import CorralControl
import CorralFlow
import CorralPipeline
import CorralStore
import CorralSupervision
import CorralWire

/// Owned by the tenant's runtime and touched on its lane only.
final class ActiveRun {
    let id: RunID
    let tenant: TenantID
    /// The flow's name, or the id of an agent or tool that runs alone.
    let name: String
    let definition: FlowDefinition
    let context: CallContext
    let durability: Durability
    let span: SpanContext
    let startedAt: Int64
    var machine: FlowRun
    var feed = RunFeed()
    /// The pipeline call of each attempt that is under way.
    var calls: [AttemptKey: UInt64] = [:]
    /// The worker of each attempt that one has taken up. Not journaled: it would cost a commit and help no resume.
    var workers: [AttemptKey: String] = [:]
    var timers: [TimerKey: Lane.TimerID] = [:]
    /// What the call of each attempt said and nobody has been told yet.
    var spoken: [AttemptKey: SpokenEvents] = [:]
    /// Set once: the run is over, or the host gave it up for now.
    private(set) var end: RunEnd?
    private var endWaiters: [CheckedContinuation<RunEnd, Never>] = []

    init(
        id: RunID, tenant: TenantID, name: String, definition: FlowDefinition, machine: FlowRun, context: CallContext,
        durability: Durability, span: SpanContext, startedAt: Int64
    ) {
        self.id = id
        self.tenant = tenant
        self.name = name
        self.definition = definition
        self.machine = machine
        self.context = context
        self.durability = durability
        self.span = span
        self.startedAt = startedAt
    }

    func emit(_ body: RunEvent.Body, at time: Int64) { feed.send(RunEvent(at: time, body)) }

    /// Ends it. A run that was given up does not tell of results that may not be in the journal.
    func finish(_ end: RunEnd) {
        guard self.end == nil else { return }
        self.end = end
        if end.state == .interrupted { feed.dropHeld() } else { feed.openAll() }
        emit(.runFinished(end), at: end.finishedAt)
        for waiter in endWaiters { waiter.resume(returning: end) }
        endWaiters = []
    }

    func addWaiter(_ waiter: CheckedContinuation<RunEnd, Never>) {
        if let end { waiter.resume(returning: end) } else { endWaiters.append(waiter) }
    }
}

extension AttemptKey {
    var reference: StepReference { StepReference(step, item: item, attempt: attempt) }
}
