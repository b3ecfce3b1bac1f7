// SPDX-License-Identifier: Apache-2.0
// Reload: from the moment a library is in its place to the first answer of the new version, beyond the wait for quiet;
// and a hundred replacements under load, of which no call may notice anything: that number is a gate.

import CorralBase
import CorralCatalog
import CorralEngine
import CorralSupervision
import Foundation
import Synchronization

func measureReload(_ rig: Rig, _ report: Report) async throws {
    let plugins = try rig.folder("reload-plugins")
    try rig.compile("echo", into: plugins)
    let library = try Data(contentsOf: URL(fileURLWithPath: plugins + "/echo.so"))
    let c = try await ReloadRig(rig, plugins, "bench/echo", body: Array("{}".utf8))
    report.add(
        "reload", Report.ours, "C, write to answer beyond debounce [aim ≤ 50]",
        try await c.replacements(4 * rig.repetitions, "echo.so", library), "ms")
    let (sample, calls, failures) = try await c.underLoad(100, "echo.so", library)
    report.add("reload", Report.ours, "C, the same under load, 100 times", sample, "ms")
    report.add("reload", Report.ours, "calls meanwhile", Double(calls), "calls")
    report.add("reload", Report.ours, "failed calls [gate 0]", Double(failures), "calls")
    await c.stop()
    guard failures == 0 else { throw Options.Wrong(description: "\(failures) of \(calls) calls failed during reloads") }
    try await measureSwiftReload(rig, report)
}

/// A plugin in Swift that the main package built; it is answered with an error, which counts as well.
private func measureSwiftReload(_ rig: Rig, _ report: Report) async throws {
    let built = ["release", "debug"].map { "\(Place.package)/../../.build/\($0)/libcorral-market-data.so" }
    guard let path = built.first(where: FileManager.default.fileExists),
        let library = FileManager.default.contents(atPath: path)
    else { return report.note("reload of a Swift plugin skipped: build the main package first") }
    let plugins = try rig.folder("reload-swift")
    try library.write(to: URL(fileURLWithPath: plugins + "/data.so"))
    let swift = try await ReloadRig(rig, plugins, "corral/market-data", body: Array("{}".utf8), acceptsErrors: true)
    report.add(
        "reload", Report.ours, "Swift, write to answer beyond debounce [aim ≤ 100]",
        try await swift.replacements(4 * rig.repetitions, "data.so", library), "ms")
    await swift.stop()
}

/// A watched folder and a pool that follows it, as a host has them.
private final class ReloadRig: Sendable {
    private let plugins: String
    private let id: String
    private let body: [UInt8]
    private let acceptsErrors: Bool
    private let hostLane: Lane
    private let lane: Lane
    private let catalogue: HostCatalogue
    private let view: TenantCatalogue
    private let pool: WorkerPool
    private let serial = Mutex(0)
    private let quiet: Duration

    init(_ rig: Rig, _ plugins: String, _ id: String, body: [UInt8], acceptsErrors: Bool = false) async throws {
        self.plugins = plugins
        self.id = id
        self.body = body
        self.acceptsErrors = acceptsErrors
        let timing = HostCatalogue.Timing()
        quiet = timing.quiet
        hostLane = try Lane(name: "host")
        lane = try Lane(name: "tenant")
        let scanner = CatalogScanner(
            executor: hostLane, cacheFolder: try rig.folder("reload-cache"),
            prober: WorkerProber(lane: hostLane, launcher: rig.launcher), cache: MemoryProbeCache(), hostBuild: "bench")
        catalogue = HostCatalogue(folders: [plugins], scanner: scanner, lane: hostLane, timing: timing)
        await catalogue.start()
        let view = await catalogue.open(.standard, folder: plugins + "/none", isAllowed: false)
        self.view = view
        let pool = rig.pool(lane, following: { view.snapshot() })
        self.pool = pool
        view.onChange { Task { await pool.catalogueChanged() } }
        _ = try await call()
    }

    func stop() async {
        await catalogue.stop()
        await pool.shutdown()
        lane.stop()
        hostLane.stop()
    }

    /// Renames new content into place.
    private func replace(_ name: String, _ library: Data) throws {
        let number = serial.withLock { number in
            number += 1
            return number
        }
        let new = plugins + "/.new"
        try (library + Data("\(number)".utf8)).write(to: URL(fileURLWithPath: new))
        guard rename(new, plugins + "/" + name) == 0 else { throw Options.Wrong(description: "cannot rename \(new)") }
    }

    /// - Returns: the content that answered.
    private func call() async throws -> ContentDigest {
        let outcome = await pool.call(
            PluginCall(
                id: await pool.makeCallID(), plugin: try view.snapshot().agent(id), target: .agent, body: body,
                deadline: monotonicNanoseconds() + 60_000_000_000)
        ) { _ in }
        if case .failure(let failure) = outcome.ending, !(acceptsErrors && failure.pluginCode != nil) {
            throw failure.error
        }
        guard let plugin = outcome.metrics.plugin else { throw Options.Wrong(description: "a call that never ran") }
        return plugin
    }

    private func one(_ name: String, _ library: Data) async throws -> Double {
        let before = try await call()
        try replace(name, library)
        let start = monotonicNanoseconds()
        while try await call() == before {}
        let taken = Double(monotonicNanoseconds() - start) / 1e6
        return taken - Double(quiet.components.attoseconds) / 1e15
    }

    func replacements(_ count: Int, _ name: String, _ library: Data) async throws -> Sample {
        var taken: [Double] = []
        for repetition in 0...count {
            let one = try await one(name, library)
            if repetition > 0 { taken.append(one) }
        }
        return Sample(taken)
    }

    func underLoad(_ count: Int, _ name: String, _ library: Data) async throws -> (Sample, Int, Int) {
        let state = LoadState()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while !state.isOver {
                        do {
                            _ = try await self.call()
                            state.ended(isFailure: false)
                        } catch { state.ended(isFailure: true) }
                    }
                }
            }
            var taken: [Double] = []
            for _ in 0..<count { taken.append(try await one(name, library)) }
            state.end()
            try await group.waitForAll()
            let (calls, failures) = state.counts
            return (Sample(taken), calls, failures)
        }
    }
}

private final class LoadState: Sendable {
    private let state = Mutex((isOver: false, calls: 0, failures: 0))
    var isOver: Bool { state.withLock { $0.isOver } }
    var counts: (Int, Int) { state.withLock { ($0.calls, $0.failures) } }
    func end() { state.withLock { $0.isOver = true } }
    func ended(isFailure: Bool) {
        state.withLock { state in
            state.calls += 1
            if isFailure { state.failures += 1 }
        }
    }
}
