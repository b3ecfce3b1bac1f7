// SPDX-License-Identifier: Apache-2.0
// Journaling: no call reaches a plugin before its intent is committed, and nothing follows from a result that is not. With
// `Recall`, which answers from what is committed, that is what makes a run survive the death of any process.

import CorralBase
import CorralStore

package struct Journaling: Interceptor {
    private let journal: JournalWriter
    private let clock: any HostClock

    package init(journal: JournalWriter, clock: any HostClock) {
        self.journal = journal
        self.clock = clock
    }

    package func intercept(_ call: Call, _ next: Pipeline.Next) async throws(CallFailure) -> CallResult {
        // What is neither a step's attempt nor an effect of one is remembered by whoever asked for it.
        guard let origin = call.origin, call.effect != nil || call.kind.isStep else { return try await next(call) }
        try await intend(call, origin)
        do {
            let result = try await next(call)
            await record(result, of: call, origin)
            return result
        } catch {
            await record(error, of: call, origin)
            throw error
        }
    }

    private func intend(_ call: Call, _ origin: CallOrigin) async throws(CallFailure) {
        let event: JournalEvent
        if let effect = call.effect {
            event = .effectIntent(effect, attempt: origin.attempt.attempt, request: call.body)
        } else {
            event = .attemptIntent(origin.attempt, target: call.targetText, request: call.body)
        }
        do {
            try await journal.append([entry(event, origin)], call.durability)
        } catch { throw hostFault(error) }
    }

    /// Posted and not awaited: what follows from the result waits for the same commit.
    private func record(_ result: CallResult, of call: Call, _ origin: CallOrigin) async {
        var events = result.artifacts.map { JournalEvent.artifactKept($0, by: origin.attempt) }
        if let effect = call.effect {
            events.append(.effectResult(effect, attempt: origin.attempt.attempt, .succeeded(result.bytes)))
        } else {
            let success = AttemptSuccess(
                value: result.bytes, confidence: result.confidence,
                changes: result.changes,
                metrics: result.metrics.recorded)
            events.append(.attemptResult(origin.attempt, success))
        }
        await journal.post(events.map { entry($0, origin) }, call.durability)
    }

    private func record(_ failure: CallFailure, of call: Call, _ origin: CallOrigin) async {
        let event: JournalEvent
        switch (call.effect, failure.fault) {
        // The host gives the run up for now: the intent stays open, and a resume finds it.
        case (_, .host): return
        // An effect lost with its worker may have happened; its intent stays open for the same reason.
        case (_?, .infrastructure): return
        case (let effect?, .call):
            event = .effectResult(effect, attempt: origin.attempt.attempt, .failed(failure.error))
        case (nil, let fault):
            event = .attemptFailed(
                origin.attempt, failure.error, isInfrastructure: fault == .infrastructure,
                metrics: failure.metrics.recorded)
        }
        await journal.post([entry(event, origin)], call.durability)
    }

    private func entry(_ event: JournalEvent, _ origin: CallOrigin) -> JournalRecord {
        JournalRecord(run: origin.run, at: clock.wallNanoseconds(), event: event)
    }

    private func hostFault(_ error: any Error) -> CallFailure { CallFailure(hostFault: error) }
}

extension CallFailure {
    /// The journal could not be read or written.
    init(hostFault error: any Error) {
        self.init(error as? CorralError ?? .internalFault("\(error)"), fault: .host)
    }
}

extension CallMetrics {
    var recorded: AttemptMetrics {
        AttemptMetrics(
            startedAt: startedAt, queuedNanoseconds: Int64(clamping: queuedNanoseconds),
            runningNanoseconds: Int64(clamping: runningNanoseconds), cpuNanoseconds: Int64(clamping: cpuNanoseconds),
            residentBytesMax: Int64(clamping: residentBytesMax), requestBytes: Int64(requestBytes),
            resultBytes: Int64(resultBytes),
            worker: worker, pluginDigest: pluginDigest)
    }
}
