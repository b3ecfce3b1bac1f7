// SPDX-License-Identifier: Apache-2.0

/// The part of JSON Schema (draft 2020-12) that Swift types need. It is written by ``SchemaProbe`` and read by the
/// host, which checks flows and inputs with it, and by people.
indirect enum JSONSchema: Hashable, Sendable {
    /// Any value; the probe cannot or need not say more.
    case anything
    case null
    case boolean
    case integer(minimum: Int?)
    case number
    case text
    case artifact
    case textChoice([String])
    case integerChoice([Int])
    case array(of: JSONSchema)
    case dictionary(of: JSONSchema)
    case object([Member])
    /// Also null.
    case optional(JSONSchema)

    struct Member: Hashable, Sendable {
        var name: String
        var schema: JSONSchema
        var isRequired: Bool
    }

    func orNull() -> JSONSchema {
        switch self {
        case .anything, .null, .optional: self
        default: .optional(self)
        }
    }
}

extension JSONSchema: Encodable {
    func encode(to encoder: any Encoder) throws {
        try encode(to: encoder, nullable: false)
    }

    private func encode(to encoder: any Encoder, nullable: Bool) throws {
        var keyword = encoder.container(keyedBy: JSONKey.self)
        func type(_ name: String) throws {
            if nullable {
                try keyword.encode([name, "null"], forKey: "type")
            } else {
                try keyword.encode(name, forKey: "type")
            }
        }
        switch self {
        case .anything: break
        case .null: try type("null")
        case .boolean: try type("boolean")
        case .integer(let minimum):
            try type("integer")
            try keyword.encodeIfPresent(minimum, forKey: "minimum")
        case .number: try type("number")
        case .text: try type("string")
        case .artifact:
            try type("object")
            try keyword.encode("artifact", forKey: "format")
            try keyword.encode(Self.artifactMembers, forKey: "properties")
            try keyword.encode(["$artifact"], forKey: "required")
        case .textChoice(let choices):
            try type("string")
            try keyword.encode(choices.map(JSON.text) + (nullable ? [.null] : []), forKey: "enum")
        case .integerChoice(let choices):
            try type("integer")
            try keyword.encode(choices.map(JSON.integer) + (nullable ? [.null] : []), forKey: "enum")
        case .array(let element):
            try type("array")
            if element != .anything { try keyword.encode(element, forKey: "items") }
        case .dictionary(let value):
            try type("object")
            if value != .anything { try keyword.encode(value, forKey: "additionalProperties") }
        case .object(let members):
            try type("object")
            try keyword.encode(Properties(members: members), forKey: "properties")
            let required = members.filter(\.isRequired).map(\.name)
            if !required.isEmpty { try keyword.encode(required, forKey: "required") }
        case .optional(let schema): try schema.encode(to: encoder, nullable: true)
        }
    }

    private static let artifactMembers = Properties(members: [
        Member(name: "$artifact", schema: .text, isRequired: true),
        Member(name: "name", schema: .text, isRequired: false),
        Member(name: "bytes", schema: .integer(minimum: 0), isRequired: false),
        Member(name: "type", schema: .text, isRequired: false),
    ])

    /// Members in the order of their declaration, which a dictionary would lose.
    private struct Properties: Encodable {
        var members: [Member]

        func encode(to encoder: any Encoder) throws {
            var properties = encoder.container(keyedBy: JSONKey.self)
            for member in members {
                try properties.encode(member.schema, forKey: JSONKey(stringValue: member.name))
            }
        }
    }
}

extension JSONKey: ExpressibleByStringLiteral {
    init(stringLiteral name: String) { self.init(stringValue: name) }
}
