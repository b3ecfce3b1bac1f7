// SPDX-License-Identifier: Apache-2.0
// KindManifestTests: what a manifest says about the host's own kinds, prompts and folders, and who counts as a provider.

import CorralBase
import CorralCatalog
import Testing

struct KindManifestTests {
    private func parse(_ provides: String, _ rest: String) throws -> PluginManifest {
        let text = """
            {"id":"acme/a","version":"1.0.0","summary":"S","provides":["\(provides)"],\(rest)}
            """
        return try PluginManifest(parsing: Array(text.utf8), source: "a.so")
    }

    @Test func readsTheSectionsOfItsKindsAsTheyCome() throws {
        let scanner = try parse(
            "corral.scanner/1", #""scanner":{"classes":[{"name":"iban","severity":"high","help":"h"}],"more":1}"#)
        #expect(scanner.provides(.scanner) && !scanner.provides(.judge))
        #expect(scanner.sections[.scanner]?["classes"]?.arrayValue?.first?["severity"] == "high")
        #expect(scanner.sections[.scanner]?["more"] == 1)
        let judge = try parse("corral.judge/1", #""judge":{"criteria":[{"name":"brevity"}]}"#)
        #expect(judge.sections[.judge]?["criteria"]?.arrayValue?.count == 1)
    }

    @Test func readsPromptsAndTheGrantsOfMemoryAndStorage() throws {
        let manifest = try parse(
            "corral.memory/1",
            #""prompts":[{"name":"ask","text":"Hello {{who}}","variables":["who"],"help":"h"}],"#
                + #""grants":{"memory":true,"storage":true}"#)
        #expect(
            manifest.prompts == [
                PromptDeclaration(name: "ask", text: "Hello {{who}}", variables: ["who"], help: "h")
            ])
        #expect(manifest.asks.memory && manifest.asks.storage && !manifest.asks.isEmpty)
        #expect(manifest.asks.services == ["corral.host.memory/1", "corral.host.storage/1"])
    }

    @Test(arguments: [
        (#""scanner":[]"#, "scanner: expected an object"),
        (#""scanner":{"classes":[{"name":"IBAN","severity":"high"}]}"#, "scanner.classes[0].name: expected"),
        (#""scanner":{"classes":[{"name":"iban","severity":"severe"}]}"#, "scanner.classes[0].severity: expected low"),
        (#""scanner":{"classes":[{"name":"iban"}]}"#, "scanner.classes[0].severity: is missing"),
        (
            #""scanner":{"classes":[{"name":"a","severity":"low"},{"name":"a","severity":"low"}]}"#,
            "scanner.classes[1].name: \"a\" is given twice"
        ),
        (#""judge":{}"#, "does not name \"corral.judge/1\""),
        (#""prompts":[{"name":"ask"}]"#, "prompts[0].text: is missing"),
        (#""prompts":[{"name":"Ask","text":"t"}]"#, "prompts[0].name: expected"),
        (#""prompts":[{"name":"ask","text":"t","variables":["a b"]}]"#, "prompts[0].variables: expected"),
        (#""grants":{"storage":"yes"}"#, "grants.storage: expected true or false"),
    ])
    func saysWhatIsWrong(_ rest: String, _ mistake: String) throws {
        let error = #expect(throws: CorralError.self) { try parse("corral.scanner/1", rest) }
        #expect(
            error?.cause?.contains(mistake) == true || error?.message.contains(mistake) == true,
            "\(String(describing: error))")
    }

    // MARK: Grants

    @Test func memoryAndStorageAreGrantedAsAskedUnlessThePolicySaysNo() throws {
        let asks = Grants(memory: true, storage: true)
        let id = try PluginID("acme/a")
        #expect(GrantPolicy().granted(asks, to: id) == asks)
        let place = SourceLocation(file: "corral.yaml", line: 1, column: 1)
        let no = GrantPolicy(["acme/*": .init(GrantRule(storage: false), origin: place)])
        #expect(no.granted(asks, to: id) == Grants(memory: true))
        // A policy gives nothing that was not asked for.
        let yes = GrantPolicy(["acme/a": .init(GrantRule(memory: true, storage: true), origin: place)])
        #expect(yes.granted(Grants(), to: id) == Grants())
        #expect(asks.without(Grants(memory: true)) == Grants(storage: true))
        #expect(ContentDigest(of: asks) != ContentDigest(of: Grants(memory: true)))
    }

    // MARK: Providers

    private func entry(_ name: String, _ kind: PluginKind, origin: String = CatalogEntry.unsignedOrigin) throws
        -> CatalogEntry
    {
        let id = try PluginID("acme/\(name)")
        return CatalogEntry(
            id: id, form: .library, source: "\(name).so", digest: ContentDigest(name), loadPath: "/x/\(name)/lib.so",
            manifest: PluginManifest(id: id, version: "1.0.0", summary: "S", provides: [kind.extensionID]),
            origin: origin)
    }

    @Test func onlyTheOperatorsPluginsAreProviders() throws {
        let own = try entry("own", .scanner, origin: CatalogEntry.tenantOrigin)
        let snapshot = CatalogSnapshot(entries: [
            try entry("b", .scanner), try entry("a", .scanner), try entry("j", .judge), own,
        ])
        #expect(snapshot.providers(of: .scanner).map(\.id.text) == ["acme/a", "acme/b"])
        #expect(snapshot.providers(of: .memory).isEmpty)
        #expect(try snapshot.provider("acme/j", of: .judge).id.text == "acme/j")
        #expect(!own.isInfrastructure)
        for name in ["acme/own", "acme/j"] {
            let error = #expect(throws: CorralError.self) { try snapshot.provider(name, of: .scanner) }
            #expect(error?.code == .pluginWrongKind)
        }
        let unknown = #expect(throws: CorralError.self) { try snapshot.provider("acme/none", of: .scanner) }
        #expect(unknown?.code == .pluginUnknown)
    }
}
