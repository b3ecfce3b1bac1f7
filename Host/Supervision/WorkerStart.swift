// SPDX-License-Identifier: Apache-2.0
// WorkerStart: how a pool gets a worker: descriptors, process, greeting, and the libraries a call needs.

import CorralBase
import CorralCatalog
import CorralSocket
import CorralWire
import Glibc

extension WorkerPool {
    // MARK: Processes

    /// Starts a worker for the compartment unless one serves, one is being started, or it must wait.
    func startIfNeeded(_ compartment: CompartmentID) {
        guard current[compartment] == nil, next[compartment] == nil, mayStart(compartment) else { return }
        if generationChange[compartment] != nil { return changeGeneration(compartment) }
        start(compartment, preload: [])
    }

    /// Whether a process may be started now. When not, whoever waits is pumped once it may.
    func mayStart(_ compartment: CompartmentID) -> Bool {
        guard startTimers[compartment] == nil, !isStopping else { return false }
        let alive = workers.values.filter { $0.key.compartment == compartment }
        guard !alive.contains(where: \.isBroken) else { return false }
        // The next version must not meet the one that still ends.
        if alive.contains(where: { $0.hasSingleton && $0.number != current[compartment] }) { return false }
        guard alive.count < settings.generationsMax else {
            makePlace(alive)
            return false
        }
        let wait = backoffs[compartment]?.wait(at: monotonicNanoseconds()) ?? 0
        guard wait == 0 else {
            startTimers[compartment] = lane.after(nanoseconds: wait) { [weak self] in
                self?.assumeIsolated { pool in
                    pool.startTimers[compartment] = nil
                    pool.resume(compartment)
                }
            }
            return false
        }
        return true
    }

    /// - Parameter preload: for a worker that is to replace the compartment's current one.
    func start(_ compartment: CompartmentID, preload: [CatalogEntry]) {
        let generation = generations[compartment, default: 0] &+ 1
        generations[compartment] = generation
        let key = WorkerKey(tenant: tenant, compartment: compartment, generation: generation)
        do throws(CorralError) {
            let channels = try WorkerChannels()
            let worker = Worker(
                number: nextWorker, key: key, socket: channels.socket, output: channels.output, crash: channels.crash,
                startedAt: monotonicNanoseconds())
            nextWorker += 1
            workers[worker.number] = worker
            worker.preload = preload
            worker.isCandidate = !preload.isEmpty
            worker.visible = visibleFolders(compartment, preload)
            worker.storage = storageFolder(compartment, preload)
            if worker.isCandidate {
                next[compartment] = worker.number
            } else {
                current[compartment] = worker.number
            }
            try watch(worker)
            // Sent before the process exists: it finds it in its socket when it starts to read.
            send(worker, worker.connection.hello(key: key, callsMax: callsMax + Limits.workerReservedThreads))
            worker.timer = after(settings.handshake, worker) { $0.condemn($1, .noGreeting) }
            launch(worker, channels.ends)
        } catch {
            guard preload.isEmpty else { return candidateLost(key, error) }
            startFailed(compartment, key, error)
        }
    }

    private func launch(_ worker: Worker, _ ends: WorkerEnds) {
        let number = worker.number
        let key = worker.key
        let launcher = launcher
        let readable = worker.visible.sorted()
        let storage = worker.storage
        let standsBack = processors.isYielding
        // A task of its own because nobody waits for it: calls wait for the greeting. It runs on the pool's lane.
        Task {
            let result: Result<LaunchedWorker, CorralError>
            do throws(CorralError) {
                result = .success(
                    try await launcher.launch(
                        WorkerLaunch(
                            key: key, readable: readable, storage: storage, standsBack: standsBack, ends: ends)
                    ) {
                        [weak self] exit in
                        // The spawner's thread tells; the lane hears.
                        Task { await self?.exited(number, exit) }
                    })
            } catch {
                result = .failure(error)
            }
            for end in [ends.socket, ends.output, ends.crash] { close(end) }
            self.launchEnded(number, result)
        }
    }

    private func launchEnded(_ number: UInt64, _ result: Result<LaunchedWorker, CorralError>) {
        guard let worker = workers[number] else { return }
        switch result {
        case .success(let launched):
            worker.launched = launched
            worker.account.begin(launched.pid)
            joinTenant(worker)
            if worker.killWhenLaunched { launched.kill() }
            serveIfReady(worker)
        case .failure(let error):
            forget(worker)
            if worker.isCandidate {
                candidateLost(worker.key, error)
                resume(worker.key.compartment)
            } else {
                startFailed(worker.key.compartment, worker.key, error)
            }
            tellWhenEmpty()
        }
    }

    /// One failure may be chance: the start is repeated. The second in a row fails the calls that wait for it.
    func startFailed(_ compartment: CompartmentID, _ key: WorkerKey, _ error: CorralError) {
        failedStarts[compartment, default: 0] += 1
        backoffs[compartment, default: Backoff()].crashed(
            at: monotonicNanoseconds(), lived: 0, settings: settings, random: &random)
        note(key, .error, "the worker could not be started: \(error.message)\(error.cause.map { ": " + $0 } ?? "")")
        if failedStarts[compartment, default: 0] >= 2 {
            for id in queues[compartment]?.takeAll() ?? [] {
                if let record = calls[id] { fail(record, error) }
            }
        }
        pump(compartment)
    }

    func greeted(_ worker: Worker, toolchain: String) {
        worker.readyAt = monotonicNanoseconds()
        failedStarts[worker.key.compartment] = nil
        if let timer = worker.timer { lane.cancel(timer) }
        serveIfReady(worker)
    }

    /// The greeting may overtake the spawner's answer; calls begin when both are there, so that each can name its pid.
    private func serveIfReady(_ worker: Worker) {
        guard worker.state == .starting, worker.readyAt != nil, worker.launched != nil else { return }
        guard !worker.isCandidate else {
            worker.state = .checking
            return loadNext(worker)
        }
        worker.state = .serving
        pump(worker.key.compartment)
    }

    // MARK: Calls and libraries

    /// Moves the compartment on: sends what can be sent, loads what is missing, starts a worker when there is none.
    func pump(_ compartment: CompartmentID) {
        guard let isIdle = queues[compartment]?.isEmpty, !isIdle else { return settleIdle(compartment) }
        guard let number = current[compartment], let worker = workers[number] else {
            return startIfNeeded(compartment)
        }
        guard worker.state == .serving else { return }
        loadMissing(worker)
        while let id = queues[compartment]?.takeFirst(where: {
            worker.hasPlace(for: $0, isSerial: isSerial($0.plugin, worker), callsMax: callsMax)
        }) {
            if let record = calls[id] { dispatch(record, to: worker) }
        }
        settleIdle(compartment)
    }

    /// The setting, held within what a worker has threads for.
    private var callsMax: Int { min(max(1, settings.callsMax), Limits.workerCallsMax) }

    private func isSerial(_ digest: ContentDigest, _ worker: Worker) -> Bool {
        worker.plugins.first { $0.digest == digest }?.manifest.isSerial ?? false
    }

    private func loadMissing(_ worker: Worker) {
        let compartment = worker.key.compartment
        let wanted = queues[compartment]?.plugins ?? []
        var needsSuccessor = false
        for digest in wanted where worker.loads[digest] == nil {
            guard let entry = entry(waiting: digest, in: compartment) else { continue }
            // Calls that still want the other version come first; or two versions would retire each other for ever.
            if let other = worker.otherVersion(of: entry), wanted.contains(other.digest) { continue }
            if worker.canTake(entry) { load(entry, in: worker) } else { needsSuccessor = true }
        }
        for digest in wanted {
            if case .failed(let error) = worker.loads[digest] { failWaiting(digest, compartment, error) }
        }
        if needsSuccessor { changeGeneration(compartment) }
    }

    func entry(waiting digest: ContentDigest, in compartment: CompartmentID) -> CatalogEntry? {
        queues[compartment]?.anyCall(of: digest).flatMap { calls[$0]?.call.plugin }
    }

    func load(_ entry: CatalogEntry, in worker: Worker) {
        worker.plugins.append(entry)
        let digest = entry.digest
        worker.loads[digest] = .asked(after(settings.load, worker) { $0.condemn($1, .loadHung(digest)) })
        let message = LoadMessage(
            plugin: UInt32(worker.plugins.count), form: entry.form == .native ? .native : .plugin,
            path: entry.loadPath, isProbe: false, expectedManifest: entry.manifestBytes,
            configuration: entry.configuration, native: entry.native, services: entry.granted.services,
            storage: entry.granted.storage ? worker.storage?.path ?? "" : "")
        send(worker, worker.connection.load(message))
    }

    func loaded(_ worker: Worker, _ plugin: UInt32) {
        guard let entry = worker.plugin(numbered: plugin) else { return }
        if case .asked(let timer) = worker.loads[entry.digest] { lane.cancel(timer) }
        worker.loads[entry.digest] = .loaded
        if worker.isCandidate { return loadNext(worker) }
        versions.serves(entry)
        pump(worker.key.compartment)
    }

    /// The failure is remembered in this worker, so that calls of a broken plugin fail at once; the next generation
    /// tries again.
    func loadFailed(_ worker: Worker, _ plugin: UInt32, _ problem: LoadProblem) {
        guard let entry = worker.plugin(numbered: plugin) else { return }
        if case .asked(let timer) = worker.loads[entry.digest] { lane.cancel(timer) }
        let error = problem.error(source: entry.source)
        worker.loads[entry.digest] = .failed(error)
        if worker.isCandidate { return candidateFailed(worker, entry, error) }
        fallBack(from: entry, error, worker.key.compartment)
        failWaiting(entry.digest, worker.key.compartment, error)
        pump(worker.key.compartment)
    }

    func failWaiting(_ digest: ContentDigest, _ compartment: CompartmentID, _ error: CorralError) {
        for id in queues[compartment]?.takeAll(of: digest) ?? [] {
            if let record = calls[id] { fail(record, error) }
        }
    }
}

/// The pipes and the socket between host and worker. The host's ends do not block.
package struct WorkerChannels {
    package var socket: Int32
    package var output: Int32
    package var crash: Int32
    /// Close them after the launch.
    package var ends: WorkerEnds

    package init() throws(CorralError) {
        var opened: [Int32] = []
        func give(_ status: Int32, _ a: Int32, _ b: Int32) throws(CorralError) -> (Int32, Int32) {
            guard status >= 0 else {
                for descriptor in opened { close(descriptor) }
                throw .laneFailed("descriptor", -status)
            }
            opened += [a, b]
            _ = fcntl(a, F_SETFL, O_NONBLOCK)
            return (a, b)
        }
        func pipePair() throws(CorralError) -> (Int32, Int32) {
            var pair: [Int32] = [-1, -1]
            let status = pipe(&pair) == 0 ? 0 : -errno
            // pipe2 is not imported. No process is forked from the host but the spawner, which closes what it inherits.
            for descriptor in pair where descriptor >= 0 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
            return try give(status, pair[0], pair[1])
        }
        var a: Int32 = -1
        var b: Int32 = -1
        let status = corral_socket_pair(&a, &b)
        let sockets = try give(status, a, b)
        let outputs = try pipePair()
        let crashes = try pipePair()
        socket = sockets.0
        output = outputs.0
        crash = crashes.0
        ends = WorkerEnds(socket: sockets.1, output: outputs.1, crash: crashes.1)
    }
}
