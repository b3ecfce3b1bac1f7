// SPDX-License-Identifier: Apache-2.0
// HostRuntime: the host as one thing: its tenants, its catalogue, its spawner. The control server hands it every
// request; it finds the tenant and lets it answer.

import CorralBase
import CorralCatalog
import CorralControl
import CorralControlServer
import CorralFlow
import CorralIdentity
import CorralPipeline
import CorralServices
import CorralStore
import CorralSupervision
import CorralWire
import Glibc
import Logging

/// What the composition knows and the host needs.
package struct HostOptions: Sendable {
    /// The home folder, made private by the caller, whose lock the caller holds.
    package var home: String
    package var isEphemeral: Bool
    /// What the configuration says for a tenant, read when the tenant is opened; throws its mistakes.
    package var settings: @Sendable (TenantID) throws -> EngineSettings
    /// Starts the workers of a tenant, asked when the tenant is opened; throws when they may not start as the
    /// configuration demands.
    package var launcher: @Sendable (TenantID) async throws -> any WorkerLauncher
    /// Changes a tenant's own file; throws every mistake and has then changed nothing.
    package var change: @Sendable (TenantChangeRequest) throws -> Void = { _ in }
    /// The user that a tenant's processes run as; nil = the host's own.
    package var user: @Sendable (TenantID) async throws -> UInt32? = { _ in nil }
    /// Changes when the tenant's own file does.
    package var settingsMark: @Sendable (TenantID) -> String = { _ in "" }
    package var supervision = SupervisionSettings()
    /// What a tenant's plugins may ask of the host besides tools.
    package var services: @Sendable (TenantID, EngineSettings) async throws -> [any HostService] = { _, _ in [] }
    /// The sections of the operator's configuration files, or of a tenant's own, each as one text that changes with it.
    package var sections: @Sendable (TenantID?) throws -> [String: String] = { _ in [:] }
    /// Who runs the host, and is its operator with root.
    package var owner = UnixUser(uid: geteuid())
    /// Where the keys of tenants lie: `<home>/keys`, unless the operator keeps them elsewhere.
    package var keys: KeyFolder
    /// The level of isolation workers get, and what else is known of it, for people.
    package var isolationLevel: String
    package var isolationFacts: [String]

    package init(
        home: String, isEphemeral: Bool, isolationLevel: String, isolationFacts: [String],
        settings: @escaping @Sendable (TenantID) throws -> EngineSettings,
        launcher: @escaping @Sendable (TenantID) async throws -> any WorkerLauncher
    ) {
        self.home = home
        keys = KeyFolder(home: home)
        self.isEphemeral = isEphemeral
        self.isolationLevel = isolationLevel
        self.isolationFacts = isolationFacts
        self.settings = settings
        self.launcher = launcher
    }
}

package actor HostRuntime {
    let options: HostOptions
    package let catalogue: HostCatalogue
    let store: HostRecords
    let clock: any HostClock
    let log: Logger
    private let startedAt: Int64
    private let startedMonotonic: UInt64
    /// A tenant that is being opened is a task, so that two requests do not open it twice.
    var tenants: [TenantID: Task<TenantRuntime, any Error>] = [:]
    /// What the tenants' own files looked like when they were read.
    var settingsMarks: [TenantID: String] = [:]
    /// Tenants whose removal is under way in this process.
    var removing: Set<TenantID> = []
    var refusals = RefusalCounts()
    private var published: AsyncStream<(TenantID?, CatalogSnapshot)>.Continuation?
    private var noticing: Task<Void, Never>?
    /// Finishes when a client asks the host to end.
    package nonisolated let stopRequests: AsyncStream<Void>
    private let stopRequested: AsyncStream<Void>.Continuation

    package init(
        options: HostOptions, catalogue: HostCatalogue, store: HostRecords,
        clock: any HostClock = SystemClock(), log: Logger
    ) {
        self.options = options
        self.catalogue = catalogue
        self.store = store
        self.clock = clock
        self.log = log
        startedAt = clock.wallNanoseconds()
        startedMonotonic = clock.monotonicNanoseconds()
        (stopRequests, stopRequested) = AsyncStream.makeStream()
    }

    /// Looks at the plugins, and from then on hears of every change.
    package func start() async {
        await noticeConfiguration()
        let (snapshots, published) = AsyncStream.makeStream(
            of: (TenantID?, CatalogSnapshot).self, bufferingPolicy: .bufferingNewest(Limits.snapshotsUnseenMax))
        self.published = published
        await catalogue.onPublish { published.yield(($0, $1)) }
        // Not structured: it lasts until `shutDown`, which ends the stream and waits for it.
        noticing = Task { for await (tenant, snapshot) in snapshots { await noticePlugins(of: tenant, snapshot) } }
        await catalogue.start()
    }

    /// Runs under way in all tenants. An ephemeral host leaves when there are none and no client.
    package func activeRuns() async -> Int {
        var count = 0
        for tenant in await openTenants() { count += await tenant.activeRuns }
        return count
    }

    /// Ends every tenant: runs stay resumable, workers are gone when this returns.
    package func shutDown() async {
        await withDiscardingTaskGroup { group in
            for tenant in await openTenants() { group.addTask { await tenant.shutDown() } }
        }
        tenants = [:]
        await catalogue.stop()
        published?.finish()
        await noticing?.value
    }

    // MARK: Tenants

    /// The tenant's runtime, opened when it is not.
    /// - Throws: `tenant_reserved`, `tenant_unknown`, the store's errors.
    func tenant(_ id: TenantID) async throws -> TenantRuntime {
        if removing.contains(id) { throw CorralError.tenantBeingRemoved(id) }
        if let known = tenants[id] { return try await known.value }
        // Not structured: it belongs to whoever asks for the tenant next, too.
        let opening = Task { try await open(id) }
        tenants[id] = opening
        do {
            return try await opening.value
        } catch {
            tenants[id] = nil
            throw error
        }
    }

    func openTenants() async -> [TenantRuntime] {
        var open: [TenantRuntime] = []
        for task in tenants.values { if let tenant = try? await task.value { open.append(tenant) } }
        return open
    }

    private func open(_ id: TenantID) async throws -> TenantRuntime {
        try await requireTenant(id)
        let folder = TenantStore.folder(home: options.home, tenant: id)
        try TenantFolder.check(folder)
        settingsMarks[id] = options.settingsMark(id)
        await noticeConfiguration()
        await noticeConfiguration(of: id)
        return try await TenantRuntime.open(
            id, options: options, catalogue: catalogue, clock: clock, log: log)
    }

    // MARK: About the host

    func status() async -> HostStatus {
        let monotonic = clock.monotonicNanoseconds()
        var workers: [WorkerStatus] = []
        var runs = 0
        var degraded: [String] = []
        var counters: [String: Int64] = [:]
        for tenant in await openTenants() {
            runs += await tenant.activeRuns
            if let problem = await tenant.scanner.problem { degraded.append("tenant \(tenant.tenant): \(problem)") }
            counters.merge(await tenant.exporter.counters, uniquingKeysWith: +)
            counters.merge(await tenant.judges.counts.counters, uniquingKeysWith: +)
            workers += await self.workers(of: tenant.tenant)
        }
        let snapshot = catalogue.snapshot()
        return HostStatus(
            version: corralVersion, pid: getpid(), startedAt: startedAt,
            uptimeNanoseconds: Int64(clamping: monotonic &- startedMonotonic), home: options.home,
            isEphemeral: options.isEphemeral, isolationLevel: options.isolationLevel,
            isolationFacts: options.isolationFacts, workers: workers, plugins: snapshot.entries.count,
            pluginErrors: snapshot.problems.count, runsActive: runs, degraded: degraded, counters: counters)
    }

    /// The tenant's live workers, oldest first; none when it is not open.
    func workers(of tenant: TenantID) async -> [WorkerStatus] {
        guard let runtime = try? await tenants[tenant]?.value else { return [] }
        let now = clock.wallNanoseconds()
        let monotonic = clock.monotonicNanoseconds()
        return await runtime.pool.listing().filter { $0.state != .gone }.map { worker in
            WorkerStatus(
                key: worker.key.description, pid: worker.pid, state: worker.state.rawValue,
                plugins: worker.plugins.map(\.text), callsRunning: worker.callsRunning,
                startedAt: now - Int64(clamping: monotonic &- worker.startedAt), isolationLevel: worker.level)
        }
    }

    func requestStop() {
        stopRequested.yield()
        stopRequested.finish()
    }
}
