// SPDX-License-Identifier: Apache-2.0
// ManifestTests: what a plugin may say of itself, and how its mistakes are told.

import CorralBase
import CorralCatalog
import Testing

struct ManifestTests {
    private func parse(_ text: String) throws -> PluginManifest {
        try PluginManifest(parsing: Array(text.utf8), source: "a.so")
    }

    @Test func readsEveryMember() throws {
        let manifest = try parse(
            """
            {"id":"acme/a","version":"1.2.0-beta+7","summary":"S","toolchain":"t","provides":["corral.agent/1","corral.tool/1"],
             "requires":["corral.host.tool/1"],"serial":true,"isolate":true,"grants":{"tools":["acme/b.*","acme/c.run"]},
             "agent":{"role":"r","input":{"type":"object"},"output":{}},
             "tools":[{"name":"t_1","summary":"s","input":{"type":"object"}}],
             "config":[{"name":"limit","type":"int","default":3,"minimum":1,"maximum":9,"help":"h"}],"future":{"x":1}}
            """)
        #expect(manifest.id.text == "acme/a")
        #expect(manifest.isSerial && manifest.isIsolated)
        #expect(manifest.toolGrants == ["acme/b.*", "acme/c.run"])
        #expect(manifest.agent?.input["type"]?.stringValue == "object")
        #expect(manifest.tools.map(\.name) == ["t_1"])
        #expect(manifest.config.first?.maximum == 9)
    }

    @Test func allMistakesAreToldAtOnce() throws {
        let error = #expect(throws: CorralError.self) {
            try parse(
                """
                {"id":"Acme","version":"1","provides":[],"serial":"yes","grants":{"tools":["x"]},
                 "config":[{"name":"a","type":"itn"},{"name":"b","type":"int","default":"x"}]}
                """)
        }
        #expect(error?.code == .pluginManifestInvalid)
        for words in [
            "8 mistakes", "id: ", "version: expected a semantic version", "summary: is missing", "provides: is empty",
            "serial: expected true or false", "grants.tools[0]", "config[0].type: ", "did you mean \"int\"?",
            "config[1].default: expected int, got string",
        ] { #expect(error?.message.contains(words) == true, "\(words) in \(error?.message ?? "")") }
    }

    @Test func notJSONNamesThePlace() throws {
        let error = #expect(throws: CorralError.self) { try parse("{\"id\": }") }
        #expect(error?.cause?.contains("line 1, column 8") == true)
    }

    @Test(arguments: ["", "[]", "null", "{}", "{\"id\":1}", "{\"tools\":{}}", "{\"config\":[1]}"])
    func oddDocumentsAreErrors(_ text: String) {
        #expect(throws: CorralError.self) { try parse(text) }
    }

    /// Whatever a library states: a manifest or an error, never a trap.
    @Test func mutatedManifestsAreSurvived() {
        let whole = Array(
            """
            {"id":"acme/a","version":"1.2.0","summary":"S","provides":["corral.agent/1","corral.tool/1"],"serial":true,
             "grants":{"tools":["acme/b.*"]},"agent":{"role":"r","input":{"type":"object"}},"tools":[{"name":"t"}],
             "config":[{"name":"n","type":"double","default":1e3,"minimum":-1e308,"maximum":9,"choices":["a"]}]}
            """.utf8)
        let pieces = ["null", "[]", "{}", "1e308", "-9223372036854775808", "\"\"", "true", ":", "\u{0}"].map {
            Array($0.utf8)
        }
        var random = SeededGenerator(seed: 409)
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0...12, using: &random))
                bytes.replaceSubrange(start..<end, with: pieces.randomElement(using: &random) ?? [])
            }
            do throws(CorralError) {
                _ = try PluginManifest(parsing: bytes, source: "a.so")
            } catch {
                #expect(error.code == .pluginManifestInvalid)
            }
        }
    }
}
