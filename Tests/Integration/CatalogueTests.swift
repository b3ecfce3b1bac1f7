// SPDX-License-Identifier: Apache-2.0
// CatalogueTests: files in plugins.d that are no plugin, or not one for this host: each is named with its reason, and
// the good one beside them runs.

import Foundation
import Testing

struct BadFile: Sendable, CustomTestStringConvertible {
    var file: String
    var code: String
    var says: [String] = []
    var testDescription: String { file }
}

@Suite(.serialized)
struct CatalogueTests {
    static let files = [
        BadFile(file: "text.so", code: "CRL-0402"), BadFile(file: "other-machine.so", code: "CRL-0403", says: ["x86"]),
        BadFile(file: "missing-dependency.so", code: "CRL-0405", says: ["libcorral-absent.so"]),
        BadFile(file: "no-entry.so", code: "CRL-0406"),
        BadFile(file: "entry-crash.so", code: "CRL-0407", says: ["SIGSEGV"]),
        BadFile(file: "entry-hang.so", code: "CRL-0408"),
        BadFile(file: "bad-manifest.so", code: "CRL-0409", says: ["JSON"]),
        BadFile(file: "wrong-abi.so", code: "CRL-0410", says: ["7.3"]),
        BadFile(file: "other-swift.so", code: "CRL-0411", says: ["swift-"]),
    ]

    @Test func namesEachFileThatIsNoPlugin() throws {
        let corral = try Corral()
        try corral.install(
            "echo", "missing-dependency", "no-entry", "entry-crash", "entry-hang", "bad-manifest", "wrong-abi")
        _ = try corral.write("plugins.d/text.so", "this is no library\n")
        try patched("echo", to: "other-machine") { $0[18] = 0xB7 }
        try patchedSwift(in: corral)
        func patched(_ name: String, to target: String, _ change: (inout Data) -> Void) throws {
            var bytes = try Data(contentsOf: try Corral.badPlugins.get().appending(path: "\(name).so"))
            change(&bytes)
            try bytes.write(to: corral.pluginFolder.appending(path: "\(target).so"))
        }

        let list = try corral("plugin", "list", "--json")
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(list.standardOutput.utf8)) as? [[String: Any]], "\(list)")
        for expected in Self.files {
            let row = rows.first { "\($0["path"] ?? "")".hasSuffix("/" + expected.file) }
            let error = row?["error"] as? [String: Any]
            #expect(error?["code"] as? String == expected.code, "\(expected.file): \(row ?? [:])")
            let text = "\(error?["message"] ?? "") \(error?["cause"] ?? "")"
            for word in expected.says { #expect(text.contains(word), "\(expected.file): \(text)") }
        }
        #expect(try corral("run", "test/echo").status == 0)
    }

    /// A plugin in Swift whose note names another toolchain; the worker would die while it loads such a library.
    private func patchedSwift(in corral: Corral) throws {
        let plugin = Corral.products.appending(path: "libcorral-technical-analyst.so")
        var bytes = try Data(contentsOf: plugin)
        let note = try #require(bytes.range(of: Data("swift-".utf8), in: try noteRange(plugin)))
        bytes[note.upperBound] = UInt8(ascii: "4")
        try bytes.write(to: corral.pluginFolder.appending(path: "other-swift.so"))
    }

    private func noteRange(_ file: URL) throws -> Range<Data.Index> {
        let sections = try Corral.execute("/usr/bin/env", ["readelf", "-SW", file.path()]).standardOutput
        let line = try #require(sections.split(separator: "\n").first { $0.contains(".note.corral") })
        let words = line.split(separator: "]")[1].split(separator: " ")
        let offset = try #require(Int(words[3], radix: 16))
        let size = try #require(Int(words[4], radix: 16))
        return offset..<offset + size
    }

    @Test func usesNoneOfTwoFilesThatClaimOneName() throws {
        let corral = try Corral()
        try corral.install("echo", "life-cycle")
        // The same file twice is one plugin; another file with the same id is not.
        var copy = try Data(contentsOf: corral.pluginFolder.appending(path: "echo.so"))
        copy.append(0)
        try copy.write(to: corral.pluginFolder.appending(path: "copy.so"))
        let refused = try corral("run", "test/echo")
        #expect(refused.status != 0)
        #expect(refused.standardError.contains("CRL-0412") && refused.standardError.contains("copy.so"), "\(refused)")
        #expect(try corral("run", "test/life-cycle").status == 0)
        try FileManager.default.removeItem(at: corral.pluginFolder.appending(path: "copy.so"))
        #expect(try corral("run", "test/echo").status == 0)
    }

    @Test func takesAFolderForAPlugin() throws {
        let corral = try Corral()
        let folder = corral.pluginFolder.appending(path: "echo")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: try Corral.badPlugins.get().appending(path: "echo.so"), to: folder.appending(path: "lib.so"))
        let output = try corral("run", "test/echo", "--input", "n=1")
        #expect(output.status == 0, "\(output)")
    }
}
