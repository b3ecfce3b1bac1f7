// SPDX-License-Identifier: Apache-2.0
// WorkerPool: all workers of one tenant. It takes calls, finds or starts the worker that may run them, and answers each
// exactly once, whatever the worker does.
//
// It lives on the tenant's lane, as the engine does: calls between them do not hop threads, and nothing here waits.

import CorralBase
import CorralCatalog
import CorralWire
import Glibc

package actor WorkerPool {
    package nonisolated let tenant: TenantID
    package nonisolated let lane: Lane
    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    let settings: SupervisionSettings
    var launcher: any WorkerLauncher
    let plugins: @Sendable () -> CatalogSnapshot
    /// The tenant's folder, in which plugins with the grant have folders of their own; nil: none has.
    let storageRoot: String?
    let log: @Sendable (WorkerLogLine) -> Void
    var services: (any HostServices)?
    var limits = WorkerLimits()
    package internal(set) var logBudget = LogBudget()
    var meterTimer: Lane.TimerID?
    var random: SeededGenerator

    var compartments = Compartments()
    var quarantine = Quarantine()
    /// Hears of each plugin that is put into quarantine, once.
    var onQuarantine: @Sendable (PluginID, CorralError) -> Void = { _, _ in }
    var backoffs: [CompartmentID: Backoff] = [:]
    /// Starts in a row that failed, by compartment.
    var failedStarts: [CompartmentID: Int] = [:]
    var generations: [CompartmentID: UInt32] = [:]
    var startTimers: [CompartmentID: Lane.TimerID] = [:]
    /// The worker that takes new calls, by compartment.
    var current: [CompartmentID: UInt64] = [:]
    /// The worker that is to replace it and is being checked.
    var next: [CompartmentID: UInt64] = [:]
    var generationChange: [CompartmentID: GenerationChange] = [:]
    var versions = PluginVersions()
    /// Who waits for newer content to serve, or to be known not to.
    var settling: [UInt64: Settling] = [:]
    var nextSettling: UInt64 = 1
    var workers: [UInt64: Worker] = [:]
    var calls: [UInt64: CallRecord] = [:]
    var queues: [CompartmentID: CallQueue] = [:]
    /// The last workers that are gone, for listings.
    var departed: [WorkerListing] = []
    var isStopping = false
    var processors: ProcessorAccount
    var processorTimer: Lane.TimerID?
    var processorsSeenAt: UInt64 = 0
    /// What workers that are gone had used since they were looked at.
    var processorsOfGone: UInt64 = 0
    var isWatchingClosely = false
    var whenEmpty: [CheckedContinuation<Void, Never>] = []
    var readBuffer = [UInt8](repeating: 0, count: 128 << 10)
    private var nextCall: UInt64 = 1
    var nextWorker: UInt64 = 1

    /// - Parameters:
    ///   - plugins: the tenant's catalogue as it is now; after a change `catalogueChanged` is to be called.
    ///   - log: takes lines that belong to no call. Called on the lane.
    package init(
        tenant: TenantID, lane: Lane, launcher: any WorkerLauncher,
        settings: SupervisionSettings = SupervisionSettings(), storageRoot: String? = nil,
        plugins: @escaping @Sendable () -> CatalogSnapshot = { .empty },
        log: @escaping @Sendable (WorkerLogLine) -> Void
    ) {
        self.tenant = tenant
        self.lane = lane
        self.launcher = launcher
        self.settings = settings
        processors = ProcessorAccount(share: settings.processorShare, burst: settings.processorBurst)
        self.plugins = plugins
        self.storageRoot = storageRoot
        self.log = log
        random = SeededGenerator(seed: settings.seed)
    }

    package func setQuarantineObserver(_ observer: @escaping @Sendable (PluginID, CorralError) -> Void) {
        onQuarantine = observer
    }

    /// Who answers the workers' requests to host services. Without it they are answered with `CORRAL_UNSUPPORTED`.
    package func setServices(_ services: (any HostServices)?) { self.services = services }

    /// Starts workers another way from now on; those there are finish their calls and go.
    package func setLauncher(_ launcher: any WorkerLauncher) {
        self.launcher = launcher
        for worker in workers.values { retire(worker) }
    }

    /// A name for a call that is about to be made.
    package func makeCallID() -> CallID {
        defer { nextCall += 1 }
        return CallID(nextCall)
    }

    /// Runs a call to its end. Returns exactly once, at the latest a few graces after the deadline; never throws.
    ///
    /// Cancelling the task does nothing: use `cancel`.
    /// - Parameter events: called on the lane, in order, never after the return.
    package func call(_ call: PluginCall, events: @escaping @Sendable (CallEvent) -> Void) async -> CallOutcome {
        await withTaskExecutorPreference(lane) {
            await withCheckedContinuation { continuation in
                let record = CallRecord(
                    call, queuedAt: monotonicNanoseconds(), spoolFolder: settings.spoolFolder, events: events)
                record.continuation = continuation
                record.output.resultBytesLimit = limits.resultBytes
                accept(record)
            }
        }
    }

    /// Asks a call to stop; one that waits ends at once, one that runs gets `grace` and then its worker is killed.
    /// Without effect on a call that is over.
    package func cancel(_ id: CallID, reason: CancelReason = .requested) {
        if let record = calls[id.number] { stop(record, reason) }
    }

    /// The workers, oldest first; those that are gone come first, at most 32 of them.
    package func listing() -> [WorkerListing] {
        departed + workers.values.sorted { $0.number < $1.number }.map(\.listing)
    }

    /// The plugins that share a process with `entry` in this tenant.
    package func mates(of entry: CatalogEntry, among catalog: CatalogSnapshot) -> [PluginID] {
        compartments.mates(of: entry, among: catalog.entries.values)
    }

    package func compartment(of entry: CatalogEntry) -> CompartmentID { compartments.compartment(of: entry) }

    package func isQuarantined(_ entry: CatalogEntry) -> Bool { quarantine.isRefused(entry.digest) }

    /// Forgets what a plugin's content has done here: crashes, and that it could not be loaded.
    /// - Returns: whether there was something to forget.
    package func release(_ entry: CatalogEntry) -> Bool {
        let wasRejected = versions.release(entry.id)
        let wasRefused = quarantine.release(entry.digest)
        let wasAlone = compartments.release(entry.digest)
        if wasRejected || wasRefused || wasAlone { catalogueChanged() }
        return wasRejected || wasRefused || wasAlone
    }

    /// Why the newest content of a plugin does not serve in this tenant, although it passed the catalogue's checks.
    package func rejection(of id: PluginID) -> CorralError? {
        versions.rejection(of: id) ?? blockedReload(of: id)
    }

    /// Ends everything: calls that wait fail at once, running ones get `drain` to finish, then are cancelled and after
    /// the grace killed. Returns when the last worker is gone.
    package func shutdown(drain: Duration = .zero) async {
        isStopping = true
        for record in calls.values.sorted(by: { $0.call.id.number < $1.call.id.number }) {
            if case .queued = record.place { fail(record, .hostStopping(), isInfrastructure: true) }
        }
        for worker in workers.values { retire(worker) }
        tellSettled()
        lane.after(nanoseconds: drain.nanoseconds) { [weak self] in
            self?.assumeIsolated { pool in
                for record in pool.calls.values { pool.stop(record, .requested) }
            }
        }
        await withCheckedContinuation { waiting in
            // Asked here and not before: a caller from elsewhere may be put back into the lane's queue on its way into the
            // continuation, and the last worker may go meanwhile.
            if workers.isEmpty { waiting.resume() } else { whenEmpty.append(waiting) }
        }
    }
}

// MARK: Ends of calls

extension WorkerPool {
    func accept(_ record: CallRecord) {
        record.events(.queued)
        record.take(version: version(of: record.call.plugin, isNested: record.isNested))
        if let refusal = refusal(of: record.call) {
            return finish(record, .failure(refusal))
        }
        let compartment = compartments.compartment(of: record.call.plugin)
        calls[record.call.id.number] = record
        record.place = .queued(compartment)
        queues[compartment, default: CallQueue()].append(record.call.id.number, to: record.line)
        let id = record.call.id
        let now = monotonicNanoseconds()
        record.deadlineTimer = lane.after(nanoseconds: record.call.deadline - min(now, record.call.deadline)) {
            [weak self] in self?.assumeIsolated { $0.cancel(id, reason: .deadline) }
        }
        pump(compartment)
    }

    private func refusal(of call: PluginCall) -> CallFailure? {
        if isStopping { return CallFailure(error: .hostStopping(), isInfrastructure: true) }
        let plugin = call.plugin.id.text
        if quarantine.isRefused(call.plugin.digest) {
            return CallFailure(
                error: .pluginQuarantined(
                    plugin, crashes: settings.quarantineCrashes,
                    seconds: Int(settings.quarantineWindow.components.seconds)),
                isInfrastructure: false)
        }
        guard call.body.count <= Limits.requestBytesMax else {
            let text = "its request has \(call.body.count) bytes, at most \(Limits.requestBytesMax) are allowed"
            return CallFailure(
                error: .callLimit(plugin, call.noun, text, hint: "pass large data as an artifact"),
                isInfrastructure: false)
        }
        guard call.artifacts.count <= Limits.artifactsPerCallMax else {
            let text =
                "its request refers to \(call.artifacts.count) files, at most \(Limits.artifactsPerCallMax) are allowed"
            return CallFailure(error: .callLimit(plugin, call.noun, text), isInfrastructure: false)
        }
        precondition(call.id.number != 0 && calls[call.id.number] == nil, "a call id from elsewhere")
        return nil
    }

    func fail(_ record: CallRecord, _ error: CorralError, isInfrastructure: Bool = false) {
        finish(record, .failure(CallFailure(error: error, isInfrastructure: isInfrastructure)))
    }

    /// Takes the call out of wherever it is and answers it.
    func finish(_ record: CallRecord, _ ending: CallOutcome.Ending) {
        let id = record.call.id.number
        let now = monotonicNanoseconds()
        switch record.place {
        case .queued(let compartment):
            queues[compartment]?.remove(id, from: record.line)
        case .running(let number): leave(number, record)
        case .over: break
        }
        record.place = .over
        calls[id] = nil
        record.showPartial()
        for timer in [record.deadlineTimer, record.graceTimer, record.partialTimer] {
            if let timer { lane.cancel(timer) }
        }
        for task in record.services.values { task.cancel() }
        for request in record.heldEvents.keys { dropHeldEvents(of: request, record) }
        record.metrics.queuedNanoseconds = (record.sentAt ?? now) &- record.queuedAt
        record.metrics.runningNanoseconds = record.sentAt.map { now &- $0 } ?? 0
        let outcome = CallOutcome(ending: ending, metrics: record.metrics)
        record.continuation?.resume(returning: outcome)
        record.continuation = nil
    }

    private func leave(_ number: UInt64, _ record: CallRecord) {
        guard let worker = workers[number] else { return }
        meterEnd(record, in: worker)
        worker.running[record.call.id.number] = nil
        worker.runningOfPlugin[record.call.plugin.digest, default: 1] -= 1
        worker.callsEnded += 1
    }

    // MARK: Stopping a call

    func stop(_ record: CallRecord, _ reason: CancelReason) {
        guard record.cancelReason == nil else { return }
        record.cancelReason = reason
        switch record.place {
        case .over: break
        case .queued: fail(record, stopError(record, isKilled: false))
        case .running(let number):
            guard let worker = workers[number] else { return }
            send(worker, reason.frame(call: record.call.id.number))
            let id = record.call.id.number
            record.graceTimer = lane.after(nanoseconds: settings.grace.nanoseconds) { [weak self] in
                self?.assumeIsolated { $0.graceIsOver(id) }
            }
        }
    }

    private func graceIsOver(_ id: UInt64) {
        guard let record = calls[id], case .running(let number) = record.place, let worker = workers[number] else {
            return
        }
        record.isCulprit = true
        retire(worker)
        killIfOnlyCulpritsRun(worker)
        guard worker.condemnation == nil else { return }
        // The bystanders' grace. When the call ends meanwhile, nobody needs to die for it.
        after(settings.grace, worker) { pool, worker in
            if worker.running.values.contains(where: \.isCulprit) { pool.condemn(worker, .hang) }
        }
    }

    func killIfOnlyCulpritsRun(_ worker: Worker) {
        guard worker.condemnation == nil, !worker.running.isEmpty,
            worker.running.values.allSatisfy(\.isCulprit)
        else { return }
        condemn(worker, .hang)
    }

    /// The error of a call that was asked to stop.
    func stopError(_ record: CallRecord, isKilled: Bool) -> CorralError {
        let noun = record.call.noun
        let how = isKilled ? " and was killed" : ""
        switch record.cancelReason {
        case .limit:
            return record.limitError
                ?? .callLimit(record.plugin, noun, (record.brokenLimit ?? "it broke a limit") + how)
        case .deadline:
            guard let sent = record.sentAt else {
                return .callTimeout(record.plugin, noun, "was still waiting for a worker at its deadline")
            }
            let running = seconds(monotonicNanoseconds() &- sent)
            return .callTimeout(
                record.plugin, noun,
                isKilled
                    ? "was killed after \(running): it did not stop at its deadline"
                    : "did not finish by its deadline (it ran for \(running))")
        case .requested, nil:
            return .callCancelled(
                record.plugin, noun, isKilled ? "was cancelled, did not stop, and was killed" : "was cancelled")
        }
    }

    /// A timer that does nothing when the worker has gone.
    @discardableResult
    func after(
        _ duration: Duration, _ worker: Worker, _ body: @escaping @Sendable (isolated WorkerPool, Worker) -> Void
    ) -> Lane.TimerID {
        let number = worker.number
        return lane.after(nanoseconds: duration.nanoseconds) { [weak self] in
            self?.assumeIsolated { pool in
                if let worker = pool.workers[number] { body(pool, worker) }
            }
        }
    }
}

/// `1.25 s`, for people.
private func seconds(_ nanoseconds: UInt64) -> String {
    let hundredths = nanoseconds / 10_000_000
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
}
