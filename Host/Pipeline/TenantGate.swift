// SPDX-License-Identifier: Apache-2.0
// TenantGate: what a tenant's limits say about a call, in force now. Lives on the tenant's lane, where asking it costs no
// thread hop; `AgentSlots` holds the order of those that wait.

import CorralBase

extension Limits {
    /// Agents of one tenant that wait for `max_concurrent_agents`: the items of one `for_each`, and as many from other
    /// runs. Each is a suspended task with its request, some 2 KiB.
    package static let waitingAgentsMax = 2 * forEachItemsMax
    /// Below a storage limit's kill threshold calls go on: a run that is nearly done may finish.
    package static let storageKillPercent: Int64 = 110
}

/// One per tenant.
package actor TenantGate {
    private nonisolated let executor: any SerialExecutor & TaskExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private typealias Waiter = CheckedContinuation<CorralError?, Never>

    private let clock: any HostClock
    private var limits: TenantLimits
    private var slots: AgentSlots
    private var waiters: [UInt64: Waiter] = [:]
    /// Why no further call is let in, for example a full store; nil when all is well.
    private var closedBy: CorralError?

    package init(limits: TenantLimits, clock: any HostClock, executor: any SerialExecutor & TaskExecutor) {
        self.limits = limits
        self.clock = clock
        self.executor = executor
        slots = AgentSlots(limit: limits.agents)
    }

    package func setLimits(_ limits: TenantLimits) {
        self.limits = limits
        for call in slots.setLimit(limits.agents) { wake(call, nil) }
    }

    /// Lets no call in any more, or again.
    package func close(_ reason: CorralError?) { closedBy = reason }

    package var agentsRunning: Int { slots.running }
    package var agentsWaiting: Int { slots.waitingCount }

    // MARK: A call

    /// Why a call may not begin at all; nil when it may.
    func refusal(of call: Call) -> CorralError? {
        // A scan writes nothing, and without it nobody could read why the tenant is closed.
        if let closedBy, call.kind != .scan { return closedBy }
        // What the host asks for itself wraps payloads that were let in.
        if call.infrastructure == nil, let most = limits[.payloadBytes], call.body.count > most {
            return .payloadLimit(call.targetText, "request", bytes: call.body.count, limit: most)
        }
        return nil
    }

    /// Why a call's result is not taken; nil when it is.
    func refusal(of call: Call, result: CallResult) -> CorralError? {
        guard call.infrastructure == nil, let most = limits[.payloadBytes], result.bytes.count > most else {
            return nil
        }
        return .payloadLimit(call.targetText, "result", bytes: result.bytes.count, limit: most)
    }

    /// Returns when the agent may begin. One that another agent calls works within its caller's place: two that waited for
    /// each other's would wait for ever.
    /// - Returns: nanoseconds it waited; `leave` must follow.
    func enter(_ call: Call) async throws(CallFailure) -> UInt64 {
        guard call.kind == .agent, call.ancestors.isEmpty, let run = call.run else { return 0 }
        if slots.begin(call.id, of: run) { return 0 }
        let since = clock.monotonicNanoseconds()
        if slots.waitingCount > Limits.waitingAgentsMax {
            _ = slots.withdraw(call.id)
            throw CallFailure(.agentsWaiting(Limits.waitingAgentsMax))
        }
        let refusal = await withTaskExecutorPreference(executor) {
            await withCheckedContinuation { waiters[call.id] = $0 }
        }
        let waited = clock.monotonicNanoseconds() &- since
        if let refusal {
            var metrics = CallMetrics()
            metrics.queuedNanoseconds = waited
            throw CallFailure(refusal, metrics: metrics)
        }
        return waited
    }

    func leave(_ call: Call) {
        guard call.kind == .agent, call.ancestors.isEmpty, call.run != nil else { return }
        if let next = slots.end() { wake(next, nil) }
    }

    /// Ends the wait of a call; without effect on one that does not wait.
    package func withdraw(_ call: UInt64, _ error: CorralError) {
        if slots.withdraw(call) { wake(call, error) }
    }

    private func wake(_ call: UInt64, _ error: CorralError?) {
        waiters.removeValue(forKey: call)?.resume(returning: error)
    }
}

extension TenantLimits {
    fileprivate var agents: Int? { self[.concurrentAgents].map { Int(clamping: $0) } }
}

/// After the intent: a call that waits is in the journal, and seen as queued.
package struct Queueing: Interceptor {
    private let gate: TenantGate

    package init(gate: TenantGate) { self.gate = gate }

    package func intercept(_ call: Call, _ next: Pipeline.Next) async throws(CallFailure) -> CallResult {
        let waited = try await gate.enter(call)
        let outcome: Result<CallResult, CallFailure>
        do throws(CallFailure) { outcome = .success(try await next(call)) } catch { outcome = .failure(error) }
        await gate.leave(call)
        switch outcome {
        case .success(var result):
            result.metrics.queuedNanoseconds += waited
            guard let refusal = await gate.refusal(of: call, result: result) else { return result }
            throw CallFailure(refusal, metrics: result.metrics)
        case .failure(var failure):
            failure.metrics.queuedNanoseconds += waited
            throw failure
        }
    }
}
