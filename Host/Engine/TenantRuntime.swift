// SPDX-License-Identifier: Apache-2.0
// TenantRuntime: everything of one tenant, on the tenant's lane: its runs, its journal, its workers. This file holds who
// may ask what of it; TenantRuntime+Effects carries out what the pure flow machine wants, +Starting and +Resuming begin.

import CorralBase
import CorralCatalog
import CorralControl
import CorralFlow
import CorralPipeline
import CorralServices
import CorralStore
import CorralSupervision
import CorralWire
import Logging

package actor TenantRuntime {
    package nonisolated let tenant: TenantID
    nonisolated let lane: Lane
    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    let journal: JournalWriter
    let tracer: Tracer
    let pool: WorkerPool
    let services: Services
    let pipeline: Pipeline
    /// How the host itself calls plugins of its own kinds.
    let infrastructure: InfrastructureCalls
    let memory: TenantMemory
    let exporter: SpanExporter
    /// Brings news to channels.
    let courier: Courier
    /// Judges what steps gave, after the fact.
    let judges: JudgePanel
    nonisolated let catalogue: GrantedCatalogue
    let prompts: TenantPrompts
    let artifacts: ArtifactFolder
    let scanner: TextScanner
    /// What every copy of a text goes through.
    nonisolated var redactor: Redactor { Redactor(scanner: scanner) }
    /// What workers print.
    private let lines: RedactedLog
    /// As the configuration has it now; `apply` changes it.
    private(set) var settings: EngineSettings
    /// The level of isolation workers get, for the record of each run.
    let isolationLevel: String
    let clock: any HostClock
    /// The tenant's folder.
    let folder: String
    let gate: TenantGate
    let loops: LoopDetector
    let log: Logger
    var counts = TenantCounts()
    var runs: [RunID: ActiveRun] = [:]
    /// Ended runs whose events a late follower may still ask for, oldest first.
    private var ended: [RunID] = []
    private var isStopping = false

    init(
        tenant: TenantID, lane: Lane, journal: JournalWriter, tracer: Tracer, pool: WorkerPool, services: Services,
        pipeline: Pipeline, infrastructure: InfrastructureCalls, memory: TenantMemory, exporter: SpanExporter,
        courier: Courier, judges: JudgePanel, catalogue: GrantedCatalogue, prompts: TenantPrompts,
        artifacts: ArtifactFolder, scanner: TextScanner, lines: RedactedLog,
        settings: EngineSettings, isolationLevel: String, clock: any HostClock, folder: String, gate: TenantGate,
        loops: LoopDetector, log: Logger
    ) {
        self.tenant = tenant
        self.lane = lane
        self.journal = journal
        self.tracer = tracer
        self.pool = pool
        self.services = services
        self.pipeline = pipeline
        self.infrastructure = infrastructure
        self.memory = memory
        self.exporter = exporter
        self.courier = courier
        self.judges = judges
        self.catalogue = catalogue
        self.prompts = prompts
        self.artifacts = artifacts
        self.scanner = scanner
        self.lines = lines
        self.settings = settings
        self.isolationLevel = isolationLevel
        self.clock = clock
        self.folder = folder
        self.gate = gate
        self.loops = loops
        self.log = log
    }

    package var activeRuns: Int { runs.values.count { $0.end == nil } }

    /// Whether a run is under way in this process. A run the journal calls running and this does not is interrupted.
    func isActive(_ run: RunID) -> Bool { runs[run].map { $0.end == nil } ?? false }

    /// Sends a run's events, from its start if it is under way here, and returns when it has ended.
    /// - Throws: `run_unknown`; `run_interrupted` for one that nobody carries on.
    package func follow(_ run: RunID, _ follower: @escaping RunFollower) async throws -> RunEnd {
        guard let active = runs[run] else {
            let end = try await recordedEnd(of: run)
            follower(RunEvent(at: end.finishedAt, .runFinished(end)))
            return end
        }
        let number = active.feed.add(follower)
        defer { active.feed.remove(number) }
        return await withCheckedContinuation { active.addWaiter($0) }
    }

    /// Asks a run to stop. It ends as cancelled when its calls have ended.
    /// - Throws: `run_unknown`, `run_over`.
    package func cancel(_ run: RunID, reason: String) async throws {
        guard let active = runs[run], active.end == nil else { return try await cancelIdle(run, reason: reason) }
        let now = clock.wallNanoseconds()
        await journal.post(
            [JournalRecord(run: run, at: now, event: .cancelRequested(reason: reason))], active.durability)
        apply(active.machine.handle(.cancelRequested(reason: reason, now: now)), to: active)
    }

    /// A run that the end of a host interrupted has no calls to wait for.
    private func cancelIdle(_ run: RunID, reason: String) async throws {
        let record = try await record(of: run)
        guard record.state == .running else { throw CorralError.runOver(run, state: record.state.rawValue) }
        let ending = JournalRecord(
            run: run, at: clock.wallNanoseconds(), event: .runFinished(.cancelled(reason: reason)))
        try await journal.finish([ending], of: run, .sync)
    }

    /// Gives up every run for now, keeping it resumable, and ends the workers. The runtime cannot be used afterwards.
    package func shutDown() async {
        isStopping = true
        for run in runs.values where run.end == nil { interrupt(run, .hostStopping()) }
        await judges.stop()
        await courier.stop()
        await keepUsage()
        // As long as there is a scanner that can look at what was said.
        await lines.settle()
        await exporter.finish()
        await pool.shutdown()
        await lines.settle()
        await tracer.flush()
    }

    /// Takes over what the configuration says now, for everything that begins from now on.
    /// - Parameter launcher: starts the workers of new calls; those there are finish what they have.
    func apply(_ settings: EngineSettings, _ launcher: any WorkerLauncher) async {
        self.settings = settings
        memory.settings.set(settings.memory)
        await exporter.choose(isOn: settings.exportsSpans, tracers: settings.tracers)
        await gate.setLimits(settings.limits)
        await loops.setLimit(settings.equalCallsMax)
        await pool.setLimits(settings.limits)
        await pool.setLauncher(launcher)
        await scanner.setPolicy(settings.scanning)
        catalogue.setPolicy(settings.grants)
        await judges.apply(settings.evaluation)
        await courier.apply(settings.notifications)
        prompts.label = settings.promptLabel
        await pool.catalogueChanged()
    }

    /// Ends the tenant for good: its runs are cancelled, its workers gone, its stores let go.
    /// - Returns: how many runs were cancelled.
    /// - Throws: `tenant_busy` when runs are under way and nobody insists.
    func close(isForced: Bool) async throws -> Int {
        let active = runs.values.filter { $0.end == nil }
        guard active.isEmpty || isForced else { throw CorralError.tenantBusy(tenant, runs: active.count) }
        isStopping = true
        for run in active { try await cancel(run.id, reason: "the tenant is being removed") }
        for run in active { _ = await withCheckedContinuation { run.addWaiter($0) } }
        await shutDown()
        // What calls the pipeline holds the services, and the other way round: cut, or the stores would stay open.
        await services.disconnect()
        await infrastructure.disconnect()
        await tracer.setSink(nil)
        await pool.setServices(nil)
        return active.count
    }

    /// Nothing of the tenant's runs after this: whoever needs the lane holds the runtime.
    deinit { lane.stop() }

    /// - Throws: `run_unknown`.
    func record(of run: RunID) async throws -> StoredRun {
        let stored = try await journal.withStore { store in
            // `resolve` throws the error that names the nearest run.
            try store.run(store.resolve(run.text))
        }
        guard let stored else { throw CorralError.internalFault("run \(run) vanished while it was read") }
        return stored
    }

    /// A start or resume in a runtime that shuts down would be lost.
    func requireRunning() throws { if isStopping { throw CorralError.hostStopping() } }

    func add(_ run: ActiveRun) { runs[run.id] = run }

    /// Keeps the events of the latest runs for followers that come late; the journal has the rest.
    func retire(_ run: ActiveRun) {
        ended.append(run.id)
        while ended.count > settings.endedRunsKept { runs[ended.removeFirst()] = nil }
    }
}

/// Where the runtime finds plugins. The host scans; tests hand one in.
package protocol CatalogueSource: Sendable {
    func snapshot() -> CatalogSnapshot
}

/// What the configuration says and the engine honours.
package struct EngineSettings: Sendable {
    /// The deadline of a step whose flow names none.
    package var stepTimeout: Duration = .seconds(300)
    /// The mode of a run whose flow and client name none.
    package var durability = Durability.sync
    package var endedRunsKept = 64
    /// What the tenant may use.
    package var limits = TenantLimits()
    /// The least isolation its workers may have; nil when any will do.
    package var isolationMinimum: IsolationLevel?
    /// Whether plugins of its own count.
    package var allowsCustomAgents = false
    /// What its own file sets.
    package var own: [OwnSetting] = []
    /// What plugins may reach beyond the tenant.
    package var grants = GrantPolicy()
    /// What agents may remember, and who sees it.
    package var memory = MemorySettings()
    /// Whether finished spans go to tracers, and to which; nil = all that are installed.
    package var exportsSpans = true
    package var tracers: [String]?
    /// What the grant `process` may name.
    package var programs: [String: Program] = [:]
    package var evaluation = EvaluationSettings()
    package var notifications = NotificationSettings()
    /// What happens with sensitive values.
    package var scanning = ScanPolicy()
    /// How often an attempt may make the same call of a tool; nil = as often as it likes.
    package var equalCallsMax: Int?
    /// Which versions of prompts count in the tenant, where a prompt has one with the label.
    package var promptLabel = "production"
    /// Whether what feedback says of a prompt counts without a person's approval: both settings must allow it.
    package var promptsLearn = false

    package init() {}
}

/// A setting of a tenant's own file, for people.
package struct OwnSetting: Sendable, Hashable {
    package var path: String
    package var value: String

    package init(path: String, value: String) {
        self.path = path
        self.value = value
    }
}
