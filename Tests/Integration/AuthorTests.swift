// SPDX-License-Identifier: Apache-2.0
// AuthorTests: an author's day with an installed Corral: new, build, check, add, run, and the loop of `corral dev`.

import Foundation
import Testing

/// A copy of Corral as `make install` makes it, from the debug products, once for the whole test run.
enum Installed {
    static let prefix: Result<URL, any Error> = Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "corral-installed-\(getpid())")
        try? FileManager.default.removeItem(at: folder)
        let repository = Corral.repository.path()
        // The products lie in .build/TRIPLE/debug; the Makefile knows them by the link .build/debug.
        let output = try Corral.execute(
            "/usr/bin/env",
            ["make", "-s", "-C", repository, "install-files", "CONFIG=debug", "PREFIX=\(folder.path())", "DESTDIR="])
        guard output.status == 0 else { throw Corral.BuildFailure(text: output.standardOutput + output.standardError) }
        return folder
    }

    static var corral: String {
        get throws { try prefix.get().appending(path: "bin/corral").path() }
    }

    /// The folder with the toolchain's libraries that the built programs use.
    static let runtime: String = {
        let output = try? Corral.execute("/usr/bin/ldd", [Corral.products.appending(path: "corral-worker").path()])
        let line = output?.standardOutput.split(separator: "\n").first { $0.contains("libswiftCore.so =>") }
        let path = line?.split(separator: " ").first { $0.hasPrefix("/") } ?? ""
        return URL(filePath: String(path)).deletingLastPathComponent().path(percentEncoded: false)
    }()

    /// Runs the installed program where neither the build tree nor the toolchain can be seen, if this machine lets us
    /// make such a place.
    static func alone(_ arguments: [String], in folder: URL) throws -> Corral.Output {
        let build = Corral.repository.appending(path: ".build").resolvingSymlinksInPath().path()
        let script = """
            mount -t tmpfs none "$1" && mount -t tmpfs none "$2" && shift 2 && exec "$@"
            """
        let words = ["unshare", canUnshare ? "-m" : "-rm", "sh", "-c", script, "sh", build, runtime, try corral]
        return try Corral.execute(
            "/usr/bin/env", words + arguments, folder: folder, environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
    }

    private static let canUnshare = (try? Corral.execute("/usr/bin/env", ["unshare", "-m", "true"]))?.status == 0
    static let canHide = canUnshare || (try? Corral.execute("/usr/bin/env", ["unshare", "-rm", "true"]))?.status == 0
}

@Suite(.serialized)
struct AuthorTests {
    /// Runs the installed program in a project.
    private func installed(_ project: Corral, _ arguments: String...) throws -> Corral.Output {
        try Corral.execute(try Installed.corral, arguments, folder: project.project)
    }

    // MARK: The installed copy

    @Test func installsWhatAnAuthorNeedsAndTakesItAwayAgain() throws {
        let prefix = try Installed.prefix.get()
        for path in [
            "bin/corral", "libexec/corral/corral-worker", "libexec/corral/corral-spawner",
            "lib/corral/swift/libswiftCore.so", "lib/corral/plugins.d/corral-market-data.so", "lib/pkgconfig/corral.pc",
            "include/corral/corral.h", "share/corral/flows/market-review/flow.yaml", "share/corral/errors/CRL-0840.md",
            "share/corral/sdk/Package.swift", "share/corral/sdk/Templates/templates.json",
            "share/bash-completion/completions/corral", "share/zsh/site-functions/_corral", "share/doc/corral/LICENSE",
        ] {
            #expect(FileManager.default.fileExists(atPath: prefix.appending(path: path).path()), "\(path)")
        }
        let flags = try Corral.execute(
            "/usr/bin/env", ["pkg-config", "--cflags", "corral"],
            environment: ["PKG_CONFIG_PATH": prefix.appending(path: "lib/pkgconfig").path()])
        #expect(flags.standardOutput.contains("-I\(prefix.path())/include"), "\(flags)")

        // Another copy, with something in it that the installer did not put there.
        let other = FileManager.default.temporaryDirectory.appending(path: "corral-gone-\(getpid())")
        defer { try? FileManager.default.removeItem(at: other) }
        func make(_ target: String) throws -> Corral.Output {
            try Corral.execute(
                "/usr/bin/env",
                [
                    "make", "-s", "-C", Corral.repository.path(), target, "CONFIG=debug", "PREFIX=/usr/local",
                    "DESTDIR=\(other.path())",
                ])
        }
        #expect(try make("install-files").status == 0)
        let root = other.appending(path: "usr/local")
        let pc = try String(contentsOf: root.appending(path: "lib/pkgconfig/corral.pc"), encoding: .utf8)
        #expect(pc.contains("prefix=/usr/local\n"), "\(pc)")
        try Data().write(to: root.appending(path: "lib/corral/plugins.d/mine.so"))
        #expect(try make("uninstall").status == 0)
        let left = FileManager.default.enumerator(atPath: root.path())?.compactMap { $0 as? String } ?? []
        let files = left.filter { FileManager.default.isReadableFile(atPath: root.appending(path: $0).path()) }
            .filter {
                !((try? root.appending(path: $0).resourceValues(forKeys: [.isDirectoryKey]).isDirectory) ?? false)
            }
        #expect(files == ["lib/corral/plugins.d/mine.so"], "\(files)")
    }

    @Test(.enabled(if: Installed.canHide, "needs unshare -m"))
    func runsWithoutTheBuildTreeAndTheToolchain() throws {
        let project = try Corral()
        let run = try Installed.alone(["run", "market-review", "--json"], in: project.project)
        #expect(run.status == 0, "\(run.standardError)")
        #expect(try run.json()["state"] as? String == "succeeded")
        _ = try Installed.alone(["host", "stop"], in: project.project)

        // A C plugin from nothing to running.
        for arguments in [
            ["plugin", "new", "acme/echo", "--lang", "c"], ["plugin", "check", "echo", "--only", "sample"],
            ["plugin", "add", "echo"],
        ] {
            let output = try Installed.alone(arguments, in: project.project)
            #expect(output.status == 0, "\(arguments): \(output.standardOutput)\(output.standardError)")
        }
        let echo = try Installed.alone(["run", "acme/echo", "--input", "n=1", "--json"], in: project.project)
        #expect(echo.status == 0, "\(echo)")
        _ = try Installed.alone(["host", "stop"], in: project.project)
        let explained = try Installed.alone(["explain", "840"], in: project.project)
        #expect(explained.standardOutput.contains("folder_not_empty"), "\(explained)")
    }

    // MARK: The verbs

    @Test func refusesToTakeAnIdTwiceAndALibraryThatDoesNotLoad() throws {
        let project = try Corral()
        defer { _ = try? installed(project, "host", "stop") }
        for folder in ["one", "two"] {
            let made = try installed(
                project, "plugin", "new", "acme/echo", "--lang", "c", "--kind", "agent", "--folder", folder)
            #expect(made.status == 0, "\(made)")
        }
        let again = try installed(project, "plugin", "new", "acme/echo", "--lang", "c", "--folder", "one")
        #expect(again.status == 2 && again.standardError.contains("is not empty"), "\(again)")

        let added = try installed(project, "plugin", "add", "one", "--json")
        #expect(try added.json()["replaced"] is NSNull, "\(added)")
        let replaced = try installed(project, "plugin", "add", "two", "--json")
        #expect(try replaced.json()["replaced"] as? String == "1.0.0", "\(replaced)")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: project.pluginFolder.path()) == ["acme-echo.so"])

        let taken = try Corral.badPlugins.get().appending(path: "segfault.so").path()
        #expect(try installed(project, "plugin", "add", taken).status == 0)
        let crash = try Corral.badPlugins.get().appending(path: "entry-crash.so").path()
        let refused = try installed(project, "plugin", "add", crash)
        #expect(refused.status == 1 && refused.standardError.contains("SIGSEGV"), "\(refused)")
        #expect(!FileManager.default.fileExists(atPath: project.pluginFolder.appending(path: "entry-crash.so").path()))
        // An id that comes with Corral is not for others.
        try FileManager.default.copyItem(
            at: Corral.products.appending(path: "libcorral-file-facts.so"),
            to: project.project.appending(path: "mine.so"))
        let conflict = try installed(project, "plugin", "add", "mine.so")
        #expect(conflict.status == 1 && conflict.standardError.contains("provides it already"), "\(conflict)")
    }

    @Test func showsTheCompilersWordsWhenItFails() throws {
        let project = try Corral()
        #expect(try installed(project, "plugin", "new", "acme/broken", "--lang", "c", "--kind", "tool").status == 0)
        let source = project.project.appending(path: "broken/tools.c")
        try (String(contentsOf: source, encoding: .utf8) + "\nint oops(void) { return not_declared; }\n")
            .write(to: source, atomically: true, encoding: .utf8)
        let output = try installed(project, "plugin", "build", "broken")
        #expect(output.status == 1, "\(output)")
        #expect(output.standardError.contains("not_declared") && output.standardError.contains("CRL-0843"), "\(output)")
        let nowhere = try installed(project, "plugin", "build", ".")
        #expect(nowhere.status == 2 && nowhere.standardError.contains("CRL-0842"), "\(nowhere)")
    }

    static let hasCargo = (try? Corral.execute("/usr/bin/env", ["cargo", "--version"]))?.status == 0

    @Test(.enabled(if: hasCargo, "needs cargo"))
    func buildsACargoPackage() throws {
        let project = try Corral()
        _ = try project.write(
            "finder/Cargo.toml",
            """
            [package]
            name = "price-finder"
            version = "0.1.0"
            edition = "2021"

            [lib]
            crate-type = ["cdylib"]
            """)
        _ = try project.write(
            "finder/src/lib.rs",
            """
            #[no_mangle]
            pub extern "C" fn corral_plugin_entry(_host: *const u8) -> *const u8 { std::ptr::null() }
            """)
        let built = try installed(project, "plugin", "build", "finder", "--json")
        #expect(built.status == 0, "\(built)")
        let library = try #require(try built.json()["library"] as? String)
        #expect(library.hasSuffix("target/release/libprice_finder.so"))
        // It says no to every host, which is what the check then shows.
        let checked = try installed(project, "plugin", "check", library, "--only", "entry")
        #expect(checked.status == 1 && checked.standardOutput.contains("returned NULL"), "\(checked)")
    }

    @Test func callsAPluginInTheHarnessWithSanitizers() throws {
        let project = try Corral()
        #expect(try installed(project, "plugin", "new", "acme/sums", "--lang", "c", "--kind", "tool").status == 0)
        let folder = project.project.appending(path: "sums")
        let made = try Corral.execute("/usr/bin/env", ["make", "-s", "-C", folder.path(), "debug"])
        try #require(made.status == 0, "\(made)")
        let run = try Corral.execute(
            folder.appending(path: "debug").path(), ["sample-input.mean.json", "mean", "3"], folder: folder)
        #expect(run.status == 0 && run.standardOutput == "{\"value\":2.5}\n", "\(run)")
    }

    // MARK: The loop

    @Test func answersASaveInC() throws {
        let loop = try Loop(lang: "c", file: "agent.c")
        let first = try loop.next("answered")
        #expect((first["output"] as? [String: Any])?["echo"] != nil, "\(first)")
        for round in 1...3 {
            try loop.edit(#"text("{\"echo\":")"#, #"text("{\"echo\":[\#(round)],\"was\":")"#)
            let answer = try loop.next("answered")
            let echo = (answer["output"] as? [String: Any])?["echo"] as? [Int]
            #expect(echo == [round], "\(answer)")
            loop.note(answer, "C")
        }
        // A mistake is shown, the old one goes on, and the next save mends it.
        try loop.edit("static const void *get_extension", "oops static const void *get_extension")
        #expect((try loop.next("build_failed")["output"] as? String)?.contains("oops") == true)
        let other = try Corral.execute(
            try Installed.corral, ["run", "acme/edited", "--input", "n=1", "--json"], folder: loop.project.project)
        #expect(other.status == 0, "\(other)")
        #expect(try loop.next("call")["state"] as? String == "succeeded")
        try loop.edit("", "")
        #expect(try loop.next("answered")["state"] as? String == "succeeded")
        try loop.press("r")
        #expect(try loop.next("answered")["state"] as? String == "succeeded")
        // A save while a build is under way: that one is over, and what counts is what was saved last.
        let makefile = loop.folder.appending(path: "Makefile")
        let fast = try String(contentsOf: makefile, encoding: .utf8)
        let slow = fast.replacingOccurrences(of: "\t$(CC) $(CFLAGS)", with: "\tsleep 600; $(CC) $(CFLAGS)")
        try slow.write(to: makefile, atomically: true, encoding: .utf8)
        // The library is newer than the source, so there is nothing to make yet.
        _ = try loop.next("answered")
        try loop.edit("echoing", "echoing slowly")
        _ = try loop.next("building")
        try fast.write(to: makefile, atomically: true, encoding: .utf8)
        _ = try loop.next("superseded")
        #expect(try loop.next("answered")["state"] as? String == "succeeded")
        try loop.press("q")
        loop.process.waitUntilExit()
        #expect(loop.process.terminationStatus == 0)
    }

    /// One Swift package is built for all that is said about Swift here.
    @Test func answersASaveInSwiftAndTheReleaseBuildPassesTheChecks() throws {
        let loop = try Loop(lang: "swift", file: "Sources/Edited/Edited.swift")
        let first = try loop.next("answered")
        #expect((first["output"] as? [String: Any])?["text"] as? String == "Hello, Ada!", "\(first)")
        for round in 1...3 {
            try loop.edit("Hello, ", "Hello \(round), ")
            let answer = try loop.next("answered")
            #expect((answer["output"] as? [String: Any])?["text"] as? String == "Hello \(round), Ada!", "\(answer)")
            loop.note(answer, "Swift")
        }
        try loop.press("q")
        loop.process.waitUntilExit()
        let library = loop.folder.appending(path: ".build/debug/libedited.so").path()
        let checked = try Corral.execute(
            try Installed.corral, ["plugin", "check", library, "--input", "name=Ada", "--input", "times=2"],
            folder: loop.project.project)
        #expect(checked.status == 0, "\(checked.standardOutput)\(checked.standardError)")
    }

    /// `corral dev --json` of a new plugin.
    private final class Loop {
        let project: Corral
        let folder: URL
        let process = Process()
        private let source: URL
        private let original: String
        private let input = Pipe()
        private let output = Pipe()
        private var rest = Data()

        init(lang: String, file: String) throws {
            project = try Corral()
            let made = try Corral.execute(
                try Installed.corral, ["plugin", "new", "acme/edited", "--kind", "agent", "--lang", lang],
                folder: project.project)
            guard made.status == 0 else { throw Corral.BuildFailure(text: made.standardError) }
            folder = project.project.appending(path: "edited")
            source = folder.appending(path: file)
            original = try String(contentsOf: source, encoding: .utf8)
            process.executableURL = URL(filePath: try Installed.corral)
            process.arguments = ["dev", "edited", "--json"]
            process.currentDirectoryURL = project.project
            var variables = ProcessInfo.processInfo.environment
            variables["CORRAL_HOME"] = nil
            process.environment = variables
            process.standardInput = input
            process.standardOutput = output
            process.standardError = FileHandle.standardError
            try process.run()
        }

        deinit {
            // Not SIGTERM: a child of a test's thread may have inherited it blocked.
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
            _ = try? Corral.execute(
                (try? Installed.corral) ?? "/bin/true", ["host", "stop"], folder: project.project)
        }

        func edit(_ old: String, _ new: String) throws {
            try (old.isEmpty ? original + "\n" : original.replacingOccurrences(of: old, with: new))
                .write(to: source, atomically: true, encoding: .utf8)
        }

        func press(_ key: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(key.utf8)) }

        /// Waits for an event of this name.
        func next(_ event: String, within seconds: Double = 240) throws -> [String: Any] {
            let deadline = Date().addingTimeInterval(seconds)
            var seen: [String] = []
            while Date() < deadline {
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = Data(rest[..<end])
                    rest = Data(rest[(end + 1)...])
                    guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else { continue }
                    if object["event"] as? String == event { return object }
                    seen.append(String(decoding: line.prefix(300), as: UTF8.self))
                }
                var entry = pollfd(
                    fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&entry, 1, 1000) > 0 else { continue }
                let more = output.fileHandleForReading.availableData
                guard !more.isEmpty else { break }
                rest += more
            }
            throw Corral.BuildFailure(text: "no event \"\(event)\" after \(seen)")
        }

        /// Says how long a save took to its answer; docs/benchmarks.md has figures of a quiet machine.
        func note(_ answer: [String: Any], _ language: String) {
            let nanoseconds = answer["after_save_ns"] as? Int ?? 0
            print("dev: \(language): \(nanoseconds / 1_000_000) ms from the save to the answer")
        }
    }
}
