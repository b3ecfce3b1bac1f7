// SPDX-License-Identifier: Apache-2.0
// SchemaSample: the plainest value that a JSON schema allows: its own example or default where it has one, else the least
// of its type with only the members that must be there.

import CorralBase

enum SchemaSample {
    /// Schemas that refer to themselves end here.
    private static let depthMax = 16

    static func value(of schema: JSON, depth: Int = 0) -> JSON {
        guard depth < depthMax, let object = schema.objectValue else { return [:] }
        if let example = object["examples"]?.arrayValue?.first ?? object["example"] ?? object["default"] {
            return example
        }
        if let constant = object["const"] ?? object["enum"]?.arrayValue?.first { return constant }
        for key in ["anyOf", "oneOf", "allOf"] {
            if let first = object[key]?.arrayValue?.first { return value(of: first, depth: depth + 1) }
        }
        switch object["type"]?.stringValue ?? object["type"]?.arrayValue?.first?.stringValue {
        case "string": return .string(text(object))
        case "integer": return .int(object["minimum"]?.intValue ?? 1)
        case "number": return .double(object["minimum"]?.doubleValue ?? 1.5)
        case "boolean": return true
        case "null": return .null
        case "array": return list(object, depth)
        default: return members(object, depth)
        }
    }

    private static func text(_ object: JSONObject) -> String {
        let least = Int(min(64, max(0, object["minLength"]?.intValue ?? 0)))
        return String("sample".prefix(max(6, least))) + String(repeating: "x", count: max(0, least - 6))
    }

    private static func list(_ object: JSONObject, _ depth: Int) -> JSON {
        let count = Int(min(16, max(1, object["minItems"]?.intValue ?? 1)))
        guard let items = object["items"] else { return [] }
        return .array((0..<count).map { _ in value(of: items, depth: depth + 1) })
    }

    private static func members(_ object: JSONObject, _ depth: Int) -> JSON {
        let properties = object["properties"]?.objectValue ?? [:]
        let required = (object["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        return .object(JSONObject(required.map { ($0, value(of: properties[$0] ?? [:], depth: depth + 1)) }))
    }
}
