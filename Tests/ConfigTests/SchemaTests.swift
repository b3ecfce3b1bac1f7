// SPDX-License-Identifier: Apache-2.0
// SchemaTests: the page, the JSON schema and the paths say the same as the declared schema, and every code has a page.

import CorralBase
import CorralConfig
import Foundation
import Testing

@Suite struct SchemaTests {
    @Test func referencePageIsWrittenFromTheSchema() throws {
        let url = projectFolder.appending(path: "docs/configuration.md")
        if isRewriting { try Schema.referencePage.write(to: url, atomically: true, encoding: .utf8) }
        #expect(
            try String(contentsOf: url, encoding: .utf8) == Schema.referencePage,
            "run CORRAL_REWRITE_GOLDEN=1 swift test --filter SchemaTests")
    }

    @Test func jsonSchemaKnowsEverySetting() {
        for setting in Schema.settings {
            var place: JSON? = Schema.jsonSchema
            for component in setting.path.components {
                switch component {
                case .name(let name): place = place?["properties"]?[name]
                case .anyName: place = place?["additionalProperties"]
                case .anyIndex: place = place?["items"]
                case .index: place = nil
                }
            }
            #expect(place != nil, "\(setting.path)")
        }
    }

    @Test(arguments: ["a.b", "a[0].b[12]", "mcpServers.21st-magic.args[1]", "a.\"b.c\".d", "a.\"x y\""])
    func pathIsReadAsItIsWritten(_ text: String) {
        #expect(SettingPath(parsing: text)?.description == text)
    }

    @Test(arguments: [
        "", ".", "a.", "a..b", "[0]", "a[", "a[x]", "a[99999999999999999999]", "a\"b\"c", "\"a", "a.\"\"x",
    ])
    func otherTextIsNoPath(_ text: String) {
        let path = SettingPath(parsing: text)
        #expect(path == nil || path?.components == [.name(text)])
    }

    @Test(
        arguments: [
            ("host.workers.max_calls", "3\n"),
            ("host.defaults", "host.defaults.timeout: 5m\nhost.defaults.mode: sync\n"),
            ("memory.layers.long_term.storage", "null\n"), ("memory", nil), ("mcpServers.a.command", "npx\n"),
            ("mcpServers.a.url", "null\n"), ("mcpServers", "mcpServers.a.type: stdio\nmcpServers.a.command: npx\n"),
        ] as [(String, String?)]) func oneSettingIsShownBare(_ path: String, _ expected: String?) throws
    {
        let loaded = try load("host: {workers: {max_calls: 3}}\nmcpServers: {a: {command: npx}}")
        let text = try ShowReport.text(at: path, in: loaded)
        #expect(expected == nil ? text.contains("memory.enabled: true\n") : text == expected)
    }

    @Test(
        arguments: [
            ("host.worker.max_calls", "did you mean \"host.workers.max_calls\"?"), ("nonsense", nil), ("a[", nil),
        ] as [(String, String?)]) func unknownSettingNamesTheNearest(_ path: String, _ hint: String?) throws
    {
        let loaded = try load("")
        let error = #expect(throws: CorralError.self) { try ShowReport.text(at: path, in: loaded) }
        #expect(error?.code == .configNoSuchSetting)
        #expect(error?.hint == hint ?? "`corral config show --all` lists every setting")
    }

    @Test func everyErrorCodeHasAPage() throws {
        let source = try String(
            contentsOf: projectFolder.appending(path: "Host/Config/ConfigErrors.swift"), encoding: .utf8)
        let codes = source.matches(of: /ErrorCode\((\d+), "(\w+)"\)/).map { ($0.1, $0.2) }
        #expect(codes.count == 17)
        for (digits, name) in codes {
            let number = digits.count == 3 ? "0\(digits)" : "\(digits)"
            let file = "docs/errors/CRL-\(number).md"
            let page = try String(contentsOf: projectFolder.appending(path: file), encoding: .utf8)
            #expect(page.hasPrefix("# CRL-\(number) \(name)\n"), "\(file)")
            for heading in ["**What happened**", "**Why**", "**What to do**"] {
                #expect(page.contains(heading), "\(file)")
            }
        }
    }
}
