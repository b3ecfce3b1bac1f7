// SPDX-License-Identifier: Apache-2.0
// ConfigurationFile: the common ground of the two YAML files an operator writes beside plugins: known keys, types, and a
// diagnostic with line and suggestion for everything else.

import CorralBase
import CorralDocument

/// Collects diagnostics while a document's members are read.
struct DocumentReader {
    let code: ErrorCode
    let file: String
    private(set) var diagnostics: [Diagnostic] = []

    init(code: ErrorCode, file: String) {
        self.code = code
        self.file = file
    }

    /// Parses the text; an empty document is an empty map.
    mutating func root(_ text: String, known: [String]) -> YAMLNode? {
        do throws(DiagnosticsError) {
            guard let node = try YAMLNode.parse(text, file: file), !node.isNull else { return nil }
            guard node.members != nil else {
                mistake("expected a map, got \(node.typeName)", node)
                return nil
            }
            checkKeys(node, known)
            return node
        } catch {
            diagnostics += error.diagnostics
            return nil
        }
    }

    mutating func checkKeys(_ node: YAMLNode, _ known: [String]) {
        for (key, _) in node.members ?? [] where !known.contains(key.name) {
            let advice = didYouMean(key.name, among: known) ?? "known: \(known.joined(separator: ", "))"
            mistake("unknown key \"\(key.name.prefix(80))\"", key, advice)
        }
    }

    mutating func string(_ node: YAMLNode?, _ what: String) -> String? {
        guard let node, !node.isNull else { return nil }
        guard let text = node.string else {
            mistake("\(what): expected a string, got \(node.typeName)", node)
            return nil
        }
        return text
    }

    mutating func flag(_ node: YAMLNode?, _ what: String) -> Bool? {
        guard let node, !node.isNull else { return nil }
        guard let flag = node.scalar?.value.boolValue else {
            mistake("\(what): expected true or false, got \(node.typeName)", node)
            return nil
        }
        return flag
    }

    mutating func members(_ node: YAMLNode?, _ what: String) -> [(key: YAMLNode, value: YAMLNode)] {
        guard let node, !node.isNull else { return [] }
        guard let members = node.members else {
            mistake("\(what): expected a map, got \(node.typeName)", node)
            return []
        }
        return members
    }

    mutating func elements(_ node: YAMLNode?, _ what: String) -> [YAMLNode] {
        guard let node, !node.isNull else { return [] }
        guard let elements = node.elements else {
            mistake("\(what): expected a list, got \(node.typeName)", node)
            return []
        }
        return elements
    }

    mutating func mistake(_ message: String, _ node: YAMLNode?, _ suggestion: String? = nil) {
        let place = node?.location ?? SourceLocation(file: file, line: 1, column: 1)
        diagnostics.append(Diagnostic(.error, code, message, at: place, suggestion: suggestion))
    }
}
