// SPDX-License-Identifier: Apache-2.0
// HostRig: a whole host in this process, composed as `corral serve` does it, without the control socket.

import CorralBase
import CorralCatalog
import CorralControl
import CorralControlServer
import CorralEngine
import CorralSandbox
import CorralStore
import CorralSupervision
import Foundation
import Logging

struct HostRig {
    let home: String
    private let runtime: HostRuntime

    /// With the plugins `names` of Plugins/.
    init(_ rig: Rig, home name: String, plugins names: [String]) async throws {
        home = try rig.folder(name)
        let plugins = try rig.folder(name + "-plugins")
        for plugin in names { try rig.compile(plugin, into: plugins) }
        let clock = SystemClock()
        let lane = try Lane(name: "host")
        let records = HostRecords(store: try HostStore(home: home), executor: lane, clock: clock)
        let scanner = CatalogScanner(
            executor: lane, cacheFolder: home + "/cache/plugins",
            prober: WorkerProber(lane: lane, launcher: rig.launcher), cache: records, hostBuild: "bench")
        runtime = HostRuntime(
            options: HostOptions(
                home: home, isEphemeral: false, isolationLevel: "process", isolationFacts: [],
                settings: { _ in EngineSettings() }, launcher: { [launcher = rig.launcher] _ in launcher }),
            catalogue: HostCatalogue(folders: [plugins], scanner: scanner, lane: lane), store: records,
            log: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs a flow to its end.
    /// - Returns: its output, and what it cost. The cost counts from where the flow has been read and checked, because a
    ///   peer's graph is made before its clock starts, too; `preparation` is what came before.
    func run(
        _ flow: String, inputs: [String: JSON], mode: String, tenant: TenantID = .standard
    ) async throws -> (output: JSON, cost: Cost) {
        let request = StartRunRequest(
            tenant: tenant, target: .flow(file: "bench.yaml", text: flow),
            inputs: inputs.mapValues { .value(JSONText($0)) }, mode: mode, follows: true)
        let before = Cost.soFar()
        let reply = try await runtime.handle(
            .startRun(request), descriptors: [],
            client: ClientIdentity(id: 1, role: .operator, pid: getpid(), uid: getuid(), version: "bench"),
            events: EventSink { _ in })
        var cost = Cost.soFar() - before
        let now = SystemClock().wallNanoseconds()
        guard case .runFinished(let end) = reply else { throw Options.Wrong(description: "the run has no end") }
        if let error = end.error { throw error }
        let whole = cost.nanoseconds
        cost.nanoseconds = min(whole, UInt64(clamping: now - end.startedAt))
        cost.preparation = whole - cost.nanoseconds
        return (end.output?.value ?? .null, cost)
    }

    func add(_ tenant: TenantID) async throws {
        _ = try await runtime.handle(
            .tenantAdd(TenantChangeRequest(tenant: tenant)), descriptors: [],
            client: ClientIdentity(id: 1, role: .operator, pid: getpid(), uid: getuid(), version: "bench"),
            events: EventSink { _ in })
    }

    func shutDown() async { await runtime.shutDown() }

    /// The tenant's journal: database and log.
    var storedBytes: Int {
        ["state.db", "state.db-wal"].reduce(0) { sum, name in
            let path = TenantStore.folder(home: home, tenant: .standard) + "/" + name
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return sum + ((attributes?[.size] as? Int) ?? 0)
        }
    }
}
