// SPDX-License-Identifier: Apache-2.0
// OperatorFileTests: sidecars and tools files: what they may do, and mistakes with their lines.

import CorralBase
import CorralCatalog
import Foundation
import Testing

struct SidecarTests {
    private let asks =
        #","grants":{"tools":["acme/b.*"]},"config":[{"name":"limit","type":"int","default":3,"maximum":9},{"name":"mode","type":"string","choices":["fast","slow"]}]"#

    @Test func narrowsGrantsAndSetsConfiguration() async throws {
        let folder = try Folder()
        try folder.plugin("a/lib.so", manifest: manifest("test/a", asks))
        try folder.write(
            "a/plugin.yaml", "id: test/a\nisolate: true\ngrants: {tools: [acme/b.one]}\nconfig: {limit: 7}\n")
        let entry = try await scan(folder).agent("test/a")
        #expect(entry.isIsolated)
        #expect(entry.granted.mayUse(tool: "acme/b.one") && !entry.granted.mayUse(tool: "acme/b.two"))
        #expect(String(decoding: entry.configuration, as: UTF8.self) == #"{"limit":7}"#)
    }

    private let outside =
        #","grants":{"http":[{"host":"*.example.com","methods":["GET","POST"]}],"connect":["redis:6379"],"process":["cat"],"secrets":["KEY"]}"#

    @Test func narrowsEveryKindOfGrant() async throws {
        let folder = try Folder()
        try folder.plugin("a/lib.so", manifest: manifest("test/a", outside))
        try folder.write(
            "a/plugin.yaml",
            "grants: {http: [{host: api.example.com, methods: [GET]}], connect: [], secrets: [KEY]}\n")
        let entry = try await scan(folder).agent("test/a")
        #expect(entry.requested.http == [HTTPGrant(host: "api.example.com", ports: [443], methods: ["GET"])])
        #expect(
            entry.requested.connect.isEmpty && entry.requested.process == ["cat"] && entry.requested.secrets == ["KEY"])
        // Without a policy none of it is granted.
        #expect(entry.granted.isEmpty)
        let policy = GrantPolicy([
            "test/*": .init(
                GrantRule(http: [.init(host: "*")], process: ["cat", "sh"]),
                origin: SourceLocation(file: "corral.yaml", line: 3, column: 1))
        ])
        let granted = entry.granted(by: policy).granted
        #expect(granted == Grants(http: entry.requested.http, process: ["cat"]))
    }

    @Test func cannotWidenAnyKindOfGrant() async throws {
        let folder = try Folder()
        try folder.plugin("a/lib.so", manifest: manifest("test/a", outside))
        try folder.write(
            "a/plugin.yaml",
            """
            grants:
              http: [{host: example.org}, {host: api.example.com, methods: [DELETE]}, {hst: x}]
              connect: ["redis:6380"]
              process: [sh]
              secrets: [OTHER]
              sockets: []
            """)
        let problem = try #require(try await scan(folder).problem("a"))
        #expect(problem.diagnostics.map(\.location.line) == [6, 2, 2, 2, 2, 3, 4, 5])
        let text = problem.diagnostics.map(\.description).joined(separator: "\n")
        for words in [
            "did you mean", "can only narrow", "it asks for: redis:6379", "it asks for: cat", "it asks for: KEY",
        ] {
            #expect(text.contains(words), "\(words) in \(text)")
        }
    }

    @Test func withoutASidecarTheManifestCounts() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: manifest("test/a", asks))
        let entry = try await scan(folder).agent("test/a")
        #expect(
            entry.granted.mayUse(tool: "acme/b.two") && !entry.granted.mayUse(tool: "acme/c.two") && !entry.isIsolated)
        #expect(String(decoding: entry.configuration, as: UTF8.self) == #"{"limit":3}"#)
    }

    @Test func besideAFileItChangesTheDigest() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: manifest("test/a", asks))
        let plain = try await scan(folder).agent("test/a")
        try folder.write("a.plugin.yaml", "config: {limit: 4}\n")
        let configured = try await scan(folder).agent("test/a")
        #expect(plain.digest != configured.digest)
        #expect(plain.loadPath == configured.loadPath)
    }

    @Test func everyMistakeHasItsLine() async throws {
        let folder = try Folder()
        try folder.plugin("a/lib.so", manifest: manifest("test/a", asks))
        try folder.write(
            "a/plugin.yaml",
            """
            id: test/b
            isolat: true
            grants:
              tools: [acme/c.x, nonsense]
            config:
              limit: 12
              lmit: 1
              mode: fst
            """)
        let problem = try #require(try await scan(folder).problem("a"))
        #expect(problem.error.code == .pluginSidecarInvalid)
        #expect(problem.id?.text == "test/a")
        let lines = problem.diagnostics.map { "\($0.location.line): \($0.message) \($0.suggestion ?? "")" }.sorted()
        let expected = [
            (1, "the plugin's id is \"test/a\""), (2, "did you mean \"isolate\"?"), (4, "a sidecar can only narrow"),
            (4, "expected \"publisher/name.tool\""), (6, "expected at most 9, got 12"), (7, "did you mean \"limit\"?"),
            (8, "did you mean \"fast\"?"),
        ]
        #expect(lines.count == expected.count)
        for (line, words) in expected {
            #expect(lines.contains { $0.hasPrefix("\(line): ") && $0.contains(words) }, "\(line) \(words): \(lines)")
        }
    }
}

struct ToolsFileTests {
    private let prober = ScriptedProber { request in
        guard let native = request.native, let json = try? JSON(parsing: native) else {
            return .failed(LoadProblem(.noEntryPoint, detail: ""))
        }
        let tools = (json["tools"]?.arrayValue ?? []).map { tool -> JSON in
            ["name": tool["name"] ?? .null, "summary": tool["summary"] ?? .null, "input": ["type": "object"]]
        }
        return .answered(manifest: [], tools: JSON.array(tools).bytes())
    }

    @Test func anyLibraryIsAToolbox() async throws {
        let folder = try Folder()
        try folder.write(
            "libm.tools.yaml",
            """
            library: libm.so.6
            tools:
              pow: "(x: f64, y: f64) -> f64"
              cosine: {signature: "(f64) -> f64", symbol: cos, summary: The cosine}
            """)
        let snapshot = try await scan(folder, prober)
        #expect(snapshot.problems.isEmpty)
        #expect(snapshot.toolNames == ["native/libm.cosine", "native/libm.pow"])
        let (entry, tool) = try snapshot.tool("native/libm.pow")
        #expect(entry.form == .native && entry.isIsolated && entry.loadPath == "libm.so.6" && tool.isNative)
        let native = try JSON(parsing: entry.native)
        #expect(native["tools"]?.arrayValue?.last?["symbol"]?.stringValue == "cos")
        let error = #expect(throws: CorralError.self) { try snapshot.tool("native/libm.pwo") }
        #expect(error?.hint == "did you mean \"pow\"?")
    }

    @Test func aLibraryBesideTheFileIsCopied() async throws {
        let folder = try Folder()
        try folder.compile("native/libown.so", "int one(void) { return 1; }")
        try folder.write("own.tools.yaml", "id: acme/own\nlibrary: native/libown.so\ntools: {one: \"() -> i32\"}\n")
        let snapshot = try await scan(folder, prober)
        let (entry, _) = try snapshot.tool("acme/own.one")
        #expect(entry.loadPath.hasPrefix(folder.cache))
        #expect(FileManager.default.fileExists(atPath: entry.loadPath))
    }

    @Test func everyMistakeHasItsLine() async throws {
        let folder = try Folder()
        try folder.write("bad.tools.yaml", "libary: x\ntools:\n  Pow: \"() -> f64\"\n  sin: 3\n  cos: {symbol: cos}\n")
        let problem = try #require(try await scan(folder, prober).problem("bad.tools.yaml"))
        #expect(problem.error.code == .toolsFileInvalid)
        let lines = problem.diagnostics.map { "\($0.location.line): \($0.message) \($0.suggestion ?? "")" }
        for (line, words) in [
            (1, "did you mean \"library\"?"), (3, "\"Pow\""), (4, "expected a signature, got int"),
            (5, "no `signature`"),
        ] {
            #expect(lines.contains { $0.hasPrefix("\(line): ") && $0.contains(words) }, "\(words): \(lines)")
        }
    }

    @Test func theWorkersComplaintsGetTheLineOfTheirTool() async throws {
        let folder = try Folder()
        try folder.write(
            "libm.tools.yaml", "library: libm.so.6\ntools:\n  pow: \"(f65) -> f64\"\n  nope: \"() -> f64\"\n")
        let detail =
            "tool \"pow\": signature \"(f65) -> f64\", unknown type; tool \"nope\": the library does not export \"nope\""
        let prober = ScriptedProber { _ in .failed(LoadProblem(.badSignature, detail: detail)) }
        let problem = try #require(try await scan(folder, prober).problem("libm.tools.yaml"))
        #expect(problem.error.code == .nativeSignatureInvalid)
        #expect(problem.diagnostics.map(\.location.line) == [3, 4])
    }
}
