// SPDX-License-Identifier: Apache-2.0
// HostMain: composes the host and runs it until it is asked to end. Everything is made here and nowhere else, in the
// order in which it must exist: lock, spawner, sandboxes, lanes, stores, catalogue, control socket.

import CorralBase
import CorralCatalog
import CorralConfig
import CorralControl
import CorralControlServer
import CorralEngine
import CorralHome
import CorralSandbox
import CorralServices
import CorralStore
import CorralSupervision
import Dispatch
import Foundation
import Logging

package struct HostMain: Sendable {
    let home: Home
    let installation: Installation
    /// True: leaves when no client has been connected and no run under way for a while.
    let isEphemeral: Bool
    /// Exactly this isolation, for demonstrations and tests; nil = the best there is.
    let level: IsolationLevel?
    /// Called once the control socket listens.
    let whenReady: @Sendable () -> Void

    package init(
        home: Home, installation: Installation, isEphemeral: Bool, level: IsolationLevel? = nil,
        whenReady: @escaping @Sendable () -> Void
    ) {
        self.home = home
        self.installation = installation
        self.isEphemeral = isEphemeral
        self.level = level
        self.whenReady = whenReady
    }

    /// How long an ephemeral host stays without work, so that a second command finds workers and caches warm.
    private static let idlePatience: Duration = .seconds(10)

    /// Returns when the host has ended in order.
    /// - Throws: what kept it from starting: `home_locked`, `installation_incomplete`, configuration mistakes,
    ///   `isolation_unavailable`, the store's errors.
    package func serve() async throws {
        var log = Logger(label: "corral") { StreamLogHandler.standardError(label: $0) }
        log.logLevel = .info
        raiseDescriptorLimit()
        try home.prepare()
        let lock = try HomeLock.acquire(home)
        try installation.requirePrograms()
        let configuration = try TenantConfigurations(home: home, level: level).load()
        let spawner = Spawner(executable: installation.spawner)
        try spawner.start()
        defer {
            spawner.stop()
            CgroupTree.shared.close()
        }
        let sandboxes = try await Sandboxes(
            spawner: spawner, installation: installation, home: home, configuration: configuration, exactly: level)
        let network = try NetworkComposition(configuration, sandbox: sandboxes.broker, log: log)
        let runtime = try await runtime(configuration, sandboxes, network, log)
        await runtime.start()
        let access = try ControlAccess(configuration)
        try home.open(to: access, log)
        let server = try ControlServer(path: home.controlSocket, handler: runtime, access: access)
        log.info("serving", metadata: ["home": "\(home.path)", "version": "\(corralVersion)"])
        whenReady()
        if !isEphemeral { await runtime.openWaitingTenants() }
        let reason = await untilEnd(runtime, server)
        log.info("ending", metadata: ["reason": "\(reason)"])
        server.stopListening()
        await runtime.shutDown()
        await network.shutDown()
        server.stop()
        withExtendedLifetime(lock) {}
    }

    private func runtime(
        _ configuration: LoadedConfiguration, _ sandboxes: Sandboxes, _ network: NetworkComposition, _ log: Logger
    ) async throws -> HostRuntime {
        let clock = SystemClock()
        let lane = try Lane(name: "host")
        let store = HostRecords(store: try HostStore(home: home.path), executor: lane, clock: clock)
        let prober = WorkerProber(lane: lane, launcher: sandboxes.prober)
        let scanner = CatalogScanner(
            executor: lane, cacheFolder: try sandboxes.prepareCacheFolder(), prober: prober, cache: store,
            hostBuild: try identity(of: installation.worker))
        let catalogue = HostCatalogue(folders: pluginFolders, scanner: scanner, lane: lane, log: log)
        let tenants = TenantConfigurations(home: home, level: level)
        var options = HostOptions(
            home: home.path, isEphemeral: isEphemeral, isolationLevel: sandboxes.level.rawValue,
            isolationFacts: sandboxes.facts, settings: { try tenants.settings(of: $0) },
            launcher: { tenant in
                try await sandboxes.launcher(for: tenant, policy: try tenants.policy(of: tenant), store: store)
            })
        if let folder = configuration.keysFolder { options.keys = KeyFolder(path: folder) }
        options.user = { try await sandboxes.user(of: $0, store) }
        options.change = { try tenants.change($0) }
        options.services = { _, settings in
            let launcher = sandboxes.programs({ try tenants.policy(of: $0) }, store: store)
            return [
                network.http, network.mail, ConnectService(connector: network.broker),
                SecretService(secrets: network.vault),
                ProcessService(programs: settings.programs, launcher: launcher),
            ]
        }
        options.settingsMark = { tenants.mark(of: $0) }
        options.sections = { try tenants.sections(of: $0) }
        options.supervision.grace = configuration.cancelGrace
        options.supervision.backoffFirst = configuration.restartBackoff
        options.supervision.backoffMax = configuration.restartBackoffMax
        options.supervision.quarantineCrashes = configuration.quarantineCrashes
        options.supervision.callsMax = configuration.workerCallsMax
        options.supervision.drain = configuration.drain
        options.supervision.idle = configuration.idle
        return HostRuntime(
            options: options, catalogue: catalogue, store: store, clock: clock, log: log)
    }

    /// Changes with every build of the worker: what a probe said under another is asked again.
    private func identity(of path: String) throws -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { throw CorralError.workerMissing(path) }
        return "\(corralVersion)/\(status.st_ino)/\(status.st_size)/\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    /// The project's plugins, then those that came with the installation.
    private var pluginFolders: [String] {
        home.plugins == installation.plugins ? [home.plugins] : [home.plugins, installation.plugins]
    }

    // MARK: The end

    private func untilEnd(_ runtime: HostRuntime, _ server: ControlServer) async -> String {
        await withTaskGroup(of: String.self) { group in
            group.addTask { await SignalWait.next() }
            group.addTask {
                for await _ in runtime.stopRequests { break }
                return "asked to stop"
            }
            group.addTask {
                await runtime.pruneCopiesRegularly()
                return "cancelled"
            }
            if isEphemeral { group.addTask { await untilIdle(runtime, server) } }
            let reason = await group.next() ?? ""
            group.cancelAll()
            return reason
        }
    }

    private func untilIdle(_ runtime: HostRuntime, _ server: ControlServer) async -> String {
        let clock = ContinuousClock()
        var idleSince = clock.now
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(250))
            let runs = await runtime.activeRuns()
            let isFinishing = await runtime.isFinishingUp()
            if server.clientCount > 0 || runs > 0 || isFinishing { idleSince = clock.now }
            if idleSince.duration(to: clock.now) >= Self.idlePatience { return "idle" }
        }
        return "cancelled"
    }
}

/// SIGINT, SIGTERM and SIGHUP as something to wait for.
private enum SignalWait {
    static func next() async -> String {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        let sources = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")].map { number, name in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(name) }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        for await name in stream { return name }
        return "cancelled"
    }
}
