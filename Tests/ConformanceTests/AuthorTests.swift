// SPDX-License-Identifier: Apache-2.0
// AuthorTests: names, templates, folders and the watch, without a compiler or a host.

import CorralBase
import Foundation
import Testing

@testable import CorralAuthor

@Suite struct AuthorTests {
    static let sdk = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "PluginSDK").path(percentEncoded: false)

    /// A folder that is gone when its test is.
    final class Scratch {
        let path: String

        init() throws {
            path = FileManager.default.temporaryDirectory.appending(
                path: "corral-author-\(UUID().uuidString.prefix(8))"
            )
            .path(percentEncoded: false)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ name: String, _ text: String) throws {
            try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
        }
    }

    // MARK: Names

    @Test(arguments: [
        ("acme/risk-report", "RiskReport"), ("acme/3d", "Plugin3d"), ("acme/string", "StringPlugin"),
        ("acme/tool", "ToolPluginPlugin"), ("a/type", "TypePlugin"), ("acme/x--y-", "XY"),
    ])
    func makesATypeOfAName(_ id: String, _ type: String) throws {
        #expect(try PluginName(id).typeName == type)
    }

    @Test(arguments: ["greeter", "acme/", "/x", "Acme/x", "acme/x/y", "acme/x y", "acme/-x", "acme/../x", "acme/é"])
    func refusesNamesThatAreNoFilesAndTypes(_ id: String) {
        #expect(throws: CorralError.self) { try PluginName(id) }
    }

    // MARK: Templates

    @Test func hasOneTemplateForEachKindAndLanguage() throws {
        let all = try PluginTemplate.all(sdk: Self.sdk)
        let kinds = PluginKind.allCases.flatMap { ["\($0.rawValue) swift", "\($0.rawValue) c"] }
        #expect(Set(all.map { "\($0.kind) \($0.language)" }) == Set(kinds))
        #expect(all.count == kinds.count)
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sdk + "/Templates")
        #expect(Set(all.map(\.folder)) == Set(folders.filter { $0 != "templates.json" }))
    }

    @Test(arguments: PluginKind.allCases.flatMap { ["swift-\($0.rawValue)", "c-\($0.rawValue)"] })
    func rendersUnderAnotherNameAndLeavesNoTraceOfTheFirst(_ folder: String) throws {
        let scratch = try Scratch()
        let template = try #require(try PluginTemplate.all(sdk: Self.sdk).first { $0.folder == folder })
        let target = scratch.path + "/new"
        let files = try template.render(PluginName("shop/price-finder"), into: target, sdk: Self.sdk)
        #expect(files.contains("README.md") && files.contains { $0.hasPrefix("sample-input.") }, "\(files)")
        for file in files {
            let text = try String(contentsOfFile: "\(target)/\(file)", encoding: .utf8)
            for old in [template.name.id, template.name.typeName, "\(template.name.name).so", "../.."] {
                #expect(!text.contains(old), "\(file) still says \(old)")
            }
        }
        let build = files.contains("Makefile") ? "Makefile" : "Package.swift"
        #expect(try String(contentsOfFile: "\(target)/\(build)", encoding: .utf8).contains(Self.sdk))
        let readme = try String(contentsOfFile: "\(target)/README.md", encoding: .utf8)
        #expect(readme.contains("shop/price-finder") && readme.contains("corral plugin check"))
    }

    @Test func overwritesNothing() throws {
        let scratch = try Scratch()
        try scratch.write("mine", "precious")
        let template = try #require(try PluginTemplate.all(sdk: Self.sdk).first)
        let error = #expect(throws: CorralError.self) {
            try template.render(PluginName("acme/x"), into: scratch.path, sdk: Self.sdk)
        }
        #expect(error?.code == .folderNotEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["mine"])
    }

    @Test func refusesAnSDKThatBuildFilesCannotName() throws {
        let scratch = try Scratch()
        let template = try #require(try PluginTemplate.all(sdk: Self.sdk).first)
        let error = #expect(throws: CorralError.self) {
            try template.render(PluginName("acme/x"), into: scratch.path + "/x", sdk: "/opt/it's $HERE")
        }
        #expect(error?.code == .sdkMissing)
    }

    // MARK: Folders

    @Test func knowsAFolderByItsBuildFile() throws {
        let scratch = try Scratch()
        #expect(throws: CorralError.self) { try PluginFolder(scratch.path) }
        try scratch.write("Makefile", "")
        #expect(try PluginFolder(scratch.path).language == .c)
        try scratch.write("Cargo.toml", "[package]\nname = \"price-finder\"\n[lib]\ncrate-type = [\"cdylib\"]\n")
        #expect(try PluginFolder(scratch.path).language == .rust)
        try scratch.write("Package.swift", #".library(name: "finder", type: .dynamic, targets: [])"#)
        let folder = try PluginFolder(scratch.path)
        #expect(folder.language == .swift)
        #expect(try folder.compiler(isDebug: true).command.hasSuffix("-c debug --product finder"))
    }

    @Test func saysWhichOfTwoLibrariesIsUnclear() throws {
        let scratch = try Scratch()
        try scratch.write("Makefile", "")
        try scratch.write("a.so", "")
        try scratch.write("b.so", "")
        let error = #expect(throws: CorralError.self) { try PluginFolder(scratch.path).library(isDebug: false) }
        #expect(error?.message.contains("a.so, b.so") == true)
    }

    @Test func findsSamplesByTool() throws {
        let scratch = try Scratch()
        try scratch.write("Makefile", "")
        try scratch.write("sample-input.json", "{}")
        try scratch.write("sample-input.mean.json", "[]")
        let samples = try PluginFolder(scratch.path).samples()
        #expect(samples[""]?.name == "sample-input.json" && samples["mean"]?.body == Array("[]".utf8))
    }

    // MARK: Placing

    @Test func replacesALibraryByRenameAndLeavesNothingElse() throws {
        let scratch = try Scratch()
        try scratch.write("old.so", "old")
        try scratch.write("new.so", "new")
        let folder = scratch.path + "/plugins.d"
        try PluginPlacement.place(scratch.path + "/old.so", at: folder + "/x.so")
        let held = try FileHandle(forReadingFrom: URL(filePath: folder + "/x.so"))
        try PluginPlacement.place(scratch.path + "/new.so", at: folder + "/x.so")
        // Who has the old one open keeps it whole.
        #expect(try held.readToEnd() == Data("old".utf8))
        #expect(try String(contentsOfFile: folder + "/x.so", encoding: .utf8) == "new")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x.so"])
    }

    @Test func replacesAFolderThatIsNotEmpty() throws {
        let scratch = try Scratch()
        for (name, text) in [("old", "1"), ("new", "2")] {
            try FileManager.default.createDirectory(
                atPath: "\(scratch.path)/\(name)", withIntermediateDirectories: true)
            try scratch.write("\(name)/lib.so", text)
        }
        let folder = scratch.path + "/plugins.d"
        for name in ["old", "new"] { try PluginPlacement.place("\(scratch.path)/\(name)", at: folder + "/x") }
        #expect(try String(contentsOfFile: folder + "/x/lib.so", encoding: .utf8) == "2")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x"])
    }

    // MARK: Compilers

    @Test func tellsACompilerThatIsNotThere() {
        let error = #expect(throws: CorralError.self) {
            try CompilerRun(["corral-no-such-compiler"]).run(ownGroup: false)
        }
        #expect(error?.code == .compilerMissing)
    }

    @Test func stopsACompilerWithEverythingItStarted() throws {
        let scratch = try Scratch()
        let file = scratch.path + "/child"
        let run = CompilerRun(["sh", "-c", "sleep 600 & echo $! > \(file); wait"])
        DispatchQueue.global().async {
            let deadline = Date().addingTimeInterval(30)
            while (try? String(contentsOfFile: file, encoding: .utf8))?.hasSuffix("\n") != true, Date() < deadline {
                usleep(1000)
            }
            run.stop()
        }
        // It would not return before the child closes the pipe.
        let result = try run.run(ownGroup: true)
        #expect(result.words == "signal 9")
    }

    // MARK: Watching

    /// What comes next: a file counts as closed a little later when another thread is just starting a process.
    private func next(_ watch: SourceWatch) throws -> Set<String> {
        var entry = pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)
        for _ in 0..<100 {
            poll(&entry, 1, 100)
            let changes = try watch.changes()
            if !changes.isEmpty { return changes }
        }
        return []
    }

    @Test func hearsSavesAndNotWhatBuildsWrite() throws {
        let scratch = try Scratch()
        for folder in ["Sources/Greeter", ".build/debug"] {
            try FileManager.default.createDirectory(
                atPath: "\(scratch.path)/\(folder)", withIntermediateDirectories: true)
        }
        let watch = try SourceWatch(scratch.path)
        try scratch.write(".build/debug/x.swift", "")
        try scratch.write("greeter.so", "")
        try scratch.write("Package.resolved", "")
        #expect(try watch.changes().isEmpty)
        try scratch.write("Sources/Greeter/Greeter.swift", "let a = 1")
        #expect(try next(watch) == ["Sources/Greeter/Greeter.swift"])
        // As editors save: a new file under another name, and a rename.
        try scratch.write("Sources/Greeter/.Greeter.swift.new", "let a = 2")
        rename(scratch.path + "/Sources/Greeter/.Greeter.swift.new", scratch.path + "/Sources/Greeter/Greeter.swift")
        #expect(try next(watch) == ["Sources/Greeter/Greeter.swift"])
    }

    @Test func watchesFoldersThatAppear() throws {
        let scratch = try Scratch()
        let watch = try SourceWatch(scratch.path)
        try FileManager.default.createDirectory(atPath: scratch.path + "/Sources", withIntermediateDirectories: true)
        #expect(try next(watch) == ["Sources"])
        try scratch.write("Sources/a.c", "int a;")
        #expect(try next(watch) == ["Sources/a.c"])
    }
}
