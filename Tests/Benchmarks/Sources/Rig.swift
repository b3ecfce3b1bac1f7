// SPDX-License-Identifier: Apache-2.0
// Rig: what every benchmark stands on: plugins compiled here and now, the real spawner, the real worker, a catalogue
// made by probing.

import CorralBase
import CorralCatalog
import CorralSandbox
import CorralSupervision
import CorralWire
import Foundation

final class Rig: Sendable {
    let repetitions: Int
    let includesPeers: Bool
    let scratch: String
    let spawner: Spawner
    let launcher: SpawnerLauncher

    init(_ options: Options) throws {
        repetitions = options.repetitions
        includesPeers = options.includesPeers
        scratch = options.scratch
        try? FileManager.default.removeItem(atPath: scratch)
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        spawner = Spawner(executable: Place.products + "/corral-spawner")
        try spawner.start()
        launcher = SpawnerLauncher(spawner: spawner, workerExecutable: Place.products + "/corral-worker")
    }

    func stop() { spawner.stop() }

    /// An empty folder of its own.
    func folder(_ name: String) throws -> String {
        let path = scratch + "/" + name
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return path
    }

    /// Compiles Plugins/<source>.c as the plugin `bench/<name>` into a folder.
    func compile(_ source: String, as name: String? = nil, into folder: String) throws {
        try run(
            "/usr/bin/cc",
            [
                "-std=c11", "-D_GNU_SOURCE", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-I", Place.headers,
                "-DPLUGIN_ID=\"bench/\(name ?? source)\"", "-o", "\(folder)/\(name ?? source).so",
                "\(Place.package)/Plugins/\(source).c",
            ])
    }

    /// Probes a folder of plugins as the host does.
    func catalogue(_ plugins: String) async throws -> CatalogSnapshot {
        let lane = try Lane(name: "catalogue")
        defer { lane.stop() }
        let scanner = CatalogScanner(
            executor: lane, cacheFolder: try folder("cache"), prober: WorkerProber(lane: lane, launcher: launcher),
            cache: MemoryProbeCache(), hostBuild: "bench")
        let snapshot = await scanner.scan([plugins])
        for problem in snapshot.problems { throw problem.error }
        return snapshot
    }

    /// - Parameter catalogue: what its workers may have to load.
    func pool(_ lane: Lane, _ catalogue: CatalogSnapshot = .empty) -> WorkerPool {
        pool(lane, following: { catalogue })
    }

    func pool(_ lane: Lane, following plugins: @escaping @Sendable () -> CatalogSnapshot) -> WorkerPool {
        WorkerPool(tenant: .standard, lane: lane, launcher: launcher, plugins: plugins) { line in
            FileHandle.standardError.write(Data("\(line.worker): \(line.text)\n".utf8))
        }
    }

    /// Of a tenant by name, with its log lines written to a file of the scratch folder, as a host's go to its log.
    func pool(
        _ lane: Lane, tenant: String, _ catalogue: CatalogSnapshot, launcher: (any WorkerLauncher)? = nil,
        _ settings: SupervisionSettings = SupervisionSettings()
    ) throws -> WorkerPool {
        let path = scratch + "/\(tenant).log"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        return WorkerPool(
            tenant: try TenantID(tenant), lane: lane, launcher: launcher ?? self.launcher, settings: settings,
            plugins: { catalogue }
        ) { line in log.write(Data("\(line.worker): \(line.text)\n".utf8)) }
    }

    @discardableResult
    func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Options.Wrong(description: "\(program) \(arguments.joined(separator: " ")) failed")
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Makes calls from the lane, as the engine does.
actor Caller {
    nonisolated let lane: Lane
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
    private let pool: WorkerPool

    init(_ lane: Lane, _ pool: WorkerPool) {
        self.lane = lane
        self.pool = pool
    }

    func call(_ plugin: CatalogEntry, _ body: [UInt8]) async throws -> [UInt8] {
        let outcome = await pool.call(
            PluginCall(
                id: await pool.makeCallID(), plugin: plugin, target: .agent, body: body,
                deadline: monotonicNanoseconds() + 60_000_000_000)
        ) { _ in }
        switch outcome.ending {
        case .success(let success): return success.result
        case .failure(let failure): throw failure.error
        }
    }

    /// One after the other; nanoseconds for all.
    func roundTrips(_ plugin: CatalogEntry, bytes: Int, count: Int) async throws -> UInt64 {
        let body = Array("\"\(String(repeating: "x", count: bytes - 2))\"".utf8)
        for _ in 0..<10 { _ = try await call(plugin, body) }
        let start = monotonicNanoseconds()
        for _ in 0..<count {
            guard try await call(plugin, body).count == bytes else {
                throw Options.Wrong(description: "an echo of another length")
            }
        }
        return monotonicNanoseconds() - start
    }

    func shutdown() async { await pool.shutdown() }
}
