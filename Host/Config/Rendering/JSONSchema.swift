// SPDX-License-Identifier: Apache-2.0
// JSONSchema: the declared schema as JSON Schema 2020-12, for editors: `corral config schema > corral.schema.json`.

import CorralBase

extension Schema {
    /// What `corral config schema` prints.
    package static var jsonSchema: JSON {
        var root = JSONObject([
            ("$schema", "https://json-schema.org/draft/2020-12/schema"), ("title", "corral.yaml"),
        ])
        for (key, value) in object(of: sections).members { root[key] = value }
        return .object(root)
    }

    private static func object(of fields: [Field]) -> JSONObject {
        var object = JSONObject([
            ("type", ["object", "null"]),
            ("properties", .object(JSONObject(fields.map { ($0.name, schema(of: $0)) }))),
            ("additionalProperties", false),
        ])
        let required = fields.filter(\.isRequired).map { JSON.string($0.name) }
        if !required.isEmpty { object["required"] = .array(required) }
        return object
    }

    private static func schema(of field: Field) -> JSON {
        var object = schema(of: field.shape)
        object["description"] = .string(field.help)
        if let standard = field.standard { object["default"] = standard }
        return .object(object)
    }

    private static func schema(of shape: Shape) -> JSONObject {
        switch shape {
        case .scalar(let type): orReference(schema(of: type))
        case .list(let item): JSONObject([("type", ["array", "null"]), ("items", .object(schema(of: item)))])
        case .map(let fields): object(of: fields)
        case .tree: [:]
        case .dictionary(let item, _):
            JSONObject([("type", ["object", "null"]), ("additionalProperties", .object(schema(of: item)))])
        }
    }

    /// Any value may be taken from a variable instead.
    private static func orReference(_ schema: JSONObject) -> JSONObject {
        if schema["type"] == "string", schema["enum"] == nil, schema["pattern"] == nil { return schema }
        return JSONObject([("anyOf", [.object(schema), ["type": "string", "pattern": #"\$\{[A-Za-z_:0-9]+\}"#]])])
    }

    private static func schema(of type: ScalarType) -> JSONObject {
        switch type {
        case .bool: ["type": "boolean"]
        case .int(let range):
            ["type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)]
        case .number(let range):
            ["type": "number", "minimum": .double(range.lowerBound), "maximum": .double(range.upperBound)]
        case .text: ["type": ["string", "number", "boolean"]]
        case .any: [:]
        case .choice(let values): ["type": "string", "enum": .array(values.map { .string($0) })]
        case .name(let known): ["type": "string", "examples": .array(known.map { .string($0) })]
        case .duration, .condition, .modelRule, .scale, .url, .formed:
            ["type": "string", "examples": [.string(type.expectation)]]
        case .rate: ["type": "string", "pattern": "^[0-9]+/(second|minute|hour|day)$"]
        case .money: ["type": ["number", "string"], "minimum": 0]
        }
    }
}
