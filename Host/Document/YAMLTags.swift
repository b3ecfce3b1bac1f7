// SPDX-License-Identifier: Apache-2.0
// YAMLTags: from a scalar's text, style and tag to its value. Tags other than the core schema's are refused: a tag that
// is ignored would silently change a value's meaning.

import CYaml
import CorralBase

private let corePrefix = "tag:yaml.org,2002:"

extension YAMLComposer {
    mutating func makeScalar(
        _ text: String, style: yaml_scalar_style_t, tag: String?, at location: SourceLocation
    ) -> YAMLScalar {
        let isQuoted = style != YAML_PLAIN_SCALAR_STYLE
        return YAMLScalar(
            text: text, isQuoted: isQuoted,
            value: value(text, tag: tag, isQuoted: isQuoted, at: location),
            contentStart: contentStart(style, at: location),
            isLiteralBlock: style == YAML_LITERAL_SCALAR_STYLE)
    }

    mutating func checkTag(_ tag: String?, expected: String, at location: SourceLocation) {
        guard let tag, tag != "!", tag != corePrefix + expected else { return }
        report(.unknownTag(tag, at: location))
    }

    private mutating func value(_ text: String, tag: String?, isQuoted: Bool, at location: SourceLocation) -> JSON {
        guard let tag else { return isQuoted ? .string(text) : plain(text, at: location) }
        guard tag != "!", tag != corePrefix + "str" else { return .string(text) }
        guard tag.hasPrefix(corePrefix) else {
            report(.unknownTag(tag, at: location))
            return .null
        }
        return tagged(text, String(tag.dropFirst(corePrefix.count)), at: location)
    }

    private mutating func tagged(_ text: String, _ type: String, at location: SourceLocation) -> JSON {
        let value = plain(text, at: location)
        switch (type, value) {
        case ("null", .null), ("bool", .bool), ("int", .int), ("float", .double): return value
        case ("float", .int(let number)): return .double(Double(number))
        case ("null", _), ("bool", _), ("int", _), ("float", _): report(.tagMismatch("!!" + type, text, at: location))
        default: report(.unknownTag("!!" + type, at: location))
        }
        return .null
    }

    private mutating func plain(_ text: String, at location: SourceLocation) -> JSON {
        switch CoreSchema.resolve(text) {
        case .value(let value): return value
        case .notFinite:
            report(.numberNotFinite(text, at: location))
            return .null
        }
    }

    /// A quoted text starts one column on; a block starts on the next line that is not empty, at its indentation.
    private func contentStart(_ style: yaml_scalar_style_t, at location: SourceLocation) -> SourceLocation {
        switch style {
        case YAML_PLAIN_SCALAR_STYLE: return location
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE:
            let body = lines.dropFirst(location.line)
            let indent = body.first { $0.contains { $0 != " " && $0 != "\r" } }?.prefix { $0 == " " }.count ?? 0
            return SourceLocation(file: file, line: location.line + 1, column: indent + 1)
        default: return SourceLocation(file: file, line: location.line, column: location.column + 1)
        }
    }
}
