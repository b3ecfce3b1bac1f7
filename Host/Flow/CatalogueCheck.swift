// SPDX-License-Identifier: Apache-2.0
// CatalogueCheck: a flow against the plugins that are there: do they exist, do they get what they need, do they give
// what later steps read. JSON Schema is used where it says something plain; anything cleverer (`anyOf`, `$ref`) is left
// to the plugin.

import CorralBase
import CorralExpression

struct CatalogueCheck {
    private let draft: FlowDraft
    private let catalogue: any FlowCatalogue
    private var diagnostics: [Diagnostic] = []
    private var descriptions: [AgentDescription?] = []

    init(_ draft: FlowDraft, _ catalogue: any FlowCatalogue) {
        self.draft = draft
        self.catalogue = catalogue
    }

    consuming func run() -> [Diagnostic] {
        for step in draft.steps { descriptions.append(describe(step)) }
        for (position, step) in draft.steps.enumerated() {
            if let schema = descriptions[position]?.inputSchema { checkInput(step, position, Schema(schema)) }
            for reference in step.references { checkOutput(reference, of: step) }
        }
        for reference in draft.output?.references ?? [] { checkOutput(reference, of: nil) }
        return diagnostics
    }

    private mutating func describe(_ step: StepDraft) -> AgentDescription? {
        switch step.target {
        case .agent(let id)?:
            if let found = catalogue.agent(id) { return found }
            diagnostics.append(.unknownPlugin("agent", id.text, catalogue.agentNames, step.targetLocation))
        case .tool(let id)?:
            if let found = catalogue.tool(id) { return found }
            diagnostics.append(.unknownPlugin("tool", id.description, catalogue.toolNames, step.targetLocation))
        case nil: break
        }
        return nil
    }

    // MARK: Input

    private mutating func checkInput(_ step: StepDraft, _ position: Int, _ schema: Schema) {
        guard let given = givenNames(step, position), let target = step.target else { return }
        let plugin = target.description
        for name in schema.required where !given.contains(name) {
            diagnostics.append(
                .missingMember(
                    name, of: plugin, step.with?.location ?? step.targetLocation, isDefault: step.with == nil))
        }
        guard case .map(let members)? = step.with?.kind, let known = schema.properties else { return }
        for member in members {
            if let property = known[member.key] {
                checkType(member.key, member.value, Schema(property), plugin)
            } else if !schema.allowsMore {
                diagnostics.append(
                    .unknownMember(
                        member.key, of: plugin, known.keys, member.value.location, isError: schema.isClosed))
            }
        }
    }

    /// The names a step's input will have, or nil when that cannot be told.
    private func givenNames(_ step: StepDraft, _ position: Int) -> Set<String>? {
        if let with = step.with { return with.keys.map { Set($0) } }
        if step.forEach != nil { return nil }
        let after = draft.graph.after[position]
        return Set(after.isEmpty ? draft.inputs.map(\.name) : after.map { draft.steps[$0].name })
    }

    private mutating func checkType(_ name: String, _ value: Binding, _ schema: Schema, _ plugin: String) {
        guard let expected = schema.types, let found = types(of: value) else { return }
        let fits = found.contains { type in
            expected.contains(type) || (type == "integer" && expected.contains("number"))
        }
        if fits { return }
        diagnostics.append(
            .wrongType(
                name, of: plugin, expected.joined(separator: " or "), found.joined(separator: " or "), value.location))
    }

    /// The JSON types a value can have in a run, or nil when that cannot be told.
    private func types(of value: Binding) -> [String]? {
        switch value.kind {
        case .constant(let json): return [json.schemaType]
        case .list: return ["array"]
        case .map: return ["object"]
        case .template(let template, _):
            guard let expression = template.wholeExpression else { return ["string"] }
            return expression.plainReference.flatMap(types)
        }
    }

    private func types(of reference: Reference) -> [String]? {
        if reference.root == "input" {
            guard reference.path.count == 1 else { return nil }
            return draft.inputs.first { $0.name == reference.path[0] }?.schemaTypes
        }
        guard let step = draft.graph.index[reference.root] else { return nil }
        if draft.steps[step].forEach != nil { return reference.path.isEmpty ? ["array"] : nil }
        guard let schema = descriptions[step]?.outputSchema else { return nil }
        let found = reference.path.reduce(Schema(schema) as Schema?) { $0?.properties?[$1].map { Schema($0) } }
        // A number may turn out to be whole.
        return found?.types.map { $0.contains("number") ? $0 + ["integer"] : $0 }
    }

    // MARK: Output

    private mutating func checkOutput(_ placed: PlacedReference, of reader: StepDraft?) {
        let reference = placed.reference
        if let forEach = reader?.forEach, [forEach.itemName, "index"].contains(reference.root) { return }
        guard let other = draft.graph.index[reference.root], draft.steps[other].forEach == nil,
            let schema = descriptions[other]?.outputSchema, let target = draft.steps[other].target
        else { return }
        var current = Schema(schema)
        for (depth, member) in reference.path.enumerated() {
            guard let known = current.properties, !current.allowsMore else { return }
            guard let next = known[member] else {
                if reference.isTest, depth == reference.path.count - 1 { return }
                let path = reference.path[...depth].joined(separator: ".")
                diagnostics.append(.unknownOutput(path, of: target.description, known.keys, placed.location))
                return
            }
            current = Schema(next)
        }
    }
}

/// The plain part of a JSON Schema.
private struct Schema {
    private let object: JSONObject?

    init(_ json: JSON) {
        let object = json.objectValue
        let isPlain = ["$ref", "anyOf", "oneOf", "allOf", "not", "if"].allSatisfy { object?[$0] == nil }
        self.object = isPlain ? object : nil
    }

    var properties: JSONObject? { object?["properties"]?.objectValue }
    var required: [String] { object?["required"]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// Members that are not named are welcome: the schema says so.
    var allowsMore: Bool {
        switch object?["additionalProperties"] {
        case nil, .bool(false)?: object?["patternProperties"] != nil
        default: true
        }
    }

    /// Members that are not named are refused.
    var isClosed: Bool { object?["additionalProperties"]?.boolValue == false }

    /// The types a value may have; nil when the schema does not say.
    var types: [String]? {
        switch object?["type"] {
        case .string(let type)?: [type]
        case .array(let types)?: types.compactMap(\.stringValue)
        default: nil
        }
    }
}

extension FlowInput {
    /// Nil for an input that may be anything, or null.
    fileprivate var schemaTypes: [String]? {
        guard isRequired || defaultValue != nil else { return nil }
        return switch type {
        case .file, .map: ["object"]
        case .string: ["string"]
        case .int: ["integer"]
        case .number: ["integer", "number"]
        case .bool: ["boolean"]
        case .list: ["array"]
        case .any: nil
        }
    }
}

extension JSON {
    /// The word JSON Schema has for the type.
    fileprivate var schemaType: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int: "integer"
        case .double: intValue == nil ? "number" : "integer"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
