// SPDX-License-Identifier: Apache-2.0
// Bench: a pool of real workers on a lane of its own, and the bad plugins as catalogue entries.

import CorralBase
import CorralCatalog
import CorralSandbox
import CorralSupervision
import CorralWire
import Foundation
import Synchronization
import Testing

/// What the build made, and the bad plugins built once for this test run.
enum Built {
    static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    static let spawner = products.appendingPathComponent("corral-spawner").path
    static let worker = products.appendingPathComponent("corral-worker").path

    static let plugins: String = {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("BadPlugins")
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("corral-supervised-\(getpid())")
        let make = Process()
        make.executableURL = URL(fileURLWithPath: "/usr/bin/make")
        make.arguments = ["-s", "-C", source.path, "OUT=\(output.path)"]
        do { try make.run() } catch { Issue.record("cannot run make: \(error)") }
        make.waitUntilExit()
        #expect(make.terminationStatus == 0, "the bad plugins do not build")
        return output.path
    }()
}

func entry(
    _ name: String, isSerial: Bool = false, isIsolated: Bool = false, isSingleton: Bool = false,
    loadPath: String? = nil, digest: String? = nil
) throws -> CatalogEntry {
    let id = try PluginID("test/\(name)")
    let manifest = PluginManifest(
        id: id, version: "1.0.0", summary: "", toolchain: "", provides: ["corral.agent/1"], requires: [],
        isSerial: isSerial, isIsolated: isIsolated, isSingleton: isSingleton,
        agent: AgentInterface(role: "", input: [:], output: [:]), tools: [], config: [])
    return CatalogEntry(
        id: id, form: .library, source: "plugins.d/\(name).so", digest: ContentDigest(digest ?? "digest of \(name)"),
        loadPath: loadPath ?? "\(Built.plugins)/\(name).so", manifest: manifest, isIsolated: isIsolated)
}

/// Collects what is told from the lane.
final class Box<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    func append(_ value: Value) { values.withLock { $0.append(value) } }
    var all: [Value] { values.withLock { $0 } }
}

/// A catalogue that a test fills.
final class Shelf: Sendable {
    private let state = Mutex(CatalogSnapshot.empty)

    var snapshot: CatalogSnapshot { state.withLock { $0 } }

    func change(_ body: (inout [PluginID: CatalogEntry]) -> Void) {
        state.withLock { snapshot in
            var entries = snapshot.entries
            body(&entries)
            snapshot = CatalogSnapshot(entries: Array(entries.values)).remembering(snapshot)
        }
    }
}

final class Bench: Sendable {
    let lane: Lane
    let pool: WorkerPool
    let spawner: Spawner?
    let log = Box<WorkerLogLine>()
    /// The catalogue, for tests that have one.
    let shelf = Shelf()

    /// With real workers.
    convenience init(_ change: (inout SupervisionSettings) -> Void = { _ in }) throws {
        let spawner = Spawner(executable: Built.spawner)
        try self.init(
            SpawnerLauncher(spawner: spawner, workerExecutable: Built.worker), spawner: spawner, change)
    }

    init(
        _ launcher: any WorkerLauncher, spawner: Spawner? = nil,
        _ change: (inout SupervisionSettings) -> Void = { _ in }
    ) throws {
        var settings = SupervisionSettings()
        settings.grace = .milliseconds(200)
        settings.backoffFirst = .milliseconds(5)
        change(&settings)
        self.spawner = spawner
        lane = try Lane(name: "test")
        let log = log
        let shelf = shelf
        pool = WorkerPool(
            tenant: .standard, lane: lane, launcher: launcher, settings: settings, plugins: { shelf.snapshot }
        ) { log.append($0) }
    }

    /// Puts plugins into the catalogue, each in the place of one with its id, and tells the pool.
    func put(_ entries: CatalogEntry...) async {
        shelf.change { all in for entry in entries { all[entry.id] = entry } }
        await pool.catalogueChanged()
    }

    func remove(_ entry: CatalogEntry) async {
        shelf.change { $0[entry.id] = nil }
        await pool.catalogueChanged()
    }

    /// Workers that are there, as "generation state".
    func generations() async -> [String] {
        await pool.listing().filter { $0.state != .gone }.map { "\($0.key.generation) \($0.state.rawValue)" }
    }

    deinit {
        lane.stop()
        spawner?.stop()
    }

    func call(
        _ entry: CatalogEntry, _ body: String = "{}", target: CallTarget = .agent, method: String = "",
        seconds: Double = 20, depth: UInt32 = 0, artifacts: [CallArtifact] = [], events: Box<CallEvent>? = nil
    ) async -> CallOutcome {
        let id = await pool.makeCallID()
        return await pool.call(
            PluginCall(
                id: id, plugin: entry, target: target, method: method, body: Array(body.utf8), artifacts: artifacts,
                deadline: monotonicNanoseconds() + UInt64(seconds * 1e9), depth: depth)
        ) { events?.append($0) }
    }

    /// Waits until something is true on the lane; fails the test after a minute, which a busy machine may take.
    func until(_ what: Comment, _ condition: () async -> Bool) async {
        let deadline = monotonicNanoseconds() + 60_000_000_000
        while await !condition() {
            guard monotonicNanoseconds() < deadline else {
                Issue.record("waited in vain: \(what)")
                return
            }
            await Task.yield()
            usleep(500)
        }
    }
}

extension CallOutcome {
    var text: String? {
        if case .success(let success) = ending { String(decoding: success.result, as: UTF8.self) } else { nil }
    }

    var success: CallSuccess? { if case .success(let success) = ending { success } else { nil } }
    var failure: CallFailure? { if case .failure(let failure) = ending { failure } else { nil } }
}

extension Bench {
    static func realSpawner() -> Spawner { Spawner(executable: Built.spawner) }
}

func fileSize(_ descriptor: Int32) -> Int {
    var info = stat()
    return fstat(descriptor, &info) == 0 ? Int(info.st_size) : -1
}
