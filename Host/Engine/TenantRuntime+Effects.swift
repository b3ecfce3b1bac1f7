// SPDX-License-Identifier: Apache-2.0
// TenantRuntime+Effects: from what the flow machine wants done to what came of it.

import CorralBase
import CorralControl
import CorralFlow
import CorralPipeline
import CorralStore
import CorralSupervision
import CorralWire

extension TenantRuntime {
    func apply(_ effects: [FlowEffect], to run: ActiveRun) {
        for effect in effects { apply(effect, to: run) }
    }

    private func apply(_ effect: FlowEffect, to run: ActiveRun) {
        let now = clock.wallNanoseconds()
        switch effect {
        case .startAttempt(let start):
            run.emit(.stepQueued(start.key.reference), at: now)
            // Not structured: an attempt ends with its call, which has a deadline and is cancelled through the pool.
            Task { await self.attempt(start, of: run) }
        case .cancelAttempt(let key):
            if let call = run.calls[key] { Task { await self.cancelCall(call) } }
        case .setTimer(let key, let delay):
            let id = run.id
            run.timers[key] = lane.after(nanoseconds: UInt64(max(0, delay))) {
                self.assumeIsolated { $0.timerFired(key, of: id) }
            }
        case .cancelTimer(let key):
            if let timer = run.timers.removeValue(forKey: key) { lane.cancel(timer) }
        case .stepSkipped(let step, let reason):
            run.emit(.stepSkipped(step: step, reason: reason.rawValue), at: now)
            let record = JournalRecord(
                run: run.id, at: now, event: .stepSkipped(step: step, item: nil, reason: reason.rawValue))
            Task { await self.journal.post([record], run.durability) }
        case .stepFinished:
            // Followers hear of each attempt; the step as a whole is the fold of them.
            break
        case .runFinished(let outcome):
            Task { await self.finish(run, outcome) }
        }
    }

    private func timerFired(_ key: TimerKey, of id: RunID) {
        guard let run = runs[id], run.end == nil, run.timers.removeValue(forKey: key) != nil else { return }
        let now = clock.wallNanoseconds()
        Task {
            let record = JournalRecord(run: id, at: now, event: .timerFired(key: key.text))
            await self.journal.post([record], run.durability)
            self.apply(run.machine.handle(.timerFired(key, now: now)), to: run)
        }
    }

    // MARK: Attempts

    private func attempt(_ start: AttemptStart, of run: ActiveRun) async {
        let (call, isTimeLimited) = self.call(await pool.makeCallID().number, for: start, of: run)
        run.calls[start.key] = call.id
        let timer = watchWait(of: call)
        let outcome: Result<CallResult, CorralPipeline.CallFailure>
        do {
            outcome = .success(try await pipeline.perform(call))
        } catch {
            outcome = .failure(error)
        }
        if let timer { lane.cancel(timer) }
        run.calls[start.key] = nil
        run.workers[start.key] = nil
        await settleEvents(start.key, of: run)
        guard run.end == nil else { return }
        switch outcome {
        case .success(let result):
            stepSucceeded(start.key, call, result, of: run)
            succeeded(start.key, result, of: run)
        case .failure(let failure):
            failed(start.key, isTimeLimited ? namingTimeLimit(failure, of: call) : failure, of: run)
        }
    }

    /// A call that works, or waits for a worker or a place.
    private func cancelCall(_ id: UInt64) async {
        await gate.withdraw(id, .cancelledWaiting())
        await pool.cancel(CallID(id), reason: .requested)
    }

    /// - Returns: also whether the tenant's limit made its deadline earlier.
    private func call(_ id: UInt64, for start: AttemptStart, of run: ActiveRun) -> (Call, isTimeLimited: Bool) {
        let wanted = start.timeoutNanoseconds.map { UInt64(max(0, $0)) } ?? settings.stepTimeout.wholeNanoseconds
        let (timeout, isTimeLimited) = timeout(wanted)
        let (deadline, overflow) = monotonicNanoseconds().addingReportingOverflow(timeout)
        let method: String
        let kind: CallKind
        switch start.target {
        case .agent: (kind, method) = (.agent, "")
        case .tool(let tool): (kind, method) = (.toolStep, tool.tool)
        }
        let key = start.key
        let runID = run.id
        let call = Call(
            id: id, tenant: tenant, kind: kind, origin: CallOrigin(run: run.id, attempt: start.key),
            caller: .engine, plugin: start.target.plugin, method: method, body: start.input.bytes(),
            artifacts: ArtifactReferences.all(in: start.input), context: run.context,
            deadline: overflow ? .max : deadline, ancestors: [], durability: run.durability, span: run.span.child(),
            observer: { event in self.assumeIsolated { $0.observe(event, key, of: runID) } })
        return (call, isTimeLimited)
    }

    private func observe(_ event: CorralPipeline.CallEvent, _ key: AttemptKey, of id: RunID) {
        guard let run = runs[id] else { return }
        guard case .started(let worker) = event else { return hear(event, key, of: run) }
        run.workers[key] = worker
        tellStepBegan(key, of: run)
        run.emit(.stepStarted(key.reference, worker: worker), at: clock.wallNanoseconds())
    }

    /// Lets followers hear of what comes from now on only when the journal has what was posted before.
    private func holdEvents(of run: ActiveRun) {
        let barrier = run.feed.hold()
        Task {
            do {
                try await journal.settled()
                run.feed.open(barrier)
            } catch {
                guard run.end == nil else { return }
                self.interrupt(run, error as? CorralError ?? .internalFault("\(error)"))
            }
        }
    }

    private func succeeded(_ key: AttemptKey, _ result: CallResult, of run: ActiveRun) {
        holdEvents(of: run)
        let now = clock.wallNanoseconds()
        run.emit(.stepFinished(key.reference, StepEnd(.succeeded, result.metrics, result.confidence)), at: now)
        let value = AttemptResult(value: result.value, confidence: result.confidence, changes: result.changes)
        apply(run.machine.handle(.attemptSucceeded(key, value, now: now)), to: run)
    }

    private func failed(_ key: AttemptKey, _ failure: CorralPipeline.CallFailure, of run: ActiveRun) {
        guard failure.fault != .host else { return interrupt(run, failure.error) }
        holdEvents(of: run)
        let now = clock.wallNanoseconds()
        let event = FlowEvent.attemptFailed(
            key, failure.error, isInfrastructure: failure.fault == .infrastructure, now: now)
        let effects = run.machine.handle(event)
        if let delay = retryDelay(after: key, in: effects) {
            run.emit(
                .stepRetrying(key.reference, error: failure.error, delayNanoseconds: delay), at: now)
        } else {
            let state: StepState = failure.error.code == .callCancelled ? .cancelled : .failed
            if state == .failed { stepFailed(key, failure.error, of: run) }
            run.emit(
                .stepFinished(key.reference, StepEnd(state, failure.metrics, nil, failure.error)), at: now)
        }
        apply(effects, to: run)
    }

    /// Nanoseconds until the same step and item is tried again, or nil when it is not.
    private func retryDelay(after key: AttemptKey, in effects: [FlowEffect]) -> Int64? {
        for effect in effects {
            switch effect {
            case .startAttempt(let start) where start.key.step == key.step && start.key.item == key.item: return 0
            case .setTimer(let timer, let delay)
            where timer.attempt.step == key.step && timer.attempt.item == key.item: return delay
            default: continue
            }
        }
        return nil
    }

    // MARK: The end of a run

    private func finish(_ run: ActiveRun, _ outcome: RunOutcome) async {
        let now = clock.wallNanoseconds()
        let ending: RunEnding
        switch outcome {
        case .succeeded(let output): ending = .succeeded(output: output.bytes())
        // What an expression failed on stands in its error.
        case .failed(let error, let step): ending = .failed(await redactor.redact(error), step: step)
        case .cancelled(let reason): ending = .cancelled(reason: reason)
        }
        do {
            let record = JournalRecord(run: run.id, at: now, event: .runFinished(ending))
            try await journal.finish([record], of: run.id, run.durability)
        } catch {
            return interrupt(run, error as? CorralError ?? .internalFault("\(error)"))
        }
        let end = await redacted(RunEnd(run.id, startedAt: run.startedAt, finishedAt: now, ending))
        await tracer.record(run.spanRecord(end))
        await tracer.flush()
        run.finish(end)
        tellRunEnded(run, end)
        retire(run)
    }

    /// Stops working on a run without ending it: its journal says running, and `runs resume` goes on from there.
    func interrupt(_ run: ActiveRun, _ error: CorralError) {
        let error = CorralError.runInterrupted(run.id, cause: error)
        for timer in run.timers.values { lane.cancel(timer) }
        for call in run.calls.values { Task { await self.cancelCall(call) } }
        run.finish(
            RunEnd(
                run: run.id, state: .interrupted, startedAt: run.startedAt, finishedAt: clock.wallNanoseconds(),
                error: error))
        retire(run)
    }
}

extension StepEnd {
    init(_ state: StepState, _ metrics: CorralPipeline.CallMetrics, _ confidence: Double?, _ error: CorralError? = nil)
    {
        self.init(
            state: state, queuedNanoseconds: Int64(clamping: metrics.queuedNanoseconds),
            runningNanoseconds: Int64(clamping: metrics.runningNanoseconds), confidence: confidence, error: error)
    }
}

extension RunEnd {
    /// The end of a run as the journal has it.
    init(_ run: RunID, startedAt: Int64, finishedAt: Int64, _ ending: RunEnding) {
        switch ending {
        case .succeeded(let bytes):
            let output = (try? JSON(parsing: bytes)) ?? .null
            self.init(
                run: run, state: .succeeded, startedAt: startedAt, finishedAt: finishedAt, output: output,
                artifacts: ArtifactReferences.all(in: output).map(ArtifactDescription.init))
        case .failed(let error, let step):
            self.init(
                run: run, state: .failed, startedAt: startedAt, finishedAt: finishedAt, error: error, failedStep: step)
        case .cancelled(let reason):
            self.init(
                run: run, state: .cancelled, startedAt: startedAt, finishedAt: finishedAt,
                error: .runCancelled(reason))
        }
    }
}

extension ArtifactDescription {
    init(_ artifact: ArtifactRef) {
        self.init(
            sha256: artifact.sha256, name: artifact.name, mediaType: artifact.mediaType, bytes: Int64(artifact.bytes))
    }
}

extension Duration {
    /// Nanoseconds, at least 0 and at most what fits.
    var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : whole &+ UInt64(max(0, attoseconds) / 1_000_000_000)
    }
}
