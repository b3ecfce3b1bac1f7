// SPDX-License-Identifier: Apache-2.0
// ManifestReader: a manifest's bytes → PluginManifest, with every mistake in it found at once, each with its path.

import CorralBase

extension PluginManifest {
    /// - Parameter source: the file in the plugins folder, for the error.
    /// - Throws: `plugin_manifest_invalid` naming every mistake.
    package init(parsing bytes: [UInt8], source: String) throws(CorralError) {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch {
            throw .manifestNotJSON(source, (error as? CorralError)?.message ?? "\(error)")
        }
        var reader = ManifestReader()
        guard let manifest = reader.manifest(json), reader.mistakes.isEmpty else {
            throw .manifestInvalid(source, reader.mistakes)
        }
        self = manifest
    }
}

extension Limits {
    package static let toolsPerPluginMax = 1024
    package static let configFieldsMax = 256
}

struct ManifestReader {
    private(set) var mistakes: [String] = []

    mutating func manifest(_ json: JSON) -> PluginManifest? {
        guard let object = json.objectValue else {
            mistake("", "expected an object, got \(json.typeName)")
            return nil
        }
        let id = pluginID(object)
        let provides = texts(object, "provides", isRequired: true)
        let manifest = id.map { id in
            PluginManifest(
                id: id, version: version(object), summary: line(object, "summary"),
                toolchain: text(object, "toolchain") ?? "", provides: provides,
                requires: texts(object, "requires"), isSerial: flag(object, "serial"),
                isIsolated: flag(object, "isolate"), isSingleton: flag(object, "singleton"), asks: grants(object),
                agent: agent(object, provides),
                tools: tools(object, provides), config: config(object), sections: sections(object, provides),
                prompts: prompts(object))
        }
        return manifest
    }

    private mutating func pluginID(_ object: JSONObject) -> PluginID? {
        guard let text = required(object, "id") else {
            // The other members are still worth reading: all mistakes are reported at once.
            return try? PluginID("unknown/unknown")
        }
        do { return try PluginID(text) } catch {
            mistake("id", (error as? CorralError)?.message ?? "\(error)")
            return try? PluginID("unknown/unknown")
        }
    }

    /// Semantic versioning 2.0.0, its three numbers and what may follow.
    private mutating func version(_ object: JSONObject) -> String {
        guard let text = required(object, "version") else { return "" }
        let core = text.prefix { $0 != "-" && $0 != "+" }.split(separator: ".", omittingEmptySubsequences: false)
        let isSemantic =
            core.count == 3
            && core.allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
            }
        if !isSemantic || text.utf8.count > 64 {
            mistake("version", "expected a semantic version such as \"1.2.0\", got \"\(text.prefix(64))\"")
        }
        return text
    }

    private mutating func line(_ object: JSONObject, _ name: String) -> String {
        guard let text = required(object, name) else { return "" }
        if text.utf8.count > 1000 || text.unicodeScalars.contains(where: { $0.value < 0x20 }) {
            mistake(name, "expected one line of at most 1000 bytes")
        }
        return text
    }

    private mutating func agent(_ object: JSONObject, _ provides: [String]) -> AgentInterface? {
        let isProvided = provides.contains("corral.agent/1")
        guard let value = object["agent"] else {
            if isProvided { mistake("agent", "is missing, although \"provides\" names corral.agent/1") }
            return nil
        }
        guard isProvided else {
            mistake("provides", "does not name \"corral.agent/1\", although there is a member \"agent\"")
            return nil
        }
        guard let agent = value.objectValue else {
            mistake("agent", "expected an object, got \(value.typeName)")
            return nil
        }
        return AgentInterface(
            role: text(agent, "role", in: "agent.") ?? "", input: schema(agent, "input", in: "agent."),
            output: schema(agent, "output", in: "agent."))
    }

    private mutating func tools(_ object: JSONObject, _ provides: [String]) -> [ToolInterface] {
        let isProvided = provides.contains("corral.tool/1")
        guard let value = object["tools"] else {
            if isProvided { mistake("tools", "is missing, although \"provides\" names corral.tool/1") }
            return []
        }
        guard isProvided else {
            mistake("provides", "does not name \"corral.tool/1\", although there is a member \"tools\"")
            return []
        }
        guard let list = value.arrayValue, list.count <= Limits.toolsPerPluginMax else {
            mistake("tools", "expected a list of at most \(Limits.toolsPerPluginMax) tools, got \(value.typeName)")
            return []
        }
        var seen: Set<String> = []
        return list.enumerated().compactMap { index, item in
            guard let tool = item.objectValue else {
                mistake("tools[\(index)]", "expected an object, got \(item.typeName)")
                return nil
            }
            let place = "tools[\(index)]."
            let name = required(tool, "name", in: place) ?? ""
            if !name.isEmpty, !isToolName(name) {
                mistake(place + "name", "expected [a-z][a-z0-9_]{0,63}, got \"\(name.prefix(80))\"")
            }
            if !seen.insert(name).inserted { mistake(place + "name", "\"\(name)\" is given twice") }
            return ToolInterface(
                name: name, summary: text(tool, "summary", in: place) ?? "", input: schema(tool, "input", in: place),
                output: schema(tool, "output", in: place))
        }
    }

    private mutating func config(_ object: JSONObject) -> [ConfigField] {
        guard let value = object["config"] else { return [] }
        guard let list = value.arrayValue, list.count <= Limits.configFieldsMax else {
            mistake("config", "expected a list of at most \(Limits.configFieldsMax) fields, got \(value.typeName)")
            return []
        }
        var seen: Set<String> = []
        return list.enumerated().compactMap { index, item in
            guard let field = item.objectValue else {
                mistake("config[\(index)]", "expected an object, got \(item.typeName)")
                return nil
            }
            return configField(field, "config[\(index)].", &seen)
        }
    }

    private mutating func configField(_ object: JSONObject, _ place: String, _ seen: inout Set<String>) -> ConfigField?
    {
        guard let name = required(object, "name", in: place), let typeName = required(object, "type", in: place) else {
            return nil
        }
        if !seen.insert(name).inserted { mistake(place + "name", "\"\(name)\" is given twice") }
        guard let type = ConfigField.FieldType(rawValue: typeName) else {
            let known = ConfigField.FieldType.allCases.map(\.rawValue)
            let advice = didYouMean(typeName, among: known).map { "; \($0)" } ?? ""
            mistake(place + "type", "expected \(known.joined(separator: ", ")), got \"\(typeName)\"\(advice)")
            return nil
        }
        let field = ConfigField(
            name: name, type: type, defaultValue: object["default"], isRequired: flag(object, "required", in: place),
            minimum: number(object, "minimum", in: place), maximum: number(object, "maximum", in: place),
            choices: texts(object, "choices", in: place), help: text(object, "help", in: place) ?? "")
        if let value = field.defaultValue, let fault = field.fault(of: value) { mistake(place + "default", fault) }
        return field
    }

    // MARK: Members

    mutating func required(_ object: JSONObject, _ name: String, in place: String = "") -> String? {
        guard object[name] != nil else {
            mistake(place + name, "is missing")
            return nil
        }
        guard let text = text(object, name, in: place) else { return nil }
        if text.isEmpty { mistake(place + name, "is empty") }
        return text.isEmpty ? nil : text
    }

    mutating func text(_ object: JSONObject, _ name: String, in place: String = "") -> String? {
        guard let value = object[name], !value.isNull else { return nil }
        if value.stringValue == nil { mistake(place + name, "expected a string, got \(value.typeName)") }
        return value.stringValue
    }

    mutating func flag(_ object: JSONObject, _ name: String, in place: String = "") -> Bool {
        guard let value = object[name], !value.isNull else { return false }
        if value.boolValue == nil { mistake(place + name, "expected true or false, got \(value.typeName)") }
        return value.boolValue ?? false
    }

    private mutating func number(_ object: JSONObject, _ name: String, in place: String) -> Double? {
        guard let value = object[name], !value.isNull else { return nil }
        if value.doubleValue == nil { mistake(place + name, "expected a number, got \(value.typeName)") }
        return value.doubleValue
    }

    mutating func texts(
        _ object: JSONObject, _ name: String, in place: String = "", isRequired: Bool = false
    ) -> [String] {
        guard let value = object[name], !value.isNull else {
            if isRequired { mistake(place + name, "is missing") }
            return []
        }
        guard let list = value.arrayValue, list.allSatisfy({ $0.stringValue != nil }) else {
            mistake(place + name, "expected a list of strings")
            return []
        }
        if isRequired, list.isEmpty { mistake(place + name, "is empty") }
        return list.compactMap(\.stringValue)
    }

    /// A JSON schema: an object, or true.
    private mutating func schema(_ object: JSONObject, _ name: String, in place: String) -> JSON {
        guard let value = object[name], !value.isNull else { return [:] }
        if case .bool(true) = value { return [:] }
        if value.objectValue == nil { mistake(place + name, "expected a JSON schema, got \(value.typeName)") }
        return value
    }

    mutating func mistake(_ path: String, _ text: String) {
        mistakes.append(path.isEmpty ? text : "\(path): \(text)")
    }
}

extension ConfigField {
    /// What is wrong with a value for this field, or nil.
    func fault(of value: JSON) -> String? {
        switch type {
        case .string:
            guard let text = value.stringValue else { return wrongType(value) }
            guard choices.isEmpty || choices.contains(text) else {
                let advice = didYouMean(text, among: choices).map { "; \($0)" } ?? ""
                return "expected one of \(choices.joined(separator: ", ")), got \"\(text.prefix(80))\"\(advice)"
            }
        case .int:
            guard let number = value.intValue else { return wrongType(value) }
            return outOfRange(Double(number), "\(number)")
        case .double:
            guard let number = value.doubleValue else { return wrongType(value) }
            return outOfRange(number, "\(number)")
        case .bool: if value.boolValue == nil { return wrongType(value) }
        case .list: if value.arrayValue == nil { return wrongType(value) }
        case .map: if value.objectValue == nil { return wrongType(value) }
        }
        return nil
    }

    private func wrongType(_ value: JSON) -> String { "expected \(type.rawValue), got \(value.typeName)" }

    private func outOfRange(_ number: Double, _ text: String) -> String? {
        if let minimum, number < minimum { return "expected at least \(shown(minimum)), got \(text)" }
        if let maximum, number > maximum { return "expected at most \(shown(maximum)), got \(text)" }
        return nil
    }

    private func shown(_ number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? "\(number)"
    }
}
