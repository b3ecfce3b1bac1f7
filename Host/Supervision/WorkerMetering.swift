// SPDX-License-Identifier: Apache-2.0
// WorkerMetering: which call a process's use belongs to, and what happens when it is too much. The kernel counts a process;
// calls beside each other share what it used meanwhile in equal parts, so the parts add up to the whole.

import CorralBase
import CorralWire

/// The limits of a tenant that the pool enforces itself.
package struct WorkerLimits: Sendable, Hashable {
    /// Of all the tenant's workers together.
    package var memoryBytes: Int64?
    /// Of one worker.
    package var threads: Int64?
    /// Of one call.
    package var callProcessorNanoseconds: Int64?
    /// Of one result.
    package var resultBytes: Int64?

    package init(_ limits: TenantLimits = TenantLimits()) {
        memoryBytes = limits[.memoryBytes]
        threads = limits[.processes]
        callProcessorNanoseconds = limits[.callProcessorTime]
        resultBytes = limits[.payloadBytes]
    }
}

/// What the tenant's workers use now.
package struct WorkerUse: Sendable, Hashable {
    package var memoryBytes: Int64 = 0
    /// Of the worker that has most.
    package var threadsMax: Int64 = 0
}

/// A worker's account. Calls that run at the same time have equal shares of what is used.
struct WorkerAccount {
    private(set) var meter: ProcessMeter?
    private var processorSeen: UInt64 = 0
    /// What one call would have been charged that ran from the start on.
    private(set) var share: UInt64 = 0
    private(set) var highWaterBytes: UInt64 = 0
    private(set) var ownBytes: UInt64 = 0
    private(set) var threads = 0
    private var statusReadAt: UInt64 = 0

    mutating func begin(_ process: Int32) {
        meter = ProcessMeter(process: process)
        processorSeen = meter?.processorNanoseconds() ?? 0
        highWaterBytes = meter?.readStatus()?.highWaterBytes ?? 0
    }

    /// Charges what was used since the last time to the calls that ran. Before their number changes.
    mutating func settle(among calls: Int) {
        guard let now = meter?.processorNanoseconds(), now > processorSeen else { return }
        if calls > 0 { share += (now - processorSeen) / UInt64(calls) }
        processorSeen = now
    }

    /// The kernel's last word about a process that has ended.
    mutating func end(processorNanoseconds: UInt64, residentBytesMax: UInt64, calls: Int) {
        if processorNanoseconds > processorSeen, calls > 0 {
            share += (processorNanoseconds - processorSeen) / UInt64(calls)
            processorSeen = processorNanoseconds
        }
        highWaterBytes = max(highWaterBytes, residentBytesMax)
        (ownBytes, threads) = (0, 0)
    }

    /// Short calls are many; a peak between two readings is found by the next one.
    mutating func readStatus(at now: UInt64, atMostEvery nanoseconds: UInt64) {
        guard now &- statusReadAt >= nanoseconds, let status = meter?.readStatus() else { return }
        statusReadAt = now
        highWaterBytes = max(highWaterBytes, status.highWaterBytes)
        (ownBytes, threads) = (status.ownBytes, status.threads)
    }
}

/// A call's part in its worker's account.
struct CallAccount {
    private var shareBefore: UInt64 = 0
    private var highWaterBefore: UInt64 = 0
    private var residentSeen: UInt64 = 0

    mutating func begin(in worker: WorkerAccount) {
        shareBefore = worker.share
        highWaterBefore = worker.highWaterBytes
        look(worker)
    }

    mutating func look(_ worker: WorkerAccount) { residentSeen = max(residentSeen, worker.meter?.residentBytes() ?? 0) }

    func processorNanoseconds(_ worker: WorkerAccount) -> UInt64 { worker.share &- shareBefore }

    /// Exact when the process reached a new height meanwhile, else the most that was seen.
    func residentBytesMax(_ worker: WorkerAccount) -> UInt64 {
        worker.highWaterBytes > highWaterBefore ? worker.highWaterBytes : residentSeen
    }
}

extension WorkerPool {
    /// How often running workers are looked at.
    private static let tickNanoseconds: UInt64 = 1_000_000_000
    private static let statusNanoseconds: UInt64 = 10_000_000

    package func setLimits(_ limits: TenantLimits) {
        self.limits = WorkerLimits(limits)
        logBudget.setLimits(limits)
    }

    package func beginDay(used: Int64, dropped: Int64) { logBudget.beginDay(used: used, dropped: dropped) }
    package func takeLogNews() -> (bytes: Int64, dropped: Int64) { logBudget.takeNews() }

    package var use: WorkerUse {
        var use = WorkerUse()
        for worker in workers.values {
            use.memoryBytes += Int64(clamping: worker.account.ownBytes)
            use.threadsMax = max(use.threadsMax, Int64(worker.account.threads))
        }
        return use
    }

    // MARK: Calls

    func meterStart(_ record: CallRecord, in worker: Worker) {
        worker.account.settle(among: worker.running.count)
        record.account.begin(in: worker.account)
        guard meterTimer == nil else { return }
        meterTimer = lane.after(nanoseconds: Self.tickNanoseconds) { [weak self] in
            self?.assumeIsolated { $0.tick() }
        }
    }

    /// Before the call is taken out of its worker.
    func meterEnd(_ record: CallRecord, in worker: Worker) {
        worker.account.settle(among: worker.running.count)
        record.account.look(worker.account)
        worker.account.readStatus(at: monotonicNanoseconds(), atMostEvery: Self.statusNanoseconds)
        record.metrics.processorNanoseconds = record.account.processorNanoseconds(worker.account)
        record.metrics.residentBytesMax = record.account.residentBytesMax(worker.account)
    }

    /// Of the calls that were in a worker when it ended.
    func meterEnd(_ worker: Worker, _ exit: WorkerExit) {
        worker.account.end(
            processorNanoseconds: exit.cpuNanoseconds, residentBytesMax: exit.residentBytesMax,
            calls: worker.running.count)
        for record in worker.running.values {
            record.metrics.processorNanoseconds = record.account.processorNanoseconds(worker.account)
            record.metrics.residentBytesMax = record.account.residentBytesMax(worker.account)
        }
    }

    // MARK: Every second while calls run

    private func tick() {
        meterTimer = nil
        let busy = workers.values.filter { !$0.running.isEmpty }
        for worker in workers.values {
            worker.account.settle(among: worker.running.count)
            worker.account.readStatus(at: monotonicNanoseconds(), atMostEvery: 0)
            for record in worker.running.values { record.account.look(worker.account) }
        }
        for worker in busy { checkLimits(of: worker) }
        checkMemory()
        guard !busy.isEmpty else { return }
        meterTimer = lane.after(nanoseconds: Self.tickNanoseconds) { [weak self] in
            self?.assumeIsolated { $0.tick() }
        }
    }

    private func checkLimits(of worker: Worker) {
        if let most = limits.threads, worker.account.threads > most {
            overuse(worker, .threadsUsed(worker.key, Int64(worker.account.threads), limit: most))
        }
        guard let most = limits.callProcessorNanoseconds else { return }
        for record in worker.running.values where record.cancelReason == nil {
            let used = Int64(clamping: record.account.processorNanoseconds(worker.account))
            guard used > most else { continue }
            record.limitError = .callProcessorTimeUsed(record.plugin, record.call.noun, used, limit: most)
            stop(record, .limit)
        }
    }

    /// The worker that holds most goes: it is what the next one would have to make room for.
    private func checkMemory() {
        guard let most = limits.memoryBytes else { return }
        let used = use.memoryBytes
        guard used > most, let largest = workers.values.max(by: { $0.account.ownBytes < $1.account.ownBytes }) else {
            return
        }
        overuse(largest, .memoryUsed(largest.key, used, limit: most))
    }

    /// Ends a worker for what its process uses. Which of several plugins in it did that nobody knows, so they get
    /// processes of their own and none fails for it.
    private func overuse(_ worker: Worker, _ error: CorralError) {
        note(worker.key, .error, "the worker is ended: \(error.message)")
        condemn(worker, .overuse(error))
    }

    /// Ends every call and the workers that run them, because the tenant as a whole uses too much.
    package func endAll(_ error: CorralError) {
        for record in calls.values {
            record.limitError = error
            switch record.place {
            case .queued: fail(record, error)
            case .running:
                record.cancelReason = .limit
                record.isCulprit = true
            case .over: break
            }
        }
        for worker in workers.values { if worker.running.isEmpty { retire(worker) } else { condemn(worker, .hang) } }
    }
}
