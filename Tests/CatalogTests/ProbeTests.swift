// SPDX-License-Identifier: Apache-2.0
// ProbeTests: libraries asked for their manifests by real throw-away workers, among them those that do their worst there.

import CorralBase
import CorralCatalog
import CorralSandbox
import CorralSupervision
import Foundation
import Testing

@Suite(.serialized) struct ProbeTests {
    /// The bad plugins, built into a plugins folder.
    private func built() throws -> Folder {
        let folder = try Folder()
        #expect(run("make", "-s", "-C", Sources.root + "/Tests/BadPlugins", "OUT=\(folder.plugins)") == 0)
        return folder
    }

    private func scan(_ folder: Folder) async throws -> CatalogSnapshot {
        let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
        let lane = try Lane(name: "probe")
        let spawner = Spawner(executable: products + "/corral-spawner")
        defer {
            spawner.stop()
            lane.stop()
        }
        let launcher = SpawnerLauncher(spawner: spawner, workerExecutable: products + "/corral-worker")
        let prober = WorkerProber(lane: lane, launcher: launcher, patience: .seconds(3))
        return try await Scan(folder, prober).run([folder.plugins])
    }

    @Test func everyBadLibraryHasItsReasonAndTheOthersWork() async throws {
        let folder = try built()
        let snapshot = try await scan(folder)
        let expected: [(String, ErrorCode, String)] = [
            ("bad-manifest.so", .pluginManifestInvalid, ""), ("entry-crash.so", .pluginProbeCrashed, "SIGSEGV"),
            ("entry-hang.so", .pluginProbeHung, "killed after"), ("entry-null.so", .pluginRefusedLoad, "NULL"),
            ("huge-manifest.so", .pluginManifestInvalid, "262144"), ("no-entry.so", .pluginNoEntryPoint, ""),
            ("missing-dependency.so", .pluginMissingDependency, "libcorral-absent.so"),
            ("missing-extension.so", .pluginMissingExtension, "corral."), ("wrong-abi.so", .pluginWrongABI, "ABI"),
            ("short-descriptor.so", .pluginBadDescriptor, ""),
        ]
        for (name, code, words) in expected {
            let problem = try #require(snapshot.problem(name), "\(name)")
            #expect(problem.error.code == code, "\(name): \(problem.error)")
            let text = problem.error.message + (problem.error.cause ?? "")
            #expect(words.isEmpty || text.contains(words), "\(name): \(text)")
        }
        // The wrong plugins of a kind are one plugin gone wrong in several ways, with one id.
        let others = snapshot.problems.filter { $0.error.code != .pluginIDConflict }
        let names = Set(expected.map(\.0))
        #expect(others.allSatisfy { names.contains(($0.source as NSString).lastPathComponent) }, "\(others)")
        #expect(try snapshot.agent("test/echo").isAgent)
        #expect(try snapshot.tool("test/tools.size").tool.isNative == false)
        #expect(try snapshot.tool("test/natives.sum").tool.isNative)
    }

    @Test func theMathLibraryIsAToolbox() async throws {
        let folder = try Folder()
        try folder.write(
            "libm.tools.yaml",
            "library: libm.so.6\ntools:\n  pow: \"(x: f64, y: f64) -> f64\"\n  cos: \"(f64) -> f64\"\n")
        let snapshot = try await scan(folder)
        #expect(snapshot.toolNames == ["native/libm.cos", "native/libm.pow"])
        #expect(try snapshot.tool("native/libm.pow").tool.input["properties"]?["x"] != nil)
    }

    @Test func absentSymbolsAndWrongSignaturesHaveTheirLines() async throws {
        let folder = try Folder()
        try folder.write(
            "libm.tools.yaml", "library: libm.so.6\ntools:\n  pow: \"(x: f65) -> f64\"\n  nope: \"() -> f64\"\n")
        try folder.write("gone.tools.yaml", "library: libdoesnotexist.so.1\ntools: {a: \"() -> f64\"}\n")
        let snapshot = try await scan(folder)
        let problem = try #require(snapshot.problem("libm.tools.yaml"))
        #expect(Set(problem.diagnostics.map(\.location.line)) == [3, 4], "\(problem)")
        let gone = try #require(snapshot.problem("gone.tools.yaml"))
        #expect([.pluginCannotOpen, .pluginMissingDependency].contains(gone.error.code))
        #expect(gone.error.cause?.contains("libdoesnotexist.so.1") == true)
    }
}
