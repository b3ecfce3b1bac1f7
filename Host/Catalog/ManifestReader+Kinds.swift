// SPDX-License-Identifier: Apache-2.0
// ManifestReader+Kinds: what a manifest says about the kinds that the host itself calls, and the prompts it declares.

import CorralBase

extension Limits {
    /// Prompts of one plugin: more are data for a file, not names for people.
    package static let promptsPerPluginMax = 64
    /// Bytes of one prompt's text, half of what a whole manifest may have.
    package static let promptBytesMax = 128 << 10
    package static let promptVariablesMax = 64
    /// Classes of a scanner or criteria of a judge that a manifest may list.
    package static let declaredNamesMax = 1024
}

extension ManifestReader {
    /// The sections of the kinds that have one, checked as far as the host reads them and kept as they come.
    mutating func sections(_ object: JSONObject, _ provides: [String]) -> [PluginKind: JSON] {
        var sections: [PluginKind: JSON] = [:]
        for kind in PluginKind.infrastructure {
            guard let value = object[kind.rawValue], !value.isNull else { continue }
            guard provides.contains(kind.extensionID) else {
                mistake(
                    "provides",
                    "does not name \"\(kind.extensionID)\", although there is a member \"\(kind.rawValue)\"")
                continue
            }
            guard let section = value.objectValue else {
                mistake(kind.rawValue, "expected an object, got \(value.typeName)")
                continue
            }
            if kind == .scanner { declaredNames(section, "classes", in: "scanner.", severities: true) }
            if kind == .judge { declaredNames(section, "criteria", in: "judge.", severities: false) }
            sections[kind] = value
        }
        return sections
    }

    private mutating func declaredNames(
        _ section: JSONObject, _ member: String, in place: String, severities: Bool
    ) {
        guard let value = section[member], !value.isNull else { return }
        guard let list = value.arrayValue, list.count <= Limits.declaredNamesMax else {
            mistake(place + member, "expected a list of at most \(Limits.declaredNamesMax), got \(value.typeName)")
            return
        }
        var seen: Set<String> = []
        for (index, item) in list.enumerated() {
            let place = "\(place)\(member)[\(index)]."
            guard let object = item.objectValue else {
                mistake(String(place.dropLast()), "expected an object, got \(item.typeName)")
                continue
            }
            guard let name = required(object, "name", in: place) else { continue }
            if !isDeclaredName(name) {
                mistake(place + "name", "expected [a-z][a-z0-9_]{0,63}, got \"\(name.prefix(80))\"")
            }
            if !seen.insert(name).inserted { mistake(place + "name", "\"\(name)\" is given twice") }
            guard severities, let severity = required(object, "severity", in: place) else { continue }
            if !["low", "medium", "high", "critical"].contains(severity) {
                mistake(
                    place + "severity", "expected low, medium, high or critical, got \"\(severity.prefix(40))\"")
            }
        }
    }

    mutating func prompts(_ object: JSONObject) -> [PromptDeclaration] {
        guard let value = object["prompts"], !value.isNull else { return [] }
        guard let list = value.arrayValue, list.count <= Limits.promptsPerPluginMax else {
            mistake(
                "prompts", "expected a list of at most \(Limits.promptsPerPluginMax) prompts, got \(value.typeName)")
            return []
        }
        var seen: Set<String> = []
        return list.enumerated().compactMap { index, item in
            guard let prompt = item.objectValue else {
                mistake("prompts[\(index)]", "expected an object, got \(item.typeName)")
                return nil
            }
            return self.prompt(prompt, "prompts[\(index)].", &seen)
        }
    }

    private mutating func prompt(
        _ object: JSONObject, _ place: String, _ seen: inout Set<String>
    ) -> PromptDeclaration? {
        guard let name = required(object, "name", in: place), let text = required(object, "text", in: place) else {
            return nil
        }
        if !isDeclaredName(name) {
            mistake(place + "name", "expected [a-z][a-z0-9_]{0,63}, got \"\(name.prefix(80))\"")
        }
        if !seen.insert(name).inserted { mistake(place + "name", "\"\(name)\" is given twice") }
        if text.utf8.count > Limits.promptBytesMax {
            mistake(place + "text", "\(text.utf8.count) bytes, at most \(Limits.promptBytesMax) are allowed")
        }
        let variables = texts(object, "variables", in: place)
        if variables.count > Limits.promptVariablesMax {
            mistake(
                place + "variables",
                "\(variables.count) variables, at most \(Limits.promptVariablesMax) are allowed")
        }
        for variable in variables where !isDeclaredName(variable) {
            mistake(place + "variables", "expected [a-z][a-z0-9_]{0,63}, got \"\(variable.prefix(80))\"")
        }
        return PromptDeclaration(
            name: name, text: text, variables: variables, help: self.text(object, "help", in: place) ?? "")
    }
}

/// `[a-z][a-z0-9_]{0,63}`.
private func isDeclaredName(_ name: String) -> Bool {
    guard let first = name.utf8.first, (0x61...0x7A).contains(first), name.utf8.count <= 64 else { return false }
    return name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
}
