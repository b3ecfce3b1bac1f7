// SPDX-License-Identifier: Apache-2.0
// WorkerEnding: how workers end, by plan or not, and who is to blame. Each call that was in the worker is answered here:
// the suspect with what it did, the others with `worker_lost`, which costs them nothing.

import CorralBase
import CorralCatalog
import CorralWire
import Glibc

extension WorkerPool {
    // MARK: By plan

    /// New calls of the compartment go elsewhere.
    func withdraw(_ worker: Worker) {
        if current[worker.key.compartment] == worker.number { current[worker.key.compartment] = nil }
        if next[worker.key.compartment] == worker.number { next[worker.key.compartment] = nil }
    }

    /// Takes no new calls, finishes what it has, then stops.
    func retire(_ worker: Worker) {
        withdraw(worker)
        switch worker.state {
        case .starting, .checking: condemn(worker, .stopping)
        case .serving:
            worker.state = .draining
            if !worker.running.isEmpty { setDrainTimer(worker) }
            sayGoodbyeIfDone(worker)
        case .draining, .stopping, .gone: break
        }
    }

    /// Its calls get this long; then they go on in the generation after it.
    func setDrainTimer(_ worker: Worker) {
        guard worker.drainTimer == nil else { return }
        let drain = settings.drain
        worker.drainTimer = after(drain, worker) { $0.condemn($1, .retired(after: drain)) }
    }

    func sayGoodbyeIfDone(_ worker: Worker) {
        guard worker.state == .draining, worker.running.isEmpty else { return }
        worker.state = .stopping
        send(worker, worker.connection.shutdown())
        after(settings.goodbye, worker) { $0.condemn($1, .stopping) }
    }

    /// Watches for idleness with one timer a worker: a timer for each call would cost more than the call.
    func settleIdle(_ compartment: CompartmentID) {
        guard let number = current[compartment], let worker = workers[number], worker.state == .serving,
            worker.idleTimer == nil
        else { return }
        let seen = worker.callsEnded
        worker.idleTimer = after(settings.idle, worker) { pool, worker in
            worker.idleTimer = nil
            let wasUsed = worker.callsEnded != seen || !worker.running.isEmpty
            if wasUsed { pool.settleIdle(compartment) } else { pool.retire(worker) }
        }
    }

    /// Ends a worker at once. The first reason counts.
    func condemn(_ worker: Worker, _ reason: Worker.Condemnation) {
        guard worker.condemnation == nil else { return }
        worker.condemnation = reason
        worker.state = .stopping
        withdraw(worker)
        // What it still says is not wanted.
        if case .violation = reason { lane.unwatch(worker.socket) }
        if let launched = worker.launched { launched.kill() } else { worker.killWhenLaunched = true }
        guard reason.isPlanned else {
            worker.isBroken = true
            return
        }
        // Not at once: whoever condemns may be in the middle of looking through the calls.
        let compartment = worker.key.compartment
        lane.after(nanoseconds: 0) { [weak self] in self?.assumeIsolated { $0.pump(compartment) } }
    }

    // MARK: The end of a process

    func exited(_ number: UInt64, _ exit: WorkerExit) {
        guard let worker = workers[number] else { return }
        withdraw(worker)
        worker.state = .gone
        // What it said before it ended counts: a call that completed has completed.
        // Bounded, because a process that the plugin left behind may hold the other ends and go on writing.
        _ = readSocket(worker, readsMax: 256)
        _ = readOutput(worker)
        _ = readCrash(worker)
        worker.lines.finish { logLine(worker, call: nil, level: .info, plugin: nil, $0) }
        let missed = worker.logGate.takeAllDropped()
        if missed > 0 { note(worker.key, .warning, "\(missed) log lines dropped") }
        meterEnd(worker, exit)
        forget(worker, exit)
        settle(worker, exit)
        resume(worker.key.compartment)
        tellWhenEmpty()
    }

    /// Closes and lets go of everything but the calls.
    func forget(_ worker: Worker, _ exit: WorkerExit? = nil) {
        withdraw(worker)
        workers[worker.number] = nil
        for timer in [worker.timer, worker.idleTimer, worker.drainTimer] { if let timer { lane.cancel(timer) } }
        for descriptor in [worker.socket, worker.output, worker.crash] {
            lane.unwatch(descriptor)
            close(descriptor)
        }
        guard let exit else { return }
        processorsOfGone &+= exit.cpuNanoseconds &- min(worker.processorsSeen, exit.cpuNanoseconds)
        var listing = worker.listing
        listing.state = .gone
        listing.cpuNanoseconds = exit.cpuNanoseconds
        listing.residentBytesMax = exit.residentBytesMax
        listing.ending = text(of: exit.status)
        departed.append(listing)
        if departed.count > 32 { departed.removeFirst() }
    }

    func tellWhenEmpty() {
        guard isStopping, workers.isEmpty else { return }
        for waiting in whenEmpty { waiting.resume() }
        whenEmpty = []
    }

    private func settle(_ worker: Worker, _ exit: WorkerExit) {
        if worker.isCandidate { return settleCandidate(worker, exit) }
        if exit.status == .spawnerLost { return loseAll(worker, "the process that starts workers has ended") }
        switch worker.condemnation {
        case .hang:
            for record in sorted(worker.running) where record.isCulprit {
                fail(record, stopError(record, isKilled: true))
            }
            loseAll(worker, "another call in it hung and had to be killed")
        case .violation(let error): blame(worker, error)
        case .doesNotRead: blame(worker, .protocolViolation("nothing, and did not read either"))
        case .closedItsSocket: blame(worker, .protocolViolation("nothing more: it closed its end"))
        case .noGreeting:
            startFailed(
                worker.key.compartment, worker.key,
                .workerStartFailed(worker.key, "it did not answer within \(settings.handshake)"))
        case .loadHung(let digest): settleHungLoad(worker, digest)
        case .overuse(let error): settleOveruse(worker, error)
        case .stopping: loseAll(worker, "it was stopped")
        case .retired(let drain):
            let error = CorralError.generationRetired(worker.key, after: drain)
            for record in sorted(worker.running) { fail(record, error, isInfrastructure: true) }
            worker.running = [:]
        case nil:
            if worker.readyAt == nil {
                let how = "it ended before it was ready: \(text(of: exit.status))"
                startFailed(worker.key.compartment, worker.key, .workerStartFailed(worker.key, how))
            } else if !worker.connection.isOrderlyOver || !worker.running.isEmpty {
                crashed(worker, exit)
            }
        }
    }

    /// The kernel kills a process at its cgroup's limit before the host has looked.
    private func memoryError(_ worker: Worker, _ exit: WorkerExit) -> CorralError? {
        guard let most = limits.memoryBytes, exit.isOutOfMemory || exit.residentBytesMax >= UInt64(most) / 10 * 9
        else { return nil }
        return .memoryUsed(worker.key, Int64(clamping: exit.residentBytesMax), limit: most)
    }

    private func settleOveruse(_ worker: Worker, _ error: CorralError) {
        let plugins = runningPlugins(worker)
        if plugins.count <= 1 || isAlone(worker) {
            for record in sorted(worker.running) { fail(record, error) }
        } else {
            isolate(plugins, from: worker)
        }
        loseAll(worker, "it was ended for what its process used")
    }

    private func settleHungLoad(_ worker: Worker, _ digest: ContentDigest) {
        if let entry = worker.plugins.first(where: { $0.digest == digest }) {
            let problem = LoadProblem(.hung, detail: "no answer within \(settings.load)")
            failWaiting(digest, worker.key.compartment, problem.error(source: entry.source))
            countCrash(worker, of: [entry])
        }
        loseAll(worker, "another plugin hung while it was loaded")
    }

    // MARK: Blame

    private func crashed(_ worker: Worker, _ exit: WorkerExit) {
        let record = CrashRecord(worker.crashBytes)
        // SIGKILL comes from outside (the kernel short of memory, a person): nobody's fault. When it repeats, whoever
        // ran gets a process of its own, so that one plugin's hunger does not cost the others theirs.
        if record == nil, exit.status == .signaled(SIGKILL), let error = memoryError(worker, exit) {
            return settleOveruse(worker, error)
        }
        if record == nil, exit.status == .signaled(SIGKILL), !exit.isOutOfMemory {
            if backOff(worker) >= 2 { isolate(runningPlugins(worker), from: worker) }
            return loseAll(worker, "it was killed from outside (SIGKILL); the system may be short of memory")
        }
        let how =
            exit.isOutOfMemory
            ? "used up the memory its worker may have and was killed" : description(of: record, exit.status)
        let suspicion = Suspicion(worker, record)
        for call in sorted(worker.running) where suspicion.calls.contains(call.call.id.number) {
            fail(call, .pluginCrashed(call.plugin, how, doing: call.doing))
        }
        for entry in suspicion.loading {
            let error = CorralError.pluginCrashed(entry.id.text, how, doing: "being loaded")
            failWaiting(entry.digest, worker.key.compartment, error)
        }
        note(worker.key, .error, "the worker \(how)\(suspicion.words)")
        countCrash(worker, of: suspicion.plugins)
        loseAll(worker, suspicion.bystanderWords)
    }

    /// A worker was ended because of what it sent. Any plugin in it may have written that, in any call's name: the call
    /// a frame names proves nothing, so with several plugins all go into processes of their own, and none fails for it.
    private func blame(_ worker: Worker, _ error: CorralError) {
        let plugins = runningPlugins(worker)
        note(worker.key, .error, "the worker was ended: \(error.message)")
        if plugins.count == 1 || isAlone(worker) {
            for call in sorted(worker.running) {
                fail(call, .brokeProtocol(call.plugin, error.message, doing: call.doing))
            }
        }
        countCrash(worker, of: plugins)
        loseAll(worker, "it was ended because of what a plugin in it sent")
    }

    /// Crashes put a plugin into a process of its own; crashes there put it into quarantine.
    private func countCrash(_ worker: Worker, of plugins: [CatalogEntry]) {
        // Those that stay do not wait for a culprit that moves out.
        guard isAlone(worker) || plugins.isEmpty else { return isolate(plugins, from: worker) }
        _ = backOff(worker)
        for entry in plugins
        where quarantine.crashedAlone(entry.digest, at: monotonicNanoseconds(), settings: settings) {
            refuseWaiting(entry, worker.key.compartment)
            onQuarantine(entry.id, quarantineError(entry))
        }
    }

    private func isolate(_ plugins: [CatalogEntry], from worker: Worker) {
        for entry in plugins where !isAlone(worker) && compartments.suspect(entry.digest) {
            note(worker.key, .warning, "plugin \"\(entry.id)\" gets a process of its own from now on")
            rehome(entry, from: worker.key.compartment)
        }
    }

    func refuseWaiting(_ entry: CatalogEntry, _ compartment: CompartmentID) {
        failWaiting(entry.digest, compartment, quarantineError(entry))
    }

    private func quarantineError(_ entry: CatalogEntry) -> CorralError {
        .pluginQuarantined(
            entry.id.text, crashes: settings.quarantineCrashes,
            seconds: Int(settings.quarantineWindow.components.seconds))
    }

    private func rehome(_ entry: CatalogEntry, from old: CompartmentID) {
        let new = compartments.compartment(of: entry)
        for id in queues[old]?.takeAll(of: entry.digest) ?? [] {
            guard let record = calls[id] else { continue }
            record.place = .queued(new)
            queues[new, default: CallQueue()].append(id, to: record.line)
        }
        pump(new)
    }

    /// - Returns: crashes in a row.
    private func backOff(_ worker: Worker) -> Int {
        let now = monotonicNanoseconds()
        let lived = worker.readyAt.map { now &- $0 } ?? 0
        backoffs[worker.key.compartment, default: Backoff()].crashed(
            at: now, lived: lived, settings: settings, random: &random)
        return backoffs[worker.key.compartment]?.crashes ?? 0
    }

    private func loseAll(_ worker: Worker, _ how: String) {
        for record in sorted(worker.running) { fail(record, .workerLost(worker.key, how), isInfrastructure: true) }
        worker.running = [:]
    }

    private func isAlone(_ worker: Worker) -> Bool { worker.key.compartment.isAlone }

    private func runningPlugins(_ worker: Worker) -> [CatalogEntry] {
        let loading = Set(worker.loading.map(\.digest))
        let used = worker.plugins.filter {
            worker.runningOfPlugin[$0.digest, default: 0] > 0 || loading.contains($0.digest)
        }
        return used.isEmpty && worker.plugins.count == 1 ? worker.plugins : used
    }

    private func sorted(_ running: [UInt64: CallRecord]) -> [CallRecord] {
        running.values.sorted { $0.call.id.number < $1.call.id.number }
    }

    func description(of record: CrashRecord?, _ status: WorkerExit.Status) -> String {
        switch (record?.kind, status) {
        case (.exited(let code), _), (nil, .exited(let code)): "ended the worker process with exit code \(code)"
        case (.signal(let number), _), (nil, .signaled(let number)):
            "crashed with \(signalName(number))" + (record?.place.map { " at \($0)" } ?? "")
        case (nil, .spawnerLost): "was lost"
        }
    }

    func text(of status: WorkerExit.Status) -> String {
        switch status {
        case .exited(let code): "exit code \(code)"
        case .signaled(let number): signalName(number)
        case .spawnerLost: "lost with the spawner"
        }
    }
}
