// SPDX-License-Identifier: Apache-2.0
// Folder: a plugins folder of a test, small libraries built with cc, and a prober that answers from a table.

import CorralBase
import CorralCatalog
import CorralSandbox
import CorralSupervision
import Foundation
import Synchronization
import Testing

@discardableResult
func run(_ arguments: String..., folder: String = "/") -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    do { try process.run() } catch { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
}

final class Folder: Sendable {
    let path: String
    let plugins: String
    var cache: String { path + "/cache" }

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("corral-catalog-\(UUID().uuidString)").path
        plugins = path + "/plugins.d"
        try FileManager.default.createDirectory(atPath: plugins, withIntermediateDirectories: true)
    }

    deinit {
        run("chmod", "-R", "u+w", path)
        run("rm", "-rf", path)
    }

    func write(_ name: String, _ text: String) throws {
        try write(name, Data(text.utf8))
    }

    func write(_ name: String, _ data: Data) throws {
        let file = URL(fileURLWithPath: plugins + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    /// Compiles C code into a shared library in the plugins folder.
    func compile(_ name: String, _ code: String, _ flags: String...) throws {
        let source = path + "/\(UUID().uuidString).c"
        try Data(code.utf8).write(to: URL(fileURLWithPath: source))
        let folder = URL(fileURLWithPath: plugins + "/" + name).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/cc")
        process.arguments = ["-shared", "-fPIC", "-I", Sources.include, "-o", plugins + "/" + name, source] + flags
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    /// A library with nothing but an entry point; the manifest in it makes its content differ.
    func plugin(_ name: String, manifest: String = "") throws {
        let text = manifest.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        try compile(name, "const char text[] = \"\(text)\"; void *corral_plugin_entry(void *h) { (void)h; return 0; }")
    }
}

enum Sources {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let include = root + "/PluginSDK/include"
}

/// Answers with the manifest found in the library, so that tests need no process.
final class ScriptedProber: PluginProber {
    typealias Script = @Sendable (ProbeRequest) -> ProbeOutcome
    private let script: Script
    private let count = Mutex(0)
    let workerToolchain: String?

    init(toolchain: String? = "swift-6.3.1 test", _ script: @escaping Script) {
        self.script = script
        workerToolchain = toolchain
    }

    /// Takes the manifest from between `{"id"` and the end of that C string.
    convenience init(toolchain: String? = "swift-6.3.1 test") {
        self.init(toolchain: toolchain) { request in
            let data = FileManager.default.contents(atPath: request.loadPath) ?? Data()
            guard let start = data.firstRange(of: Data("{\"id\"".utf8)) else {
                return .failed(LoadProblem(.noEntryPoint, detail: ""))
            }
            return .answered(manifest: Array(data[start.lowerBound...].prefix { $0 != 0 }), tools: [])
        }
    }

    var probes: Int { count.withLock { $0 } }

    func probe(_ request: ProbeRequest) async -> ProbeOutcome {
        count.withLock { $0 += 1 }
        return script(request)
    }
}

func manifest(_ id: String, _ more: String = "") -> String {
    "{\"id\":\"\(id)\",\"version\":\"1.0.0\",\"summary\":\"A test\",\"provides\":[\"corral.agent/1\"],\"agent\":{\"role\":\"t\"}\(more)}"
}

/// A scanner over a folder, on a lane of its own.
final class Scan: Sendable {
    let lane: Lane
    let scanner: CatalogScanner

    init(_ folder: Folder, _ prober: any PluginProber = ScriptedProber(), cache: any ProbeCache = MemoryProbeCache())
        throws
    {
        lane = try Lane(name: "scan")
        scanner = CatalogScanner(
            executor: lane, cacheFolder: folder.cache, prober: prober, cache: cache, hostBuild: "test")
    }

    deinit { lane.stop() }

    /// A method, so that the lane lives as long as the scan.
    func run(_ folders: [String]) async -> CatalogSnapshot {
        let snapshot = await scanner.scan(folders)
        return withExtendedLifetime(self) { snapshot }
    }
}

func scan(_ folder: Folder, _ prober: any PluginProber = ScriptedProber()) async throws -> CatalogSnapshot {
    try await Scan(folder, prober).run([folder.plugins])
}

extension CatalogSnapshot {
    func problem(_ name: String) -> ProblemEntry? { problems.first { $0.source.hasSuffix("/" + name) } }
}
