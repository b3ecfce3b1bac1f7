// SPDX-License-Identifier: Apache-2.0
// YAMLNode: a document as people wrote it, every key and value with its place, so that a check can point at a mistake.

import CorralBase

/// One value of a YAML (or JSON) document and where it stands.
package struct YAMLNode: Sendable {
    package enum Kind: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// Members in the order they were written; the names are unique.
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    /// The first character of the value; for a value that an alias repeats, of the anchored original.
    package let location: SourceLocation
    package let kind: Kind

    package init(location: SourceLocation, kind: Kind) {
        self.location = location
        self.kind = kind
    }
}

/// A text in a document with what it means by the YAML 1.2 core schema.
package struct YAMLScalar: Sendable, Hashable {
    /// The text without quotes, escapes resolved.
    package let text: String
    /// Whether it was quoted or a block (`|`, `>`), and is therefore a string whatever it looks like.
    package let isQuoted: Bool
    /// null, bool, int, double or string. `yes`, `on` and `24h` are strings; integers above 64 bits are doubles.
    package let value: JSON
    /// Where the first character of `text` stands: after the quote, or at the first line of a block.
    package let contentStart: SourceLocation
    /// Whether line breaks in `text` are line breaks in the file (`|`).
    package let isLiteralBlock: Bool

    /// The place of the `offset`th Unicode scalar of `text`; exact where no escape or folded line comes before it.
    package func location(ofScalar offset: Int) -> SourceLocation {
        guard isLiteralBlock else {
            return SourceLocation(
                file: contentStart.file, line: contentStart.line, column: contentStart.column + max(0, offset))
        }
        let before = text.unicodeScalars.prefix(max(0, offset))
        let breaks = before.count { $0 == "\n" }
        let column = before.reversed().prefix { $0 != "\n" }.count
        return SourceLocation(
            file: contentStart.file, line: contentStart.line + breaks, column: contentStart.column + column)
    }
}

extension YAMLNode {
    /// The scalar, or nil when this is a list or a map.
    package var scalar: YAMLScalar? { if case .scalar(let scalar) = kind { scalar } else { nil } }
    /// The text of a scalar that is a string, or nil.
    package var string: String? { scalar?.value.stringValue }
    package var elements: [YAMLNode]? { if case .sequence(let elements) = kind { elements } else { nil } }
    package var members: [(key: YAMLNode, value: YAMLNode)]? {
        if case .mapping(let members) = kind { members } else { nil }
    }

    /// A key's name as it was written, whatever type it would have as a value (`on:` is "on", `8080:` is "8080").
    package var name: String { scalar?.text ?? "" }

    /// Whether this is an empty value, `~` or `null`.
    package var isNull: Bool { scalar?.value == .null }

    /// The value of a member of a map, or nil.
    package subscript(name: String) -> YAMLNode? { members?.first { $0.key.name == name }?.value }

    /// The word an error uses for this value's type: map, list, string, int, double, bool or null.
    package var typeName: String {
        switch kind {
        case .scalar(let scalar): scalar.value.typeName
        case .sequence: "list"
        case .mapping: "map"
        }
    }

    /// The value without places.
    package var json: JSON {
        switch kind {
        case .scalar(let scalar): scalar.value
        case .sequence(let elements): .array(elements.map(\.json))
        case .mapping(let members): .object(JSONObject(members.map { ($0.key.name, $0.value.json) }))
        }
    }
}
