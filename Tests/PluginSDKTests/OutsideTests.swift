// SPDX-License-Identifier: Apache-2.0

import CCorralToolchain
import Foundation
import Testing

/// What authors build: the templates and the samples of the pages, outside the repository and without a network. It
/// takes a whole release build of the SDK and can be run alone: `swift test --filter OutsideTests`.
@Suite(.serialized)
struct OutsideTests {
    static let swiftPage = "write-an-agent-in-swift.md"
    static let cPage = "write-an-agent-in-c.md"
    static let pages = [swiftPage, cPage, "versioning.md"]

    /// Exit code 77 of build-outside.sh, found out beforehand so that the report says "skipped".
    static let canCutTheNetwork =
        ["-n", "-rn"].contains { (try? Command.run(["unshare", $0, "true"]))?.status == 0 }

    @Test(arguments: pages)
    func saysOfEveryBlockOfCodeWhatItIs(page: String) throws {
        for block in try MarkdownPage(named: page).blocks where ["swift", "c"].contains(block.language) {
            #expect(block.role != .unmarked, "\(page): this code is compiled by no test:\n\(block.text)")
        }
    }

    @Test(arguments: pages)
    func showsTheTemplatesAsTheyAre(page: String) throws {
        for case .sameAs(let name) in try MarkdownPage(named: page).blocks.map(\.role) {
            let file = try String(contentsOf: Repository.sdk.appending(path: name), encoding: .utf8)
            let shown = try MarkdownPage(named: page).blocks.filter { $0.role == .sameAs(name) }.map(\.text)
            #expect(shown.allSatisfy { Self.isExcerpt($0, of: file) }, "\(page) shows another \(name)")
        }
    }

    /// A page leaves out the license line, and may leave out the beginning.
    private static func isExcerpt(_ shown: String, of file: String) -> Bool {
        !shown.isEmpty && file.hasSuffix(shown)
    }

    @Test(arguments: [cPage, "versioning.md"])
    func compilesThePagesSamplesInC(page: String) throws {
        let scratch = try ScratchFolder()
        for (name, text) in try MarkdownPage(named: page).compiled {
            let file = scratch.url.appending(path: name)
            try Data(text.utf8).write(to: file)
            let build = try Command.run(
                [
                    "cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", Repository.headers.path,
                    file.path,
                ])
            #expect(build.status == 0, "\(name):\n\(build.output)")
        }
    }

    @Test(.enabled(if: canCutTheNetwork, "needs unshare -n"))
    func buildsTemplatesAndSamplesWithoutANetwork() throws {
        let scratch = try ScratchFolder()
        let overlay = scratch.url.appending(path: "overlay")
        for (name, text) in try MarkdownPage(named: Self.swiftPage).compiled {
            let file = overlay.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let script = Repository.root.appending(path: "Tests/PluginSDKTests/build-outside.sh")
        let out = scratch.url.appending(path: "out")
        let build = try Command.run(["sh", script.path, Repository.sdk.path, out.path, overlay.path])
        try #require(build.status == 0, "\(build.output)")

        let greeter = out.appending(path: "libgreeter.so")
        let echo = out.appending(path: "echo.so")
        #expect(try Self.exports(greeter) == ["corral_plugin_entry"])
        #expect(try Self.exports(echo) == ["corral_plugin_entry"])
        #expect(try Self.note(greeter)?.contains(String(cString: corral_toolchain())) == true)
        #expect(try Self.note(echo) == nil)

        // What an author who wants a small file does must not cost the note.
        try #require(try Command.run(["strip", "--strip-all", greeter.path]).status == 0)
        #expect(try Self.note(greeter)?.contains(String(cString: corral_toolchain())) == true)
    }

    private static func exports(_ library: URL) throws -> [String] {
        let list = try Command.run(["nm", "-D", "--defined-only", library.path]).output
        return list.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
    }

    /// The bytes of the note as text; nil without one.
    private static func note(_ library: URL) throws -> String? {
        let sections = try Command.run(["readelf", "-W", "--string-dump=.note.corral", library.path]).output
        return sections.contains("swift-") ? sections : nil
    }
}
