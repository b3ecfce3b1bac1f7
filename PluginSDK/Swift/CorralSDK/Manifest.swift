// SPDX-License-Identifier: Apache-2.0

import CCorralToolchain

/// The plugin's manifest as plugin.h describes it. The same declarations give the same bytes: the host compares those
/// of every load with the ones its probe saw.
struct Manifest: Encodable {
    struct AgentPart: Encodable {
        var role: String
        var input: JSONSchema
        var output: JSONSchema
    }

    struct ToolPart: Encodable {
        var name: String
        var summary: String
        var input: JSONSchema
        var output: JSONSchema
    }

    struct ScannerPart: Encodable { var classes: [ScanClass] }
    struct JudgePart: Encodable { var criteria: [JudgeCriterion] }

    struct Grants: Encodable {
        struct HTTP: Encodable {
            var host: String
            var scheme: String
            var ports: [Int]?
            var methods: [String]
        }

        var tools: [String]?
        var http: [HTTP]?
        var connect: [String]?
        var process: [String]?
        var secrets: [String]?
        var memory: Bool?
        var storage: Bool?

        init(_ card: PluginCard) {
            tools = card.tools.isEmpty ? nil : card.tools
            let asked = card.asks.http.map {
                HTTP(host: $0.host, scheme: $0.scheme, ports: $0.ports, methods: $0.methods)
            }
            http = asked.isEmpty ? nil : asked
            connect = card.asks.connect.isEmpty ? nil : card.asks.connect
            process = card.asks.process.isEmpty ? nil : card.asks.process
            secrets = card.asks.secrets.isEmpty ? nil : card.asks.secrets
            memory = card.asks.memory ? true : nil
            storage = card.asks.storage ? true : nil
        }
    }

    var id: String
    var version: String
    var summary: String
    var toolchain: String
    var provides: [String]
    var serial: Bool
    var isolate: Bool
    /// Left out unless true.
    var singleton: Bool?
    var grants: Grants
    var agent: AgentPart?
    var tools: [ToolPart]?
    var scanner: ScannerPart?
    var judge: JudgePart?
    var prompts: [PromptDeclaration]?
    var config: [ConfigField]?

    init(card: PluginCard, agent: AgentExport?, tools: [Tool], kind: KindExport?) {
        id = card.id
        version = card.version
        summary = card.summary
        toolchain = String(cString: corral_toolchain())
        provides =
            (agent == nil ? [] : [CORRAL_EXT_AGENT]) + (tools.isEmpty ? [] : [CORRAL_EXT_TOOL])
            + (kind.map { [$0.id] } ?? [])
        serial = card.serial
        isolate = card.isolate
        singleton = card.singleton ? true : nil
        grants = Grants(card)
        self.agent = agent.map {
            AgentPart(role: card.role, input: $0.input.schema, output: $0.output.schema)
        }
        let parts = tools.map {
            ToolPart(name: $0.name, summary: $0.help, input: $0.input.schema, output: $0.output.schema)
        }
        self.tools = parts.isEmpty ? nil : parts
        scanner = kind.flatMap { $0.classes.isEmpty ? nil : ScannerPart(classes: $0.classes) }
        judge = kind.flatMap { $0.criteria.isEmpty ? nil : JudgePart(criteria: $0.criteria) }
        prompts = card.prompts.isEmpty ? nil : card.prompts
        config = card.config.isEmpty ? nil : card.config
    }

    /// What the host would refuse, as sentences for the author; empty when nothing is wrong.
    static func faults(
        card: PluginCard, agent: AgentExport?, tools: [Tool], kind: KindExport? = nil
    ) -> [String] {
        var faults: [String] = []
        let parts = card.id.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count != 2 || !parts.allSatisfy(isIdPart) {
            faults.append("the id \"\(card.id)\" is not \"publisher/name\" in lower case letters, digits and '-'")
        }
        if agent == nil && tools.isEmpty && kind == nil {
            faults.append("\"\(card.id)\" provides neither an agent nor a tool")
        }
        var seen: Set<String> = []
        for tool in tools {
            if !isToolName(tool.name) {
                faults.append("the tool name \"\(tool.name)\" is not [a-z][a-z0-9_]{0,63}")
            }
            if !seen.insert(tool.name).inserted { faults.append("the tool \"\(tool.name)\" is declared twice") }
        }
        return faults
    }

    private static func isIdPart(_ part: Substring) -> Bool {
        guard let first = part.utf8.first, isLower(first) || isDigit(first) else { return false }
        return part.utf8.count <= 64 && part.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isToolName(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLower(first) else { return false }
        return name.utf8.count <= 64 && name.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isLower(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
