// SPDX-License-Identifier: Apache-2.0
// ScanTests: plugins folders as people leave them. A broken file is a problem with a reason; its neighbours are used.

import CorralBase
import CorralCatalog
import Foundation
import Testing

struct ScanTests {
    @Test func aFileAndAFolderArePlugins() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: manifest("test/a"))
        try folder.plugin("b/lib.so", manifest: manifest("test/b"))
        try folder.write("b/lib/data.txt", "x")
        try folder.write("README.md", "nothing to see")
        let snapshot = try await scan(folder)
        #expect(snapshot.problems.isEmpty)
        #expect(snapshot.agentNames == ["test/a", "test/b"])
        let a = try snapshot.agent("test/a")
        #expect(a.form == .library && a.source == folder.plugins + "/a.so")
        #expect(a.loadPath == "\(folder.cache)/\(a.digest)/plugin.so")
        #expect(try snapshot.agent("test/b").loadPath.hasSuffix("/lib.so"))
    }

    @Test func theDigestOfAFileIsItsSHA256AndScansAgree() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: manifest("test/a"))
        let first = try await scan(folder).agent("test/a")
        #expect(run("sh", "-c", "echo '\(first.digest)  \(folder.plugins)/a.so' | sha256sum -c --status") == 0)
        #expect(try await scan(folder).agent("test/a") == first)
    }

    @Test func anOverwrittenFileLeavesTheCopyAlone() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: manifest("test/a"))
        let before = try await scan(folder).agent("test/a")
        let copy = FileManager.default.contents(atPath: before.loadPath)
        try folder.write("a.so", "broken in place")
        #expect(FileManager.default.contents(atPath: before.loadPath) == copy)
        #expect(try await scan(folder).problem("a.so")?.error.code == .pluginNotELF)
    }

    @Test func answersAreRememberedByContentAndBuild() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: manifest("test/a"))
        let prober = ScriptedProber()
        let cache = MemoryProbeCache()
        for _ in 0..<3 {
            let scan = try Scan(folder, prober, cache: cache)
            #expect(await scan.run([folder.plugins]).entries.count == 1)
        }
        #expect(prober.probes == 1)
    }

    @Test func brokenFilesAreProblemsAndNeighboursWork() async throws {
        let folder = try Folder()
        try folder.plugin("good.so", manifest: manifest("test/good"))
        try folder.write("text.so", "not a library\n")
        try folder.write("mac.dylib", "x")
        try folder.write("old.so.1", "x")
        try folder.write("lost.plugin.yaml", "isolate: true\n")
        try folder.write("two/a.so", "x")
        try folder.write("two/b.so", "x")
        mkfifo(folder.plugins + "/pipe.so", 0o600)
        symlink("/usr/lib", folder.plugins + "/outside")
        symlink("loop.so", folder.plugins + "/loop.so")
        symlink("/etc/passwd", folder.plugins + "/passwd.so")
        symlink("good.so", folder.plugins + "/.hidden.so")
        let snapshot = try await scan(folder)
        #expect(snapshot.entries.count == 1)
        let expected: [(String, ErrorCode, String)] = [
            ("text.so", .pluginNotELF, "a text file"), ("mac.dylib", .pluginFileRefused, "end in .so"),
            ("old.so.1", .pluginFileRefused, "end in .so"), ("lost.plugin.yaml", .pluginFileRefused, "no \"lost.so\""),
            ("two", .pluginFolderUnclear, "a.so, b.so"), ("pipe.so", .pluginFileRefused, "a pipe"),
            ("outside", .pluginFileRefused, "a link to \"/usr/lib\""), ("loop.so", .pluginFileRefused, "followed"),
            ("passwd.so", .pluginFileRefused, "a link to \"/etc/passwd\""),
        ]
        for (name, code, words) in expected {
            let problem = try #require(snapshot.problem(name), "\(name)")
            #expect(problem.error.code == code, "\(name)")
            #expect(problem.error.message.contains(words), "\(problem.error.message)")
        }
        #expect(snapshot.problems.count == expected.count)
    }

    @Test func aLinkWithinTheFolderIsFollowed() async throws {
        let folder = try Folder()
        try folder.plugin("real/lib.so", manifest: manifest("test/a"))
        symlink("real", folder.plugins + "/alias")
        let snapshot = try await scan(folder)
        // The same content twice is one plugin.
        #expect(snapshot.problems.isEmpty)
        #expect(snapshot.entries.count == 1)
    }

    @Test func anIDThatTwoFilesClaimBelongsToNone() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: manifest("test/same"))
        try folder.plugin("b.so", manifest: manifest("test/same", ",\"serial\":true"))
        let snapshot = try await scan(folder)
        #expect(snapshot.entries.isEmpty)
        let message = try #require(snapshot.problem("a.so")?.error.message)
        #expect(message.contains("/a.so") && message.contains("/b.so"))
        #expect(throws: CorralError.self) { try snapshot.agent("test/same") }
    }

    @Test func aHugeFileIsRefusedUnread() async throws {
        let folder = try Folder()
        #expect(run("truncate", "-s", "300M", folder.plugins + "/huge.so") == 0)
        let problem = try await scan(folder).problem("huge.so")
        #expect(problem?.error.message.contains("larger than") == true)
    }

    @Test func anotherToolchainIsNamedWithOurs() async throws {
        let folder = try Folder()
        try folder.compile(
            "a.so",
            """
            struct { unsigned a, b, c; char name[8]; char text[12]; } note
                __attribute__((section(".note.corral"), aligned(4), used)) = {7, 11, 1, "Corral", "swift-6.9.0"};
            void *corral_plugin_entry(void *h) { return h; }
            """)
        let prober = ScriptedProber()
        let error = try #require(try await scan(folder, prober).problem("a.so")?.error)
        #expect(error.code == .pluginWrongToolchain)
        #expect(error.message.contains("swift-6.9.0") && error.message.contains("swift-6.3.1 test"))
        #expect(prober.probes == 0)
    }

    @Test func namesAreSuggested() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: manifest("test/greeter"))
        let snapshot = try await scan(folder)
        let error = #expect(throws: CorralError.self) { try snapshot.agent("test/greter") }
        #expect(error?.hint == "did you mean \"test/greeter\"?")
    }

    @Test func aMissingFolderHoldsNothing() async throws {
        let folder = try Folder()
        let snapshot = try await Scan(folder).run([folder.path + "/nowhere"])
        #expect(snapshot.entries.isEmpty && snapshot.problems.isEmpty)
    }
}
