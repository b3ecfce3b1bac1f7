// SPDX-License-Identifier: Apache-2.0
import CorralBase
import CorralExpression

/// A value against a JSON Schema: the part of draft 2020-12 below. A schema with a keyword that asserts something else is
/// refused as a whole, because a value that was half checked would look as if it had been.
struct SchemaCheck {
    private let root: JSON

    /// Faults that are looked for; what has more is no better described by all of them.
    static let faultsMax = 50
    /// Schemas looked at for one value. One that refers to itself twice would double them at each level.
    static let stepsMax = 1_000_000

    private static let asserting: Set = [
        "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        "minLength", "maxLength", "pattern", "items", "prefixItems", "minItems", "maxItems", "uniqueItems",
        "properties", "required", "additionalProperties", "minProperties", "maxProperties", "anyOf", "oneOf", "allOf",
        "not", "$ref", "$defs",
    ]
    /// They describe and assert nothing; `format` is one of them in draft 2020-12 (validation, section 7.2.1).
    private static let describing: Set = [
        "$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly",
        "writeOnly", "format",
    ]

    /// - Throws: `RuleFault` for a schema that is none, or that this does not understand whole.
    init(_ schema: JSON) throws(RuleFault) {
        root = schema
        try check(schema, at: "schema", depth: 0)
    }

    /// What does not fit, each as a sentence that names the place; empty when the value fits, nil when it takes too long
    /// to say.
    func faults(of value: JSON) -> [String]? {
        var walk = SchemaWalk(root: root, SchemaSteps(left: Self.stepsMax))
        walk.check(value, root, at: "", depth: 0)
        return walk.steps.left > 0 ? walk.faults : nil
    }

    // MARK: The schema itself

    private func check(_ schema: JSON, at place: String, depth: Int) throws(RuleFault) {
        if schema.boolValue != nil { return }
        guard depth < 64, let object = schema.objectValue else { throw RuleFault("\(place) is no schema") }
        for (name, value) in object.members {
            let inner = "\(place).\(name)"
            guard Self.asserting.contains(name) || Self.describing.contains(name) else {
                throw RuleFault("\(place) has \"\(name)\", which is not understood")
            }
            switch name {
            case "items", "additionalProperties", "not": try check(value, at: inner, depth: depth + 1)
            case "properties", "$defs":
                guard let members = value.objectValue?.members else { throw RuleFault("\(inner) is no map") }
                for member in members { try check(member.value, at: "\(inner).\(member.key)", depth: depth + 1) }
            case "anyOf", "oneOf", "allOf", "prefixItems":
                guard let list = value.arrayValue, !list.isEmpty else {
                    throw RuleFault("\(inner) is no list of schemas")
                }
                for item in list { try check(item, at: inner, depth: depth + 1) }
            case "$ref":
                guard target(of: value) != nil else { throw RuleFault("\(inner) refers to nothing in this schema") }
            default: try check(keyword: name, value, inner)
            }
        }
    }

    private func check(keyword name: String, _ value: JSON, _ place: String) throws(RuleFault) {
        switch name {
        case "type":
            let names = (value.arrayValue ?? [value]).map { $0.stringValue ?? "" }
            guard !names.isEmpty, names.allSatisfy(SchemaWalk.types.contains) else {
                throw RuleFault("\(place) is no type of JSON schema")
            }
        case "enum": if value.arrayValue == nil { throw RuleFault("\(place) is no list") }
        case "required":
            guard value.arrayValue?.allSatisfy({ $0.stringValue != nil }) == true else {
                throw RuleFault("\(place) is no list of names")
            }
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
            if value.doubleValue == nil { throw RuleFault("\(place) is no number") }
        case "multipleOf":
            guard let number = value.doubleValue, number > 0 else { throw RuleFault("\(place) is no number above 0") }
        case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
            if (value.intValue ?? -1) < 0 { throw RuleFault("\(place) is no count") }
        case "uniqueItems": if value.boolValue == nil { throw RuleFault("\(place) is not true or false") }
        case "pattern": try check(pattern: value, place)
        default: break
        }
    }

    private func check(pattern: JSON, _ place: String) throws(RuleFault) {
        guard let text = pattern.stringValue, SchemaWalk.matches("", text) != nil else {
            throw RuleFault("\(place) is no regular expression in RE2's syntax")
        }
    }

    private func target(of reference: JSON) -> JSON? {
        SchemaWalk(root: root, SchemaSteps(left: 1)).target(of: reference.stringValue ?? "")
    }
}
