// SPDX-License-Identifier: Apache-2.0
// FieldReader: typed values out of the maps of a flow file. A mistake is noted and reading goes on, so that one check
// shows them all.

import CorralBase
import CorralDocument
import CorralExpression

struct FieldReader {
    private(set) var diagnostics: [Diagnostic] = []

    mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    /// The members of a map by name. `later` names what other versions have; it is refused by name, not guessed at.
    mutating func fields(
        _ node: YAMLNode, _ place: String, known: [String], later: [String] = []
    ) -> [String: YAMLNode]? {
        guard let members = node.members else {
            report(.expected("a map", place, node.typeName, node.location))
            return nil
        }
        var fields: [String: YAMLNode] = [:]
        for (key, value) in members {
            if known.contains(key.name) {
                fields[key.name] = value
            } else if later.contains(key.name) {
                report(.laterKey(key.name, place, key.location))
            } else {
                report(.unknownKey(key.name, place, known, key.location))
            }
        }
        return fields
    }

    mutating func text(_ node: YAMLNode?, _ place: String) -> String? {
        guard let node else { return nil }
        guard let text = node.string else {
            report(.expected("a text", place, node.typeName, node.location))
            return nil
        }
        return text
    }

    mutating func bool(_ node: YAMLNode?, _ place: String) -> Bool? {
        guard let node else { return nil }
        guard let flag = node.scalar?.value.boolValue else {
            report(.expected("true or false", place, node.typeName, node.location))
            return nil
        }
        return flag
    }

    mutating func int(_ node: YAMLNode?, _ place: String, in range: ClosedRange<Int>) -> Int? {
        guard let node else { return nil }
        guard case .int(let number)? = node.scalar?.value else {
            report(.expected("an int", place, node.typeName, node.location))
            return nil
        }
        guard let value = Int(exactly: number), range.contains(value) else {
            report(
                .badValue(place, String(number), "from \(range.lowerBound) to \(range.upperBound)", node.location))
            return nil
        }
        return value
    }

    mutating func number(_ node: YAMLNode?, _ place: String, in range: ClosedRange<Double>) -> Double? {
        guard let node else { return nil }
        guard let scalar = node.scalar, let number = scalar.value.doubleValue else {
            report(.expected("a number", place, node.typeName, node.location))
            return nil
        }
        guard range.contains(number) else {
            report(.badValue(place, scalar.text, "from \(range.lowerBound) to \(range.upperBound)", node.location))
            return nil
        }
        return number
    }

    /// A length of time such as `500ms`, `10s` or `1h30m`, longer than zero and at most a year, in nanoseconds.
    mutating func duration(_ node: YAMLNode?, _ place: String) -> Int64? {
        guard let node else { return nil }
        let rule = "write a time such as 500ms, 10s, 5m or 1h30m, longer than 0 and at most 8760h"
        guard let scalar = node.scalar else {
            report(.expected("a time", place, node.typeName, node.location))
            return nil
        }
        guard case .string(let text) = scalar.value, let duration = CELDuration(text),
            (1...31_536_000_000_000_000).contains(duration.nanoseconds)
        else {
            report(.badValue(place, scalar.text, rule, node.location))
            return nil
        }
        return duration.nanoseconds
    }

    /// A text or a list of texts, each with its place.
    mutating func texts(_ node: YAMLNode?, _ place: String) -> [(text: String, location: SourceLocation)] {
        guard let node else { return [] }
        guard let elements = node.elements else {
            return text(node, place).map { [($0, node.location)] } ?? []
        }
        return elements.compactMap { element in
            text(element, place).map { ($0, element.location) }
        }
    }

    /// A name that expressions can use.
    mutating func name(_ name: String, _ kind: String, at location: SourceLocation) -> Bool {
        guard isName(name) else {
            report(.badName(kind, name, location))
            return false
        }
        guard !Expression.reservedWords.contains(name) else {
            report(.reservedName(kind, name, location))
            return false
        }
        return true
    }
}

private func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 64, !(48...57).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
    }
}
