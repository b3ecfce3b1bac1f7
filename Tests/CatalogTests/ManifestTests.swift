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
        #expect(manifest.asks.tools == ["acme/b.*", "acme/c.run"])
        #expect(manifest.agent?.input["type"]?.stringValue == "object")
        #expect(manifest.tools.map(\.name) == ["t_1"])
        #expect(manifest.config.first?.maximum == 9)
    }

    private func parse(grants: String) throws -> Grants {
        try parse(
            """
            {"id":"acme/a","version":"1.0.0","summary":"S","provides":["x/1"],"grants":\(grants)}
            """
        ).asks
    }

    @Test func readsEveryKindOfGrant() throws {
        let asks = try parse(
            grants: """
                {"tools":["acme/b.*"],"http":[{"host":"API.Example.com"},{"host":"*.example.org","scheme":"http",
                 "ports":[8080],"methods":["POST"]}],"connect":["Redis.internal:6379","[::1]:5432"],
                 "process":["bandit"],"secrets":["REDIS_PASSWORD"]}
                """)
        #expect(
            asks.http == [
                HTTPGrant(host: "api.example.com", ports: [443], methods: ["GET", "HEAD"]),
                HTTPGrant(host: "*.example.org", scheme: "http", ports: [8080], methods: ["POST"]),
            ])
        #expect(asks.connect.map(\.description) == ["redis.internal:6379", "[::1]:5432"])
        #expect(asks.process == ["bandit"] && asks.secrets == ["REDIS_PASSWORD"])
        #expect(
            asks.services.map { $0.split(separator: ".").last } == ["http/1", "connect/1", "process/1", "secret/1"])
    }

    @Test(arguments: [
        ("\"tools\":\"x\"", "grants.tools: expected a list"), ("\"http\":[1]", "grants.http[0]: expected an object"),
        ("\"http\":[{\"host\":\"a b\"}]", "grants.http[0].host: expected a host name"),
        ("\"http\":[{\"host\":\"a\",\"ports\":[0]}]", "grants.http[0].ports: expected a list of ports"),
        ("\"http\":[{\"host\":\"a\",\"methods\":[\"get\"]}]", "grants.http[0].methods: expected methods"),
        (
            "\"http\":[{\"host\":\"a\",\"scheme\":\"ftp\"}]",
            "grants.http[0].scheme: expected https, http, smtps or smtp"
        ),
        ("\"connect\":[\"x\"]", "grants.connect[0]: expected \"host:port\""),
        ("\"connect\":[\"a:0\"]", "grants.connect[0]: "), ("\"connect\":[\"a:b:1\"]", "grants.connect[0]: "),
        ("\"process\":[\"/bin/sh\"]", "grants.process[0]: expected a program's name"),
        ("\"secrets\":[\"A-B\"]", "grants.secrets[0]: expected a secret's name"),
    ])
    func aMistakeInGrantsIsTold(_ grants: String, _ words: String) {
        let error = #expect(throws: CorralError.self) { try parse(grants: "{\(grants)}") }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ("api.example.com", "api.example.com", true), ("*.example.com", "a.b.example.com", true),
        ("*.example.com", "example.com", false), ("*.example.com", "badexample.com", false), ("*", "10.0.0.1", true),
        ("*.0.0.1", "10.0.0.1", false), ("example.com", "example.com.evil.org", false),
        ("*.com", "*.example.com", true),
        ("*.example.com", "*", false),
    ])
    func aPatternCoversNamesBelowIt(_ pattern: String, _ host: String, _ isCovered: Bool) {
        #expect(hostPattern(pattern, covers: host) == isCovered)
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
