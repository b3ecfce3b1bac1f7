// SPDX-License-Identifier: Apache-2.0
// WorkerGenerations: how a compartment gets from one generation to the next. The successor loads what its predecessor
// has, in its newest content, and is checked; then it takes the calls, and the predecessor finishes what it began. What
// fails the checks leaves the predecessor serving.

import CorralBase
import CorralCatalog
import CorralWire
import Glibc

extension WorkerPool {
    // MARK: Versions

    /// The catalogue has changed: generations that hold content it replaced get successors.
    package func catalogueChanged() {
        guard !isStopping else { return }
        versions.keepRejections(in: plugins())
        for compartment in generationChange.keys {
            generationChange[compartment]?.failures = 0
            generationChange[compartment]?.blockedBy = nil
        }
        let affected = Set(current.keys).union(next.keys).union(generationChange.keys).union(homes())
        for compartment in affected { changeGeneration(compartment) }
    }

    /// The version of a plugin that a call made now gets: the newest, once it is checked; till then the one that serves.
    func version(of asked: CatalogEntry, isNested: Bool) -> CatalogEntry {
        // The caller may have looked a moment ago; a plugin that was removed since is run as it was.
        guard let newest = plugins().entries[asked.id] else { return asked }
        guard let serving = versions.serving[asked.id], !serving.isSame(as: newest) else { return newest }
        if versions.isRejected(newest) { return serving }
        return isLive(serving, isNested: isNested) ? serving : newest
    }

    func isLive(_ entry: CatalogEntry, isNested: Bool) -> Bool {
        guard let number = current[compartments.compartment(of: entry)], let worker = workers[number],
            worker.state == .serving, !worker.isClosing || isNested, case .loaded = worker.loads[entry.digest]
        else { return false }
        return worker.has(entry)
    }

    /// Where plugins that serve somewhere else belong now.
    private func homes() -> Set<CompartmentID> {
        let entries = plugins().entries
        return Set(versions.serving.keys.compactMap { entries[$0].map { compartments.compartment(of: $0) } })
    }

    func blockedReload(of id: PluginID) -> CorralError? {
        guard let serving = versions.serving[id] else { return nil }
        return generationChange[compartments.compartment(of: serving)]?.blockedBy
    }

    /// What a worker of the compartment may have to load: its plugins in the catalogue, what it is started for, what
    /// calls wait for, and what served before. A library that is dropped in later needs the next generation to be seen.
    func visibleFolders(_ compartment: CompartmentID, _ preload: [CatalogEntry]) -> Set<String> {
        Set(plugins(of: compartment, preload).compactMap(\.folder))
    }

    /// The folder of its own that the compartment's one plugin was granted.
    func storageFolder(_ compartment: CompartmentID, _ preload: [CatalogEntry]) -> StorageFolder? {
        guard compartment.isAlone, let storageRoot else { return nil }
        return plugins(of: compartment, preload).first { $0.granted.storage }
            .map { StorageFolder(root: storageRoot, plugin: $0.id) }
    }

    private func plugins(of compartment: CompartmentID, _ preload: [CatalogEntry]) -> [CatalogEntry] {
        let waiting = (queues[compartment]?.plugins ?? []).compactMap { entry(waiting: $0, in: compartment) }
        let known = Array(plugins().entries.values) + Array(versions.serving.values)
        return known.filter { compartments.compartment(of: $0) == compartment } + preload + waiting
    }

    /// Digests of what workers have loaded or may fall back to.
    package func heldPlugins() -> [String] {
        let held = workers.values.flatMap(\.plugins) + Array(versions.serving.values)
        return held.flatMap(\.copyNames)
    }

    // MARK: The change

    /// Starts the compartment's next generation when it needs one, and drops one that is not wanted any more.
    func changeGeneration(_ compartment: CompartmentID) {
        guard !isStopping else { return }
        let worker = current[compartment].flatMap { workers[$0] }
        let wanted = wantedPlugins(compartment, worker)
        guard wanted.isChange, !wanted.plugins.isEmpty else {
            generationChange[compartment] = nil
            if let candidate = next[compartment].flatMap({ workers[$0] }) { condemn(candidate, .stopping) }
            return tellSettled()
        }
        if let candidate = next[compartment].flatMap({ workers[$0] }) {
            if isAlike(candidate.preload, wanted.plugins) { return }
            condemn(candidate, .stopping)
        }
        generationChange[compartment, default: GenerationChange()].inherited = wanted.plugins
        if generationChange[compartment]?.blockedBy != nil { return failUnservable(compartment) }
        if let worker, worker.hasSingleton || wanted.plugins.contains(where: \.isSingleton) {
            return closeForSuccessor(worker)
        }
        if mayStart(compartment) { start(compartment, preload: wanted.plugins) }
    }

    private func isAlike(_ some: [CatalogEntry], _ others: [CatalogEntry]) -> Bool {
        some.count == others.count && some.allSatisfy { entry in others.contains { $0.isSame(as: entry) } }
    }

    /// What the next generation must have, and whether that is anything the current one has not.
    private func wantedPlugins(
        _ compartment: CompartmentID, _ worker: Worker?
    ) -> (plugins: [CatalogEntry], isChange: Bool) {
        let newest = plugins().entries
        var wanted: [CatalogEntry] = []
        var isChange = worker == nil && generationChange[compartment] != nil
        func want(_ entry: CatalogEntry) {
            wanted.removeAll { $0.id == entry.id }
            wanted.append(entry)
        }
        for entry in worker.map({ held($0) }) ?? generationChange[compartment]?.inherited ?? [] {
            var version = newest[entry.id] ?? entry
            if versions.isRejected(version) { version = versions.serving[entry.id] ?? entry }
            // A removed plugin is not loaded again, and one that moved is loaded where it belongs.
            guard newest[entry.id] != nil || plugins().removed[entry.id] == nil,
                compartments.compartment(of: version) == compartment
            else { continue }
            if let worker, !worker.has(version) { isChange = true }
            want(version)
        }
        for (id, serving) in versions.serving {
            guard let version = newest[id], !version.isSame(as: serving), !versions.isRejected(version),
                compartments.compartment(of: version) == compartment,
                compartments.compartment(of: serving) != compartment, isLive(serving, isNested: false)
            else { continue }
            isChange = isChange || worker?.has(version) != true
            want(version)
        }
        for digest in queues[compartment]?.plugins ?? [] {
            guard let entry = entry(waiting: digest, in: compartment), worker?.loads[digest] == nil,
                worker?.canTake(entry) != true
            else { continue }
            // With nobody serving, the worker that is started for a call loads what it asks for.
            guard worker != nil || isChange else { continue }
            isChange = true
            want(entry)
        }
        return (wanted.count > Limits.pluginsPerWorkerMax ? wanted.suffix(1) : wanted, isChange)
    }

    private func held(_ worker: Worker) -> [CatalogEntry] {
        worker.plugins.filter { if case .failed = worker.loads[$0.digest] { false } else { true } }
    }

    /// Stops a generation before its successor starts: a plugin in it must not be loaded twice.
    private func closeForSuccessor(_ worker: Worker) {
        guard !worker.isClosing else { return }
        if worker.state == .starting { return condemn(worker, .stopping) }
        worker.isClosing = true
        note(worker.key, .info, "stops before its successor starts: it holds a singleton")
        setDrainTimer(worker)
        closeIfDone(worker)
    }

    func closeIfDone(_ worker: Worker) {
        if worker.isClosing, worker.state == .serving, worker.running.isEmpty { retire(worker) }
    }

    /// The oldest of three generations gives way to a fourth.
    func makePlace(_ alive: [Worker]) {
        guard !alive.contains(where: { $0.condemnation != nil || $0.state == .stopping }) else { return }
        let oldest = alive.filter { $0.state == .draining }.min { $0.number < $1.number }
        if let oldest { condemn(oldest, .retired(after: nil)) }
    }

    /// A place or a wait is over: whoever waited for it goes on.
    func resume(_ compartment: CompartmentID) {
        if generationChange[compartment] != nil { changeGeneration(compartment) }
        pump(compartment)
    }

    // MARK: The checks

    /// One after the other, so that it is clear whose load fails or kills the process.
    func loadNext(_ worker: Worker) {
        guard worker.isCandidate, worker.state == .checking else { return }
        guard worker.loading.isEmpty else { return }
        if let entry = worker.preload.first(where: { worker.loads[$0.digest] == nil }) {
            return load(entry, in: worker)
        }
        promote(worker)
    }

    private func promote(_ worker: Worker) {
        let compartment = worker.key.compartment
        let predecessor = current[compartment].flatMap { workers[$0] }
        next[compartment] = nil
        generationChange[compartment] = nil
        current[compartment] = worker.number
        worker.isCandidate = false
        worker.state = .serving
        failedStarts[compartment] = nil
        for entry in worker.plugins {
            versions.serves(entry)
            adopt(entry, in: compartment)
        }
        let names = worker.plugins.map { "\($0.id) \($0.digest.short)" }.joined(separator: ", ")
        note(worker.key, .info, "takes over with \(names)")
        if let predecessor { retire(predecessor) }
        tellSettled()
        pump(compartment)
    }

    /// Calls that wait for another version of the plugin get this one: what counts is what is current when they are sent.
    private func adopt(_ entry: CatalogEntry, in compartment: CompartmentID) {
        guard plugins().entries[entry.id] != nil else { return }
        for (other, queue) in queues {
            for digest in queue.plugins {
                guard let waiting = self.entry(waiting: digest, in: other), waiting.id == entry.id,
                    other != compartment || !waiting.isSame(as: entry)
                else { continue }
                requeue(digest, from: other, as: entry)
            }
        }
    }

    /// Moves waiting calls to where a version of their plugin is run.
    private func requeue(_ digest: ContentDigest, from old: CompartmentID, as entry: CatalogEntry) {
        let new = compartments.compartment(of: entry)
        for id in queues[old]?.takeAll(of: digest) ?? [] {
            guard let record = calls[id] else { continue }
            record.take(version: entry)
            record.place = .queued(new)
            queues[new, default: CallQueue()].append(id, to: record.line)
        }
    }

    // MARK: When they fail

    /// The plugin said no. The generation before goes on, with the others' newest content in a further try.
    func candidateFailed(_ worker: Worker, _ entry: CatalogEntry, _ error: CorralError) {
        reject(entry, error, worker.key.compartment)
        condemn(worker, .stopping)
    }

    private func reject(_ entry: CatalogEntry, _ error: CorralError, _ compartment: CompartmentID) {
        defer { tellSettled() }
        let text = error.message + (error.cause.map { ": \($0)" } ?? "")
        let key = WorkerKey(tenant: tenant, compartment: compartment, generation: generations[compartment] ?? 0)
        if let serving = versions.serving[entry.id], !serving.isSame(as: entry) {
            note(key, .error, "plugin \"\(entry.id)\": \(serving.digest.short) goes on serving; \(text)")
            versions.reject(entry, error)
            requeue(entry.digest, from: compartment, as: serving)
            return
        }
        note(key, .error, "plugin \"\(entry.id)\" cannot be loaded: \(text)")
        let worker = current[compartment].flatMap { workers[$0] }
        if let worker, case .loaded = worker.loads[entry.digest] {
            // It works where it is and not beside itself: the generation stays as it is until something changes.
            generationChange[compartment]?.blockedBy = error
            return
        }
        worker?.loads[entry.digest] = .failed(error)
        failWaiting(entry.digest, compartment, error)
        generationChange[compartment]?.inherited.removeAll { $0.isSame(as: entry) }
    }

    /// A worker that loads what calls ask for met new content it cannot load, and nothing serves: the content that last
    /// did is tried in its place.
    func fallBack(from entry: CatalogEntry, _ error: CorralError, _ compartment: CompartmentID) {
        guard let serving = versions.serving[entry.id], !serving.isSame(as: entry) else { return }
        versions.reject(entry, error)
        requeue(entry.digest, from: compartment, as: serving)
        let new = compartments.compartment(of: serving)
        if new != compartment { pump(new) }
    }

    func settleCandidate(_ worker: Worker, _ exit: WorkerExit) {
        let record = CrashRecord(worker.crashBytes)
        let compartment = worker.key.compartment
        switch worker.condemnation {
        case .stopping, .retired, .hang: break
        case .loadHung(let digest):
            guard let entry = worker.plugins.first(where: { $0.digest == digest }) else { return }
            let problem = LoadProblem(.hung, detail: "no answer within \(settings.load)")
            reject(entry, problem.error(source: entry.source), compartment)
        case .violation(let error) where !worker.loading.isEmpty:
            for entry in worker.loading {
                reject(entry, .brokeProtocol(entry.id.text, error.message, doing: "being loaded"), compartment)
            }
        case .overuse(let error) where !worker.loading.isEmpty:
            for entry in worker.loading { reject(entry, error, compartment) }
        case .overuse(let error): candidateLost(worker.key, error)
        case nil where !worker.loading.isEmpty && (record != nil || exit.status != .signaled(SIGKILL)):
            let how = description(of: record, exit.status)
            for entry in worker.loading {
                reject(entry, .pluginCrashed(entry.id.text, how, doing: "being loaded"), compartment)
            }
        case .noGreeting, .doesNotRead, .closedItsSocket, .violation, nil:
            let error = CorralError.workerStartFailed(
                worker.key, "it ended before it was ready: \(text(of: exit.status))")
            candidateLost(worker.key, error)
        }
    }

    /// It did not come up, and no plugin is known to be at fault: somebody killed it, or the machine is short of
    /// something. Tried again a few times; then, the current generation goes on until the next change.
    func candidateLost(_ key: WorkerKey, _ error: CorralError) {
        let compartment = key.compartment
        var change = generationChange[compartment] ?? GenerationChange()
        change.failures += 1
        backoffs[compartment, default: Backoff()].crashed(
            at: monotonicNanoseconds(), lived: 0, settings: settings, random: &random)
        let cause = error.message + (error.cause.map { ": \($0)" } ?? "")
        note(key, .error, "the next generation did not come up: \(cause)")
        if change.failures >= settings.generationTries {
            change.blockedBy = .reloadBlocked(key, tries: change.failures, cause)
        }
        generationChange[compartment] = change
        tellSettled()
    }

    /// Calls that only the next generation could run, when there will be none for now.
    private func failUnservable(_ compartment: CompartmentID) {
        guard let error = generationChange[compartment]?.blockedBy else { return }
        let worker = current[compartment].flatMap { workers[$0] }
        if worker == nil { generationChange[compartment] = nil }
        for digest in queues[compartment]?.plugins ?? [] {
            guard let entry = entry(waiting: digest, in: compartment), worker?.loads[digest] == nil,
                worker?.canTake(entry) != true
            else { continue }
            failWaiting(digest, compartment, error)
        }
    }
}
