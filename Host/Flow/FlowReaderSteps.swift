// SPDX-License-Identifier: Apache-2.0
// FlowReaderSteps: the `steps` of a flow file. Names are collected first, because `after` may name a step further down.

import CorralBase
import CorralDocument
import CorralExpression

/// A step as it stands in the file, whether or not all of it could be read.
struct StepDraft {
    let name: String
    let location: SourceLocation
    /// Nil when it could not be read; that is reported.
    let target: FlowTarget?
    let targetLocation: SourceLocation
    let after: [(text: String, location: SourceLocation)]
    let with: Binding?
    let when: Condition?
    let forEach: ForEach?
    let timeoutNanoseconds: Int64?
    let retry: RetryPolicy

    var references: [PlacedReference] {
        (with?.references ?? []) + (when?.references ?? []) + (forEach?.list.references ?? [])
    }
}

extension FlowReader {
    static let stepKeys = [
        "agent", "tool", "after", "with", "when", "for_each", "as", "max_parallel", "timeout", "retry",
    ]
    static let laterStepKeys = ["review", "switch", "loop", "emit", "wait", "flow", "on_deny", "on_error", "once"]
    /// Names that mean something in a step's expressions.
    static let reservedStepNames: Set<String> = ["input", "item", "index", "steps"]

    mutating func stepDrafts(_ node: YAMLNode?, _ root: YAMLNode, _ defaults: StepDefaults) -> [StepDraft] {
        guard let node, !node.isNull else {
            fields.report(.missing("steps", "the flow", root.location, "write `steps:` with at least one step"))
            return []
        }
        guard let members = node.members else {
            fields.report(.expected("a map of steps by name", "`steps`", node.typeName, node.location))
            return []
        }
        if members.isEmpty {
            fields.report(.missing("step", "`steps`", node.location, "write name: {agent: publisher/name}"))
        }
        if members.count > Limits.flowStepsMax { fields.report(.tooManySteps(members.count, node.location)) }
        let names = Set(members.map(\.key.name))
        return members.prefix(Limits.flowStepsMax).map { key, value in stepDraft(key, value, names, defaults) }
    }

    private mutating func stepDraft(
        _ key: YAMLNode, _ node: YAMLNode, _ names: Set<String>, _ defaults: StepDefaults
    ) -> StepDraft {
        if fields.name(key.name, "step", at: key.location), Self.reservedStepNames.contains(key.name) {
            fields.report(.reservedName("step", key.name, key.location))
        }
        let place = "step \"\(key.name.prefix(80))\""
        let members = fields.fields(node, place, known: Self.stepKeys, later: Self.laterStepKeys) ?? [:]
        let isLater = node.members?.contains { Self.laterStepKeys.contains($0.key.name) } ?? true
        let target = target(members, place, node, isLater: isLater)
        let retry = members["retry"].map { RetryPolicy($0, over: defaults.retry, place, &fields) }
        return StepDraft(
            name: key.name, location: key.location, target: target,
            targetLocation: (members["agent"] ?? members["tool"] ?? key).location,
            after: fields.texts(members["after"], "`after` of \(place)"),
            with: members["with"].map { binding($0) }, when: condition(members["when"], place),
            forEach: forEach(members, place, names),
            timeoutNanoseconds: fields.duration(members["timeout"], "`timeout` of \(place)")
                ?? defaults.timeoutNanoseconds,
            retry: retry ?? defaults.retry)
    }

    private mutating func target(
        _ members: [String: YAMLNode], _ place: String, _ node: YAMLNode, isLater: Bool
    ) -> FlowTarget? {
        switch (members["agent"], members["tool"]) {
        case (let agent?, nil):
            return identifier(agent, "`agent` of \(place)") { .agent(try PluginID($0)) }
        case (nil, let tool?):
            return identifier(tool, "`tool` of \(place)") { .tool(try ToolID($0)) }
        case (nil, nil):
            // A step of a kind that another version has was reported by its name.
            if !isLater { fields.report(.badTarget("\(place) has neither an agent nor a tool", node.location)) }
        case (_?, let tool?):
            fields.report(.badTarget("\(place) has both an agent and a tool", tool.location))
        }
        return nil
    }

    private mutating func identifier(
        _ node: YAMLNode, _ place: String, _ make: (String) throws -> FlowTarget
    ) -> FlowTarget? {
        guard let text = fields.text(node, place) else { return nil }
        do {
            return try make(text)
        } catch {
            let message = (error as? CorralError)?.message ?? "\(place) \"\(text)\" is not allowed"
            fields.report(Diagnostic(.error, .flowInvalid, message, at: node.location))
            return nil
        }
    }

    private mutating func condition(_ node: YAMLNode?, _ place: String) -> Condition? {
        guard let node else { return nil }
        guard let scalar = node.scalar, !scalar.text.isEmpty else {
            fields.report(.expected("a condition", "`when` of \(place)", node.typeName, node.location))
            return nil
        }
        var found: [Diagnostic] = []
        let condition = Condition(scalar, at: node.location) { found.append($0) }
        for diagnostic in found { fields.report(diagnostic) }
        return condition
    }

    private mutating func forEach(_ members: [String: YAMLNode], _ place: String, _ names: Set<String>) -> ForEach? {
        guard let node = members["for_each"] else {
            for key in ["as", "max_parallel"] {
                if let extra = members[key] {
                    fields.report(.missing("for_each", place, extra.location, "`\(key)` needs it"))
                }
            }
            return nil
        }
        let itemName = itemName(members["as"], place, names)
        return ForEach(
            list: binding(node), itemName: itemName ?? "item",
            parallelMax: fields.int(members["max_parallel"], "`max_parallel` of \(place)", in: 1...100_000))
    }

    private mutating func itemName(_ node: YAMLNode?, _ place: String, _ names: Set<String>) -> String? {
        guard let node, let name = fields.text(node, "`as` of \(place)"),
            fields.name(name, "`as` of \(place)", at: node.location)
        else { return nil }
        if names.contains(name) { fields.report(.nameTaken(name, node.location)) }
        if name != "item", Self.reservedStepNames.contains(name) {
            fields.report(.reservedName("`as` of \(place)", name, node.location))
        }
        return name
    }

    // MARK: Names

    /// The positions of the steps that a step waits for.
    mutating func after(_ raw: StepDraft, _ names: [String], _ index: [String: Int]) -> [Int] {
        var found: [Int] = []
        var seen: Set<String> = []
        for (name, location) in raw.after {
            if name == raw.name {
                fields.report(.selfReference(name, location))
            } else if !seen.insert(name).inserted {
                fields.report(.repeatedStep(name, location))
            } else if let position = index[name] {
                found.append(position)
            } else {
                let near = fields.diagnostics.count < Limits.advisedMistakesMax ? names : []
                fields.report(.unknownStep(name, near, location))
            }
        }
        return found
    }
}
