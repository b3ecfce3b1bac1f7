// SPDX-License-Identifier: Apache-2.0
// ReloadTests: libraries that are dropped in, replaced, broken and removed while a host runs and calls are under way.

import Foundation
import Testing

/// A project with a host that writes its log into a file, and libraries compiled for the test.
private final class Reloading {
    let corral: Corral
    private let host: Process
    private let log: URL

    init(_ configuration: String = "") throws {
        corral = try Corral()
        _ = try corral.write("corral.yaml", configuration)
        log = corral.project.appending(path: "host.log")
        host = try corral.start(["serve"], output: log)
        try eventually("the host listens") { try corral("host", "status").status == 0 }
    }

    deinit {
        corral.stop()
        host.waitUntilExit()
    }

    var said: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }
    var takeovers: Int { said.components(separatedBy: "takes over with").count - 1 }

    /// Compiles a version of the C agent and gives the path of the library, outside of the plugins folder.
    func build(_ version: String, _ flags: String...) throws -> URL {
        let target = corral.project.appending(path: "built-\(version).so")
        let source = Corral.repository.appending(path: "Tests/ReloadPlugins/versioned.c").path()
        let output = try Corral.execute(
            "/usr/bin/cc",
            [
                "-std=c11", "-D_GNU_SOURCE", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-I",
                Corral.repository.appending(path: "PluginSDK/include").path(), "-DVERSION=\"\(version)\"", "-o",
                target.path(), source,
            ] + flags)
        try #require(output.status == 0, "\(output)")
        return target
    }

    /// As `cp` and `mv` do it: finished beside, then renamed.
    func put(_ library: URL, as name: String = "versioned.so") throws {
        let new = corral.pluginFolder.appending(path: ".\(name)")
        try? FileManager.default.removeItem(at: new)
        try FileManager.default.copyItem(at: library, to: new)
        try #require(rename(new.path(), corral.pluginFolder.appending(path: name).path()) == 0)
    }

    func answer(_ agent: String = "test/versioned", _ arguments: String...) throws -> String {
        let output = try corral.run(["run", agent, "--json"] + arguments)
        guard output.status == 0 else { return output.standardError }
        return try output.json()["output"] as? String ?? output.standardOutput
    }
}

@Suite(.serialized)
struct ReloadTests {
    @Test func takesTheNewVersionAndFinishesCallsOfTheOld() throws {
        let reloading = try Reloading()
        try reloading.put(try reloading.build("1"))
        #expect(try reloading.answer() == "1")
        let said = reloading.corral.project.appending(path: "said")
        let long = try reloading.corral.start(["run", "test/versioned", "--input", "ms=3000", "--json"], output: said)
        try eventually("it runs") {
            let workers = try reloading.corral("host", "status", "--json").json()["workers"] as? [[String: Any]]
            return workers?.contains { $0["calls_running"] as? Int == 1 } == true
        }
        try reloading.put(try reloading.build("2"))
        try eventually("the new version answers") { try reloading.answer() == "2" }
        #expect(long.isRunning)
        long.waitUntilExit()
        #expect(long.terminationStatus == 0)
        #expect(try String(contentsOf: said, encoding: .utf8).contains("\"1\""))
    }

    @Test func writingOverALoadedLibraryInPlaceHurtsNobody() throws {
        let reloading = try Reloading()
        try reloading.put(try reloading.build("1"))
        #expect(try reloading.answer() == "1")
        let worker = try #require(reloading.corral.workerProcesses.first)
        let place = reloading.corral.pluginFolder.appending(path: "versioned.so")
        let bytes = try Data(contentsOf: try reloading.build("2"))
        let handle = try FileHandle(forWritingTo: place)
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: bytes.prefix(bytes.count / 2))
        #expect(try reloading.answer() == "1")
        #expect(Processes.isAlive(worker) && reloading.takeovers == 0)
        try handle.write(contentsOf: bytes.dropFirst(bytes.count / 2))
        try handle.close()
        try eventually("the whole file answers") { try reloading.answer() == "2" }
        #expect(reloading.takeovers == 1)
    }

    @Test func whatCannotBeLoadedLeavesTheOldVersionServing() throws {
        let reloading = try Reloading()
        try reloading.put(try reloading.build("1"))
        #expect(try reloading.answer() == "1")
        for (file, word) in [("no library", "CRL-0402"), ("refuses", "CRL-0415")] {
            if file == "refuses" {
                // Passes the probe and refuses where it would serve.
                try reloading.put(try reloading.build("2", "-DREFUSES"))
            } else {
                _ = try reloading.corral.write("plugins.d/versioned.so", file)
            }
            try eventually("\(word) is shown") {
                try reloading.corral("plugin", "show", "test/versioned").standardOutput.contains(word)
            }
            #expect(try reloading.answer() == "1")
            #expect(try reloading.corral("plugin", "list").standardOutput.contains(word))
        }
        try reloading.put(try reloading.build("3"))
        try eventually("the repaired one answers") { try reloading.answer() == "3" }
        #expect(try !reloading.corral("plugin", "show", "test/versioned").standardOutput.contains("CRL-"))
    }

    @Test func removalIsSaidAndTheFileMayComeBack() throws {
        let reloading = try Reloading()
        let library = try reloading.build("1")
        try reloading.put(library)
        #expect(try reloading.answer() == "1")
        try FileManager.default.removeItem(at: reloading.corral.pluginFolder.appending(path: "versioned.so"))
        let refused = try reloading.corral("run", "test/versioned")
        #expect(refused.status == 3 && refused.standardError.contains("was removed"), "\(refused)")
        try reloading.put(library)
        #expect(try reloading.answer() == "1")
    }

    @Test func atTheDrainDeadlineAStepGoesOnInTheNewVersion() throws {
        let reloading = try Reloading("host: {workers: {drain: 300ms}}\n")
        try reloading.put(try reloading.build("1"))
        let said = reloading.corral.project.appending(path: "said")
        let long = try reloading.corral.start(["run", "test/versioned", "--input", "ms=4000", "--json"], output: said)
        try eventually("it runs") {
            let workers = try reloading.corral("host", "status", "--json").json()["workers"] as? [[String: Any]]
            return workers?.contains { $0["calls_running"] as? Int == 1 } == true
        }
        try reloading.put(try reloading.build("2"))
        long.waitUntilExit()
        #expect(long.terminationStatus == 0)
        let text = try String(contentsOf: said, encoding: .utf8)
        #expect(text.contains("\"2\""), "\(text)")
        let shown = try reloading.corral("runs", "show", "last")
        #expect(shown.standardOutput.contains("generation_retired"), "\(shown)")
    }

    @Test func aNewGenerationKilledWhileItLoadsIsStartedAgain() throws {
        let reloading = try Reloading("host: {workers: {restart_backoff: 5ms}}\n")
        try reloading.put(try reloading.build("1"))
        #expect(try reloading.answer() == "1")
        let old = Set(reloading.corral.workerProcesses)
        try reloading.put(try reloading.build("2", "-DSLOW_START_MS=4000"))
        var new: Int32?
        try eventually("it loads") {
            let status = try reloading.corral("host", "status", "--json").json()["workers"] as? [[String: Any]]
            let checking = status?.first { $0["state"] as? String == "checking" }
            new = (checking?["pid"] as? Int).map(Int32.init)
            return new != nil
        }
        let victim = try #require(new)
        #expect(!old.contains(victim))
        kill(victim, SIGKILL)
        // Longer than a start waits for new content.
        #expect(try reloading.answer() == "1")
        try eventually("another try answers") { try reloading.answer() == "2" }
    }

    @Test func aHundredReplacementsUnderLoadFailNoRun() throws {
        let reloading = try Reloading()
        try reloading.put(try reloading.build("1"))
        let libraries = [try reloading.build("1"), try reloading.build("2")]
        let flow = try reloading.corral.write(
            "load.yaml",
            """
            flow: load
            steps:
              all: {agent: test/versioned, for_each: "${range(100)}", max_parallel: 8, with: {ms: 10}}
            output: "${size(all)}"
            """.replacing("range(100)", with: "[\((0..<100).map(String.init).joined(separator: ","))]"))
        #expect(try reloading.answer() == "1")
        let program = Corral.products.appending(path: "corral").path()
        let (project, environment) = (reloading.corral.project, reloading.corral.environment)
        let state = LoadState()
        let thread = Thread {
            while !state.isOver {
                let output = try? Corral.execute(
                    program, ["run", flow, "--json"], folder: project, environment: environment)
                state.ended(output)
            }
            state.stopped()
        }
        thread.start()
        for number in 1...100 {
            // The same two versions in turn, each time as other content.
            var bytes = try Data(contentsOf: libraries[number % 2])
            bytes.append(contentsOf: Data("\(number)".utf8))
            let file = project.appending(path: "next.so")
            try bytes.write(to: file)
            try reloading.put(file)
            try eventually("replacement \(number) serves") { reloading.takeovers >= number }
        }
        state.isOver = true
        state.wait()
        print("reload under load: \(state.runs) runs of 100 steps beside 100 replacements")
        #expect(state.runs > 0 && state.failures.isEmpty, "\(state.failures.prefix(2))")
        #expect(try reloading.answer() == "1")
        let retries = try reloading.corral("runs", "list", "--json").standardOutput
        #expect(!retries.contains("\"failed\""), "\(retries.prefix(500))")
    }

    @Test func aTenantsOwnPluginIsVisibleToItAlone() throws {
        let reloading = try Reloading(
            "multi_tenancy: {enabled: true, tenant_config: {allow_custom_agents: true}}\n")
        let corral = reloading.corral
        for tenant in ["acme", "globex"] { try #require(try corral("tenant", "add", tenant).status == 0) }
        #expect(try corral("plugin", "list", "--tenant", "acme").status == 0)
        let folder = corral.home.appending(path: "tenants/acme/plugins.d")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: try reloading.build("1", "-DID=\"own\""), to: folder.appending(path: "own.so"))
        #expect(try reloading.answer("test/own", "--tenant", "acme") == "1")
        #expect(try corral("run", "test/own", "--tenant", "globex").status == 3)
        #expect(try corral("run", "test/own").status == 3)
        #expect(try !corral("plugin", "list", "--tenant", "globex").standardOutput.contains("test/own"))
        let (own, shared) = (
            try corral("plugin", "show", "test/own", "--tenant", "acme", "--json").json(),
            try corral("plugin", "show", "corral/file-facts", "--tenant", "acme", "--json").json()
        )
        #expect(own["compartment"] as? String != shared["compartment"] as? String)
    }

    static let hasRust = (try? Corral.execute("/usr/bin/env", ["rustc", "--version"]))?.status == 0

    @Test(.enabled(if: hasRust, "needs rustc"))
    func replacesALibraryInRust() throws {
        let reloading = try Reloading()
        for version in ["1", "2"] {
            let target = reloading.corral.project.appending(path: "rusty-\(version).so")
            let output = try Corral.execute(
                "/usr/bin/env",
                [
                    "VERSION=\(version)", "rustc", "--edition", "2021", "--crate-type", "cdylib", "-O", "-C",
                    "panic=abort", "-o", target.path(),
                    Corral.repository.appending(path: "Tests/ReloadPlugins/versioned.rs").path(),
                ])
            try #require(output.status == 0, "\(output)")
            try reloading.put(target, as: "rusty.so")
            try eventually("version \(version) answers") { try reloading.answer("test/rusty") == version }
        }
        #expect(reloading.takeovers == 1)
    }

    /// The same agent under another name and with other content: building one would take longer than all other tests.
    @Test func replacesALibraryInSwift() throws {
        let reloading = try Reloading()
        var library = try Data(contentsOf: Corral.products.appending(path: "libcorral-market-data.so"))
        while let place = library.range(of: Data("corral/market-data".utf8)) {
            library.replaceSubrange(place, with: Data("corral/market-test".utf8))
        }
        let prices = Corral.repository.appending(
            path: "Tests/MarketDataTests/Fixtures/us-stocks-monthly-2000-2010.csv"
        ).path()
        for number in 0..<2 {
            library.append(UInt8(number))
            let file = reloading.corral.project.appending(path: "swift.so")
            try library.write(to: file)
            try reloading.put(file, as: "swift.so")
            let output = try reloading.corral(
                "run", "corral/market-test", "--input", "prices=@\(prices)", "--input", "symbol=MSFT")
            #expect(output.status == 0, "\(output)")
            try eventually("version \(number) serves") { reloading.takeovers == number }
        }
    }
}

/// What the thread that makes load and the test tell each other.
private final class LoadState: @unchecked Sendable {
    // Unchecked: everything is behind the lock.
    private let lock = NSLock()
    private let done = DispatchSemaphore(value: 0)
    private var over = false
    private var count = 0
    private var failed: [String] = []

    var isOver: Bool {
        get { lock.withLock { over } }
        set { lock.withLock { over = newValue } }
    }
    var runs: Int { lock.withLock { count } }
    var failures: [String] { lock.withLock { failed } }

    func ended(_ output: Corral.Output?) {
        lock.withLock {
            count += 1
            if output?.status != 0 { failed.append("\(String(describing: output))") }
        }
    }

    func stopped() { done.signal() }
    func wait() { done.wait() }
}
