// SPDX-License-Identifier: Apache-2.0
// TenantRuntime+Opening: composes a tenant: its lane, its stores, its workers, and the pipeline that joins them.

import CorralBase
import CorralCatalog
import CorralControl
import CorralPipeline
import CorralServices
import CorralSocket
import CorralStore
import CorralSupervision
import CorralWire
import Glibc
import Logging

extension TenantRuntime {
    /// Opens a tenant's stores and starts its lane. No worker starts before the first call.
    /// - Throws: the store's errors; `lane_failed`.
    static func open(
        _ tenant: TenantID, options: HostOptions, catalogue: HostCatalogue,
        clock: any HostClock, log: Logger
    ) async throws -> TenantRuntime {
        let settings = try options.settings(tenant)
        let launcher = try await options.launcher(tenant)
        let folder = TenantStore.folder(home: options.home, tenant: tenant)
        let store = try TenantStore(
            folder: folder, tenant: tenant, keys: options.keys, now: clock.wallNanoseconds())
        collectGarbage(store, clock, log)
        let artifacts = store.artifacts
        let spans = try SpanStore(folder: folder)
        if let problem = spans.problem { log.warning("\(problem.message)", metadata: ["tenant": "\(tenant)"]) }
        let lane = try Lane(name: "tenant \(tenant)")
        let journal = JournalWriter(store: store, executor: lane) { lane.atEndOfTurn($0) }
        let tracer = Tracer(store: spans, executor: lane)
        let view = await catalogue.open(
            tenant, folder: folder + "/plugins.d", isAllowed: settings.allowsCustomAgents)
        let plugins = GrantedCatalogue(view, policy: settings.grants)
        let numbers = CallNumbers()
        let infrastructure = InfrastructureCalls(tenant: tenant, clock: clock, executor: lane) { numbers.next() }
        let scanner = TextScanner(
            backend: ScanCalls(infrastructure: infrastructure, catalogue: plugins), policy: settings.scanning,
            executor: lane)
        let redactor = Redactor(scanner: scanner)
        await tracer.connect(redactor)
        let lines = RedactedLog(log, redactor: redactor) { id in
            plugins.snapshot().providers(of: .scanner).contains { $0.id == id }
        }
        let pool = WorkerPool(
            tenant: tenant, lane: lane, launcher: launcher, settings: options.supervision, storageRoot: folder,
            plugins: { plugins.snapshot() }
        ) { lines.write($0) }
        numbers.connect { pool.assumeIsolated { $0.makeCallID().number } }
        // Not structured: nobody waits for the pool to have heard of it.
        view.onChange { [weak pool] in Task { await pool?.catalogueChanged() } }
        let memory = TenantMemory(infrastructure, plugins, settings.memory, clock) { await redactor.redact($0) }
        let prompts = TenantPrompts(journal: journal, label: settings.promptLabel)
        let offered = try await options.services(tenant, settings)
        let services = Services(
            executor: lane, services: offered + [MemoryService(memory.access), PromptService(source: prompts)]
        ) {
            pool.assumeIsolated { $0.makeCallID().number }
        }
        let dispatcher = WorkerDispatcher(
            pool: pool, services: services, artifacts: artifacts, catalogue: plugins, clock: clock)
        let gate = TenantGate(limits: settings.limits, clock: clock, executor: lane)
        let loops = LoopDetector(limit: settings.equalCallsMax, executor: lane)
        let pipeline = Pipeline.standard(
            tracer: tracer, journal: journal, dispatcher: dispatcher, keeper: artifacts, scanner: scanner, gate: gate,
            loops: loops,
            clock: clock
        ) { plugins.snapshot().entries[$0]?.manifest.isSerial ?? false }
        let exporter = SpanExporter(tenant: tenant, lane, infrastructure, plugins)
        await exporter.choose(isOn: settings.exportsSpans, tracers: settings.tracers)
        await tracer.setSink { span in exporter.assumeIsolated { $0.offer(span) } }
        let (courier, judges) = desks(
            tenant, lane, folder, settings, journal, tracer, plugins, infrastructure, clock, log
        ) { await redactor.redact($0) }
        await services.connect(pipeline)
        await infrastructure.connect(pipeline)
        await pool.setLimits(settings.limits)
        await pool.setServices(ServiceGate(services: services))
        let runtime = TenantRuntime(
            tenant: tenant, lane: lane, journal: journal, tracer: tracer, pool: pool, services: services,
            pipeline: pipeline, infrastructure: infrastructure, memory: memory, exporter: exporter, courier: courier,
            judges: judges, catalogue: plugins, prompts: prompts, artifacts: artifacts, scanner: scanner, lines: lines,
            settings: settings,
            isolationLevel: options.isolationLevel, clock: clock, folder: folder, gate: gate, loops: loops, log: log)
        await runtime.sweepMemory(after: Limits.memoryFirstSweepNanoseconds)
        await pool.setQuarantineObserver { [weak runtime] plugin, error in
            Task { await runtime?.tellQuarantine(plugin, error) }
        }
        await courier.start()
        return runtime
    }

    /// Who tells people of news, and who has judged what steps gave.
    private static func desks(
        _ tenant: TenantID, _ lane: Lane, _ folder: String, _ settings: EngineSettings, _ journal: JournalWriter,
        _ tracer: Tracer, _ plugins: GrantedCatalogue, _ calls: InfrastructureCalls, _ clock: any HostClock,
        _ log: Logger, redact: @escaping @Sendable ([String]) async -> [String]
    ) -> (Courier, JudgePanel) {
        let courier = Courier(
            tenant: tenant, lane: lane, journal: journal, clock: clock, log: log, folder: folder,
            settings: settings.notifications,
            notify: { plugin, body async throws(CorralPipeline.CallFailure) in
                try await calls.call(
                    .notifier, plugin: plugin, method: "notify", body: body, timeout: Courier.timeout)
            }, redact: redact)
        let keeper = ScoreKeeper(
            tenant: tenant, journal: journal, tracer: tracer, courier: courier, redact: redact, clock: clock, log: log)
        let judges = JudgePanel(
            tenant: tenant, lane: lane, clock: clock, log: log, settings: settings.evaluation,
            judges: { plugins.snapshot().providers(of: .judge).map(\.id) },
            judge: { plugin, body, step, timeout async throws(CorralPipeline.CallFailure) in
                let subject = InfrastructureCalls.Subject(
                    origin: CallOrigin(run: step.place.run, attempt: step.attempt), context: step.context,
                    span: step.span)
                return try await calls.call(
                    .judge, plugin: plugin, method: "judge", body: body, about: subject, timeout: timeout)
            }, keeper: keeper)
        return (courier, judges)
    }

    /// Now, when no run is under way: a run in mode `exit` refers to its files only at its end.
    private static func collectGarbage(_ store: TenantStore, _ clock: any HostClock, _ log: Logger) {
        do {
            _ = try store.collectGarbage(now: clock.wallNanoseconds())
        } catch {
            log.warning("cannot collect garbage: \(error)", metadata: ["tenant": "\(store.tenant)"])
        }
    }

    /// A redacted copy of a stored file, as a descriptor that the caller closes. On a thread of its own: opening the seals
    /// of a large file must not hold up the lane.
    /// - Throws: `artifact_missing`, `artifact_corrupt`.
    func openArtifact(_ sha256: String) async throws -> (ArtifactDescription, Int32) {
        let folder = artifacts
        let descriptor = try await copy(of: try await onThread { try folder.open(sha256) })
        var status = stat()
        fstat(descriptor, &status)
        let description = ArtifactDescription(
            sha256: sha256, name: sha256, mediaType: "application/octet-stream", bytes: Int64(status.st_size))
        return (description, descriptor)
    }

    /// A file as people get it: what is text in it is redacted. Takes the descriptor over.
    private func copy(of descriptor: Int32) async throws -> Int32 {
        guard await scanner.isUseful else { return descriptor }
        do {
            guard let text = try TextFile.read(descriptor) else { return descriptor }
            let copy = await redactor.redact(TextFile.pieces(of: text)).joined()
            guard copy != text else { return descriptor }
            var bytes = Array(copy.utf8)
            let made = corral_sealed_memfd("artifact", &bytes, bytes.count)
            guard made >= 0 else { throw CorralError.socketFailed("make a copy of a file", errorText(errno)) }
            Glibc.close(descriptor)
            return made
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// What `corral plugin show` says.
    /// - Throws: `plugin_unknown`, or why the plugin cannot be used.
    func describe(_ id: String) async throws -> PluginDetail {
        let snapshot = catalogue.snapshot()
        let entry = try snapshot.plugin(id)
        let mates = await pool.mates(of: entry, among: snapshot)
        let grants = GrantViews(entry: entry, policy: settings.grants, usage: try await tracer.usage(by: entry.id))
        var detail = PluginDetail(
            entry, compartment: await pool.compartment(of: entry).text, mates: mates.map(\.text), grants: grants)
        detail.plugin.held = await held(entry.id, snapshot)
        detail.isQuarantined = await pool.isQuarantined(entry)
        return detail
    }

    /// What `corral plugin list` says: usable plugins by id, then what cannot be used.
    func pluginSummaries() async -> [PluginSummary] {
        let snapshot = catalogue.snapshot()
        var summaries = snapshot.summaries
        for index in summaries.indices where summaries[index].error == nil {
            guard let id = summaries[index].id.flatMap({ try? PluginID($0) }) else { continue }
            summaries[index].held = await pool.rejection(of: id)
        }
        return summaries
    }

    /// Why the newest content of a plugin's file does not serve.
    private func held(_ id: PluginID, _ snapshot: CatalogSnapshot) async -> CorralError? {
        if let problem = snapshot.problem(of: id) { return problem.error }
        return await pool.rejection(of: id)
    }

    /// Takes a plugin out of quarantine.
    /// - Throws: `plugin_unknown`.
    /// - Returns: what was done, for people.
    func release(_ id: String) async throws -> String {
        let entry = try catalogue.snapshot().plugin(id)
        let wasHeld = await pool.release(entry)
        return wasHeld
            ? "released \(id): its next call starts as if it had never failed"
            : "\(id) is neither in quarantine nor suspected in tenant \(tenant)"
    }
}

extension Logger.Level {
    init(_ level: LogLevel) {
        switch level {
        case .debug: self = .debug
        case .info: self = .info
        case .warning: self = .warning
        case .error: self = .error
        }
    }
}
