// SPDX-License-Identifier: Apache-2.0
// SchemaReview: whether a JSON schema is one, and whether a value fits it. The keywords that manifests use (JSON Schema
// 2020-12, validation and applicator vocabularies); others are left alone, as the standard says.

import CorralBase

enum SchemaReview {
    private static let types = ["string", "integer", "number", "boolean", "null", "array", "object"]
    private static let counts = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]
    private static let bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
    private static let depthMax = 64

    // MARK: Is it a schema?

    /// Each with the path to it.
    static func mistakes(_ schema: JSON, at path: String = "", depth: Int = 0) -> [String] {
        func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
        if schema.boolValue != nil { return [] }
        guard let object = schema.objectValue else { return ["\(path): expected a schema, got \(schema.typeName)"] }
        guard depth < depthMax else { return ["\(path): nested deeper than \(depthMax)"] }
        var found = keywordMistakes(object, place)
        for name in ["properties", "$defs", "patternProperties"] {
            guard let value = object[name] else { continue }
            guard let members = value.objectValue else {
                found.append("\(place(name)): expected an object, got \(value.typeName)")
                continue
            }
            for (key, member) in members.members {
                found += mistakes(member, at: place("\(name).\(key)"), depth: depth + 1)
            }
        }
        for name in ["items", "additionalProperties", "not", "contains", "propertyNames"] {
            if let value = object[name] { found += mistakes(value, at: place(name), depth: depth + 1) }
        }
        for name in ["anyOf", "oneOf", "allOf", "prefixItems"] {
            guard let value = object[name] else { continue }
            guard let list = value.arrayValue, !list.isEmpty else {
                found.append("\(place(name)): expected a list of schemas")
                continue
            }
            for (index, item) in list.enumerated() {
                found += mistakes(item, at: place("\(name)[\(index)]"), depth: depth + 1)
            }
        }
        return found
    }

    private static func keywordMistakes(_ object: JSONObject, _ place: (String) -> String) -> [String] {
        var found: [String] = []
        if let type = object["type"] {
            let names = type.arrayValue ?? [type]
            for name in names where !types.contains(name.stringValue ?? "") {
                let given = name.stringValue ?? name.typeName
                let advice = didYouMean(given, among: types).map { "; \($0)" } ?? ""
                found.append("\(place("type")): \"\(given)\" is no type of JSON schema\(advice)")
            }
        }
        if let required = object["required"] {
            let names = required.arrayValue?.compactMap(\.stringValue)
            if names == nil || names?.count != required.arrayValue?.count {
                found.append("\(place("required")): expected a list of names")
            } else if Set(names ?? []).count != names?.count {
                found.append("\(place("required")): names a member twice")
            }
        }
        if let values = object["enum"], values.arrayValue?.isEmpty ?? true {
            found.append("\(place("enum")): expected a list of values")
        }
        for name in counts {
            if let value = object[name], (value.intValue ?? -1) < 0 { found.append("\(place(name)): expected a count") }
        }
        for name in bounds {
            if let value = object[name], value.doubleValue == nil { found.append("\(place(name)): expected a number") }
        }
        return found
    }

    // MARK: Does a value fit?

    /// The first thing that does not fit, or nil.
    static func misfit(_ value: JSON, _ schema: JSON, at path: String = "", depth: Int = 0) -> String? {
        guard depth < depthMax, let object = schema.objectValue else { return nil }
        let here = path.isEmpty ? "the value" : "\"\(path)\""
        if let type = object["type"] {
            let names = (type.arrayValue ?? [type]).compactMap(\.stringValue)
            if !names.contains(where: { isOf($0, value) }) {
                return "\(here) should be \(names.joined(separator: " or ")), and is \(value.typeName)"
            }
        }
        if let values = object["enum"]?.arrayValue, !values.contains(value) { return "\(here) is none of its choices" }
        if let number = value.doubleValue {
            if let least = object["minimum"]?.doubleValue, number < least { return "\(here) is below \(least)" }
            if let most = object["maximum"]?.doubleValue, number > most { return "\(here) is above \(most)" }
        }
        for (index, item) in (value.arrayValue ?? []).enumerated() {
            guard let items = object["items"] else { break }
            if let misfit = misfit(item, items, at: "\(path)[\(index)]", depth: depth + 1) { return misfit }
        }
        return members(value, object, here, path, depth)
    }

    private static func members(
        _ value: JSON, _ schema: JSONObject, _ here: String, _ path: String, _ depth: Int
    ) -> String? {
        guard let object = value.objectValue else { return nil }
        for name in (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue) where object[name] == nil {
            return "\(here) has no member \"\(name)\""
        }
        for (name, property) in schema["properties"]?.objectValue?.members ?? [] {
            guard let member = object[name] else { continue }
            if let misfit = misfit(member, property, at: path.isEmpty ? name : "\(path).\(name)", depth: depth + 1) {
                return misfit
            }
        }
        return nil
    }

    private static func isOf(_ type: String, _ value: JSON) -> Bool {
        switch type {
        case "string": value.stringValue != nil
        case "integer": value.intValue != nil
        case "number": value.doubleValue != nil
        case "boolean": value.boolValue != nil
        case "null": value.isNull
        case "array": value.arrayValue != nil
        case "object": value.objectValue != nil
        default: true
        }
    }
}
