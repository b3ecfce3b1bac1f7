// SPDX-License-Identifier: Apache-2.0
// WatchTests: a running host's plugins folders, changed as people and tools change them. Nothing asks for a scan: what
// the tests wait for comes by itself.

import CorralBase
import CorralCatalog
import CorralEngine
import CorralSupervision
import Foundation
import Synchronization
import Testing

/// A catalogue that watches a folder.
private final class Watched: Sendable {
    /// Forgets at once, so that each probe counts.
    struct NoCache: ProbeCache {
        func get(_ key: String) async -> [UInt8]? { nil }
        func put(_ key: String, _ value: [UInt8]) async {}
    }

    let folder: Folder
    let lane: Lane
    let catalogue: HostCatalogue
    let prober: ScriptedProber

    init(_ folder: Folder, at path: String? = nil, prober: ScriptedProber = ScriptedProber()) async throws {
        self.folder = folder
        self.prober = prober
        lane = try Lane(name: "watch")
        let scanner = CatalogScanner(
            executor: lane, cacheFolder: folder.cache, prober: prober, cache: NoCache(), hostBuild: "test")
        catalogue = HostCatalogue(folders: [path ?? folder.plugins], scanner: scanner, lane: lane)
        await catalogue.start()
    }

    deinit { lane.stop() }

    var snapshot: CatalogSnapshot { catalogue.snapshot() }

    func until(_ what: Comment, _ condition: @Sendable (CatalogSnapshot) -> Bool) async {
        let deadline = monotonicNanoseconds() + 60_000_000_000
        while !condition(snapshot) {
            guard monotonicNanoseconds() < deadline else {
                Issue.record("waited in vain: \(what); there is \(snapshot.agentNames), \(snapshot.problems)")
                return
            }
            await Task.yield()
            usleep(500)
        }
    }
}

/// Keeps a lane from doing anything.
private actor Occupier {
    nonisolated let lane: Lane
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
    init(_ lane: Lane) { self.lane = lane }
    func occupy(until gate: DispatchSemaphore) { gate.wait() }
}

@Suite struct WatchTests {
    private let id = "test/a"

    /// A finished library beside the plugins folder, to be moved into it.
    private func built(_ folder: Folder, _ name: String, _ manifest: String) throws -> String {
        try folder.plugin("../\(name)", manifest: manifest)
        return folder.path + "/" + name
    }

    private func version(_ number: Int, id: String = "test/a") -> String {
        manifest(id).replacing("1.0.0", with: "\(number).0.0")
    }

    private func has(_ number: Int) -> @Sendable (CatalogSnapshot) -> Bool {
        { (try? $0.plugin("test/a"))?.manifest.version == "\(number).0.0" }
    }

    @Test func aLibraryIsNoticedReplacedRemovedAndNoticedAgain() async throws {
        let folder = try Folder()
        let watched = try await Watched(folder)
        let (one, two) = (try built(folder, "one.so", version(1)), try built(folder, "two.so", version(2)))
        run("cp", one, folder.plugins + "/a.so")
        await watched.until("the first version", has(1))
        run("cp", two, folder.plugins + "/.new")
        run("mv", folder.plugins + "/.new", folder.plugins + "/a.so")
        await watched.until("the second version", has(2))
        run("rm", folder.plugins + "/a.so")
        await watched.until("its removal") { $0.entries.isEmpty }
        let error = #expect(throws: CorralError.self) { try watched.snapshot.agent(id) }
        #expect(error?.code == .pluginUnknown)
        #expect(error?.message.contains("a.so\" was removed") == true, "\(error?.message ?? "")")
        run("ln", one, folder.plugins + "/a.so")
        await watched.until("its return as a hard link", has(1))
    }

    @Test func halfAFileIsNotLookedAtUntilItIsClosed() async throws {
        let folder = try Folder()
        let (one, two) = (try built(folder, "one.so", version(1)), try built(folder, "two.so", version(2)))
        run("cp", one, folder.plugins + "/a.so")
        let watched = try await Watched(folder)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: two))
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.plugins + "/a.so"))
        try handle.truncate(atOffset: 0)
        // A neighbour that is finished meanwhile is used, and does not draw the unfinished file with it.
        for part in 0..<4 {
            try handle.write(contentsOf: bytes[(part * bytes.count / 4)..<((part + 1) * bytes.count / 4)])
            try folder.plugin("b\(part).so", manifest: manifest("test/b\(part)"))
            await watched.until("the neighbour") { (try? $0.plugin("test/b\(part)")) != nil }
            #expect(has(1)(watched.snapshot))
            #expect(watched.snapshot.problems.isEmpty, "\(watched.snapshot.problems)")
        }
        try handle.close()
        await watched.until("the whole file", has(2))
    }

    @Test func aNewFileThatIsBeingWrittenSaysSo() async throws {
        let folder = try Folder()
        let watched = try await Watched(folder)
        let one = try Data(contentsOf: URL(fileURLWithPath: try built(folder, "one.so", version(1))))
        _ = FileManager.default.createFile(atPath: folder.plugins + "/a.so", contents: nil)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.plugins + "/a.so"))
        try handle.write(contentsOf: one.prefix(5000))
        await watched.catalogue.refresh()
        await watched.until("the reason") { $0.problem("a.so")?.error.code == .pluginBeingWritten }
        #expect(watched.prober.probes == 0)
        try handle.write(contentsOf: one.dropFirst(5000))
        try handle.close()
        await watched.until("the plugin", has(1))
    }

    @Test func brokenContentLeavesThePluginAndSaysWhy() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: version(1))
        let watched = try await Watched(folder)
        let good = try #require(watched.snapshot.entries.values.first)
        try folder.write("a.so", "no library at all\n")
        await watched.until("the reason") { $0.problem("a.so")?.error.code == .pluginNotELF }
        #expect(try watched.snapshot.agent(id) == good)
        #expect(watched.snapshot.problem(of: good.id)?.error.code == .pluginNotELF)
        #expect(FileManager.default.fileExists(atPath: good.loadPath))
        try folder.plugin("a.so", manifest: version(2))
        await watched.until("the repaired one", has(2))
        #expect(watched.snapshot.problems.isEmpty)
    }

    @Test func aLibraryThatIsCutOffIsDamaged() async throws {
        let folder = try Folder()
        let one = try Data(contentsOf: URL(fileURLWithPath: try built(folder, "one.so", version(1))))
        for bytes in [one.count / 2, one.count - 64] { try folder.write("cut\(bytes).so", one.prefix(bytes)) }
        let watched = try await Watched(folder)
        #expect(watched.snapshot.problems.map(\.error.code) == [.pluginDamaged, .pluginDamaged])
        #expect(watched.prober.probes == 0)
    }

    @Test func whatDidNotChangeIsNotReadAgain() async throws {
        let folder = try Folder()
        for name in 0..<5 { try folder.plugin("p\(name).so", manifest: manifest("test/p\(name)")) }
        try folder.write("broken.so", "x")
        let watched = try await Watched(folder)
        #expect(watched.prober.probes == 5)
        for _ in 0..<20 { await watched.catalogue.refresh() }
        #expect(watched.prober.probes == 5)
        try folder.plugin("p3.so", manifest: version(2, id: "test/p3"))
        await watched.until("the change") { (try? $0.plugin("test/p3"))?.manifest.version == "2.0.0" }
        #expect(watched.prober.probes == 6)
        // A file that only looks new has the digest it had.
        let before = watched.snapshot.entries
        run("touch", folder.plugins + "/p1.so")
        await watched.catalogue.refresh()
        #expect(watched.snapshot.entries == before)
    }

    @Test func aSidecarAndAFileInAFolderCount() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: version(1))
        try folder.plugin("b/lib.so", manifest: manifest("test/b"))
        try folder.write("b/share/deep/data.txt", "1")
        let watched = try await Watched(folder)
        let (a, b) = (try watched.snapshot.agent("test/a"), try watched.snapshot.agent("test/b"))
        try folder.write("a.plugin.yaml", "isolate: true\n")
        await watched.until("the sidecar") { (try? $0.agent("test/a"))?.isIsolated == true }
        #expect(try watched.snapshot.agent("test/a").digest != a.digest)
        try folder.write("b/share/deep/data.txt", "2")
        await watched.until("the data") { (try? $0.agent("test/b"))?.digest != b.digest }
        run("rm", folder.plugins + "/a.plugin.yaml")
        await watched.until("the sidecar's removal") { (try? $0.agent("test/a"))?.digest == a.digest }
    }

    @Test func aToolsFileAndTheLibraryItNamesCount() async throws {
        let folder = try Folder()
        let prober = ScriptedProber { request in
            let text = String(decoding: request.native ?? [], as: UTF8.self)
            let name = text.contains("twice") ? "twice" : "half"
            return .answered(manifest: [], tools: Array("[{\"name\":\"\(name)\",\"summary\":\"\"}]".utf8))
        }
        try folder.compile("lib/calc.so", "double half(double x) { return x / 2; }")
        try folder.write("calc.tools.yaml", "library: lib/calc.so\ntools: {half: \"(f64) -> f64\"}\n")
        let watched = try await Watched(folder, prober: prober)
        let before = try watched.snapshot.tool("native/calc.half").entry
        try folder.compile(
            "lib/calc.so", "double half(double x) { return x * 0.5; } double twice(double x) { return 2 * x; }")
        await watched.until("the library") { (try? $0.tool("native/calc.half"))?.entry.digest != before.digest }
        try folder.write("calc.tools.yaml", "library: lib/calc.so\ntools: {twice: \"(f64) -> f64\"}\n")
        await watched.until("the tools") { (try? $0.tool("native/calc.twice")) != nil }
    }

    @Test func aFolderThatAppearsLaterAndOneBehindALinkAreWatched() async throws {
        let folder = try Folder()
        let (one, two) = (try built(folder, "one.so", version(1)), try built(folder, "two.so", version(2)))
        let later = folder.path + "/not/yet/there"
        let watched = try await Watched(folder, at: later)
        run("mkdir", "-p", folder.path + "/not/yet/real1", folder.path + "/not/yet/real2")
        run("cp", one, folder.path + "/not/yet/real1/a.so")
        run("cp", two, folder.path + "/not/yet/real2/a.so")
        symlink("real1", later)
        await watched.until("what the link leads to", has(1))
        run("ln", "-sfn", "real2", later)
        await watched.until("what it leads to now", has(2))
        run("cp", one, folder.path + "/not/yet/real2/.new")
        run("mv", folder.path + "/not/yet/real2/.new", folder.path + "/not/yet/real2/a.so")
        await watched.until("a change behind the link", has(1))
        run("rm", "-r", folder.path + "/not")
        await watched.until("that all is gone") { $0.entries.isEmpty }
    }

    @Test func whenTheKernelDropsEventsEverythingIsLookedAtAgain() async throws {
        let folder = try Folder()
        for name in ["x.txt", "y.txt"] { try folder.write(name, "") }
        let one = try built(folder, "one.so", version(1))
        let watched = try await Watched(folder)
        let gate = DispatchSemaphore(value: 0)
        let occupier = Occupier(watched.lane)
        async let occupied: Void = occupier.occupy(until: gate)
        let limit = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let events = (Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 16_384) + 100
        // Two files in turn: equal events in a row are one.
        for _ in 0..<(events / 2) { for name in ["x.txt", "y.txt"] { utimes(folder.plugins + "/" + name, nil) } }
        rename(one, folder.plugins + "/a.so")
        gate.signal()
        await occupied
        await watched.until("the plugin whose event was lost", has(1))
    }

    @Test func twoFilesWithOneIDLeaveItToTheFirst() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: version(1))
        let watched = try await Watched(folder)
        try folder.plugin("b.so", manifest: version(2))
        await watched.until("the conflict") { $0.problem("b.so")?.error.code == .pluginIDConflict }
        #expect(has(1)(watched.snapshot))
        run("rm", folder.plugins + "/a.so")
        await watched.until("the other one's turn", has(2))
        #expect(watched.snapshot.problems.isEmpty)
    }

    @Test func aTenantsPluginsAreItsOwn() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: version(1))
        let watched = try await Watched(folder)
        let own = folder.path + "/tenants/acme/plugins.d"
        let (acme, globex) = (try TenantID("acme"), try TenantID("globex"))
        let acmes = await watched.catalogue.open(acme, folder: own, isAllowed: true)
        let globexes = await watched.catalogue.open(
            globex, folder: folder.path + "/tenants/globex/plugins.d", isAllowed: false)
        let changes = Changes()
        acmes.onChange { changes.add() }
        try folder.plugin("../tenants/acme/plugins.d/own.so", manifest: manifest("acme/own"))
        try folder.plugin("../tenants/acme/plugins.d/shadow.so", manifest: version(9))
        try folder.plugin("../tenants/globex/plugins.d/own.so", manifest: manifest("globex/own"))
        await watched.until("acme's own") { _ in (try? acmes.snapshot().plugin("acme/own")) != nil }
        await watched.until("the refusal") { _ in acmes.snapshot().problem("shadow.so") != nil }
        #expect(acmes.snapshot().problem("shadow.so")?.error.code == .pluginShadowsGlobal)
        #expect(has(1)(acmes.snapshot()))
        #expect(try acmes.snapshot().agent("acme/own").origin == CatalogEntry.tenantOrigin)
        #expect(changes.count > 0)
        await watched.until("globex's refusal") { _ in globexes.snapshot().problem("own.so") != nil }
        #expect(globexes.snapshot().problem("own.so")?.error.code == .customAgentsOff)
        #expect(globexes.snapshot().agentNames == ["test/a"] && watched.snapshot.agentNames == ["test/a"])
        #expect(watched.snapshot.problems.isEmpty)
    }

    @Test func aTenantsFolderThatIsALinkIsRefused() async throws {
        let folder = try Folder()
        let watched = try await Watched(folder)
        try folder.plugin("../elsewhere/a.so", manifest: version(1))
        try FileManager.default.createDirectory(
            atPath: folder.path + "/tenants/acme", withIntermediateDirectories: true)
        symlink("../../elsewhere", folder.path + "/tenants/acme/plugins.d")
        let view = await watched.catalogue.open(
            try TenantID("acme"), folder: folder.path + "/tenants/acme/plugins.d", isAllowed: true)
        #expect(view.snapshot().entries.isEmpty)
        #expect(view.snapshot().problems.first?.error.code == .catalogueUnreadable)
    }

    private final class Changes: Sendable {
        private let number = Mutex(0)
        func add() { number.withLock { $0 += 1 } }
        var count: Int { number.withLock { $0 } }
    }
}

@Suite struct PluginCopiesTests {
    @Test func whatSomebodyNamesStaysAndTheRestGoes() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: manifest("test/a"))
        try folder.write("a.plugin.yaml", "isolate: true\n")
        let first = try await scan(folder).agent("test/a")
        try folder.plugin("a.so", manifest: manifest("test/a", ",\"serial\":true"))
        let second = try await scan(folder).agent("test/a")
        try folder.plugin("a.so", manifest: manifest("test/a", ",\"serial\":false"))
        let third = try await scan(folder).agent("test/a")
        let copies = PluginCopies(folder: folder.cache)
        // A journal names the digest with the sidecar, the catalogue the entry.
        #expect(copies.prune(keeping: [first.digest.text], age: 3600) == 0)
        #expect(copies.prune(keeping: Set([first.digest.text] + third.copyNames), age: 0) == 2)
        let manager = FileManager.default
        #expect(manager.fileExists(atPath: first.loadPath) && manager.fileExists(atPath: third.loadPath))
        #expect(!manager.fileExists(atPath: second.loadPath))
    }
}
