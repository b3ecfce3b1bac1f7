// SPDX-License-Identifier: Apache-2.0
// TenantRuntime+Resuming: from a journal to a run that goes on where it was.

import CorralBase
import CorralControl
import CorralFlow
import CorralPipeline
import CorralStore
import CorralSupervision
import CorralWire

extension TenantRuntime {
    /// Goes on with a run that the end of a host interrupted: folds its journal, reports what was under way as "may have
    /// run" and sends it again, in the same lineage and with the same idempotency key.
    /// - Throws: `run_unknown`; `run_over`; `run_not_resumable`.
    package func resume(_ id: RunID) async throws {
        try requireRunning()
        if isActive(id) { return }
        let record = try await record(of: id)
        guard record.state == .running else { throw CorralError.runOver(id, state: record.state.rawValue) }
        let (creation, entries) = try await journal.withStore { (try $0.creation(of: id), try $0.journal(of: id)) }
        guard let creation else { throw CorralError.runNotResumable(id, why: "its creation cannot be read") }
        let run = try restored(record, creation, entries)
        begin(run)
        try await reissue(run)
    }

    private func restored(
        _ record: StoredRun, _ creation: RunCreation, _ entries: [JournalEntry]
    ) throws -> ActiveRun {
        let id = record.id
        let file = creation.context["file"]?.stringValue ?? creation.flow
        let definition: FlowDefinition
        do {
            definition = try FlowDefinition.parse(String(decoding: creation.definition, as: UTF8.self), file: file)
        } catch {
            throw CorralError.runNotResumable(id, why: "this version cannot read its flow\n\(error)")
        }
        let startedAt = record.createdAt
        let events = try [FlowEvent.started(now: startedAt)] + entries.compactMap { try $0.flowEvent }
        let machine = FlowRun(
            definition: definition, input: try JSON(parsing: creation.input), seed: creation.seed, replaying: events)
        let span = SpanContext(
            trace: creation.context["trace"]?.stringValue ?? SpanContext.root().trace,
            span: creation.context["span"]?.stringValue ?? SpanContext.root().span, parent: nil)
        return ActiveRun(
            id: id, tenant: tenant, name: creation.flow, definition: definition, machine: machine,
            context: CallContext(
                user: creation.user ?? "", feature: creation.feature ?? "", session: creation.session ?? "",
                taskType: creation.taskType ?? "", complexity: creation.complexity ?? ""),
            durability: creation.mode, span: span, startedAt: startedAt)
    }

    /// The host's death is an infrastructure loss of everything that was under way, and is journaled as one.
    private func reissue(_ run: ActiveRun) async throws {
        if let outcome = run.machine.outcome { return apply([.runFinished(outcome)], to: run) }
        let now = clock.wallNanoseconds()
        let lost = run.machine.inFlight.map(\.key)
        for key in lost {
            run.emit(.stepRetrying(key.reference, error: .hostDied(), delayNanoseconds: 0), at: now)
        }
        let records = lost.map { key in
            JournalRecord(
                run: run.id, at: now,
                event: .attemptFailed(key, .hostDied(), isInfrastructure: true, metrics: AttemptMetrics()))
        }
        let changes = try await changedPrompts(since: run.id)
        for change in changes { run.emit(.notice(change), at: now) }
        let note = JournalRecord(
            run: run.id, at: now,
            event: .note(
                topic: "resumed",
                [
                    "may_have_run": .array(lost.map { .string($0.description) }),
                    "prompts_changed": .array(changes.map { .string($0) }),
                ]))
        try await journal.append(records + [note], run.durability)
        for timer in run.machine.pendingTimers {
            let delay = max(0, timer.dueNanoseconds.subtractingReportingOverflow(now).partialValue)
            apply([.setTimer(timer.key, delayNanoseconds: delay)], to: run)
        }
        for key in lost {
            apply(
                run.machine.handle(.attemptFailed(key, .hostDied(), isInfrastructure: true, now: now)), to: run)
        }
    }
}

extension JournalEntry {
    /// The event the flow machine saw when this was recorded; nil for records it does not fold.
    var flowEvent: FlowEvent? {
        get throws {
            switch event {
            case .attemptResult(let address, let success):
                let result = AttemptResult(
                    value: try JSON(parsing: success.value), confidence: success.confidence, changes: success.changes)
                return .attemptSucceeded(address, result, now: at)
            case .attemptFailed(let address, let error, let isInfrastructure, _):
                return .attemptFailed(address, error, isInfrastructure: isInfrastructure, now: at)
            case .timerFired(let key): return TimerKey(text: key).map { .timerFired($0, now: at) }
            case .cancelRequested(let reason): return .cancelRequested(reason: reason, now: at)
            default: return nil
            }
        }
    }
}
