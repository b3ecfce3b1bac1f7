// SPDX-License-Identifier: Apache-2.0
// FlowReader: a flow file → a definition and every mistake in it. What can be read is kept although something beside it
// is wrong, because the later checks should say what they can about the rest.

import CorralBase
import CorralDocument

/// A flow file as far as it could be read.
struct FlowDraft {
    let name: String
    let summary: String?
    let inputs: [FlowInput]
    let steps: [StepDraft]
    let graph: FlowGraph
    let output: Binding?
    let mode: Durability?
}

struct FlowReader {
    let text: String
    let file: String
    var fields = FieldReader()

    static let keys = ["flow", "description", "input", "defaults", "mode", "steps", "output"]
    static let laterKeys = ["reviews", "triggers", "emit", "loop", "switch"]

    init(text: String, file: String) {
        self.text = text
        self.file = file
    }

    /// What could be read, or nil when there is nothing to check further. The mistakes are in `fields`.
    mutating func read() -> FlowDraft? {
        let root: YAMLNode?
        do throws(DiagnosticsError) {
            root = try YAMLNode.parse(text, file: file)
        } catch {
            for diagnostic in error.diagnostics { fields.report(diagnostic) }
            return nil
        }
        guard let root, !root.isNull else {
            fields.report(.emptyFlow(file))
            return nil
        }
        return draft(root)
    }

    private mutating func draft(_ root: YAMLNode) -> FlowDraft? {
        guard let top = fields.fields(root, "the flow", known: Self.keys, later: Self.laterKeys) else { return nil }
        let name = flowName(top["flow"], root)
        let summary = fields.text(top["description"], "`description`")
        let inputs = inputs(top["input"])
        let mode = mode(top["mode"])
        let defaults = StepDefaults(top["defaults"], &fields)
        let steps = stepDrafts(top["steps"], root, defaults)
        let output = top["output"].map { node in binding(node) }
        return FlowDraft(
            name: name, summary: summary, inputs: inputs, steps: steps, graph: graph(steps), output: output, mode: mode)
    }

    private mutating func graph(_ steps: [StepDraft]) -> FlowGraph {
        let names = steps.map(\.name)
        let index = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
        var waits: [[Int]] = []
        for step in steps { waits.append(after(step, names, index)) }
        return FlowGraph(names: names, after: waits)
    }

    mutating func binding(_ node: YAMLNode) -> Binding {
        var found: [Diagnostic] = []
        let binding = Binding(node) { found.append($0) }
        for diagnostic in found { fields.report(diagnostic) }
        return binding
    }

    // MARK: The top

    private mutating func flowName(_ node: YAMLNode?, _ root: YAMLNode) -> String {
        guard let node else {
            fields.report(.missing("flow", "the flow", root.location, "write `flow: name` at the top"))
            return ""
        }
        guard let name = fields.text(node, "`flow`") else { return "" }
        let isAllowed =
            (1...63).contains(name.utf8.count) && name.utf8.first != UInt8(ascii: "-")
            && name.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) || "-_".utf8.contains($0) }
        if !isAllowed {
            let rule = "1–63 lower-case letters, digits, - and _, for example market-review"
            fields.report(.badValue("`flow`", name, rule, node.location))
        }
        return name
    }

    private mutating func mode(_ node: YAMLNode?) -> Durability? {
        guard let node, let text = fields.text(node, "`mode`") else { return nil }
        guard let mode = Durability(rawValue: text) else {
            fields.report(.badValue("`mode`", text, "sync, async or exit", node.location))
            return nil
        }
        return mode
    }

    private mutating func inputs(_ node: YAMLNode?) -> [FlowInput] {
        guard let node, !node.isNull else { return [] }
        guard let members = node.members else {
            fields.report(.expected("a map", "`input`", node.typeName, node.location))
            return []
        }
        return members.compactMap { key, value in input(key, value) }
    }

    /// `name: {type: …}`, or `name: type` for short.
    private mutating func input(_ key: YAMLNode, _ node: YAMLNode) -> FlowInput? {
        guard fields.name(key.name, "input", at: key.location) else { return nil }
        let place = "input \"\(key.name)\""
        if node.string != nil {
            let type = inputType(node, place) ?? .any
            return FlowInput(
                name: key.name, type: type, defaultValue: nil, isRequired: true, help: nil, location: key.location)
        }
        let known = ["type", "default", "required", "help"]
        guard let members = fields.fields(node, place, known: known) else { return nil }
        if members["type"] == nil {
            fields.report(.missing("type", place, node.location, "write {type: string}"))
        }
        let type = members["type"].flatMap { inputType($0, place) }
        let isRequired = fields.bool(members["required"], "`required` of \(place)")
        let input = FlowInput(
            name: key.name, type: type ?? .any, defaultValue: members["default"]?.json,
            isRequired: members["default"] == nil && isRequired ?? true,
            help: fields.text(members["help"], "`help` of \(place)"), location: key.location)
        checkDefault(members["default"], isRequired, input, place)
        return input
    }

    private mutating func inputType(_ node: YAMLNode, _ place: String) -> InputType? {
        guard let text = fields.text(node, "`type` of \(place)") else { return nil }
        if let type = InputType(rawValue: text) { return type }
        let names = InputType.allCases.map(\.rawValue)
        let rule = didYouMean(text, among: names) ?? names.joined(separator: ", ")
        fields.report(.badValue("`type` of \(place)", text, rule, node.location))
        return nil
    }

    private mutating func checkDefault(
        _ node: YAMLNode?, _ isRequired: Bool?, _ input: FlowInput, _ place: String
    ) {
        guard let node else { return }
        let name = "`default` of \(place)"
        if isRequired == true {
            fields.report(.badValue("`required` of \(place)", "true", "a default makes it optional", node.location))
        } else if input.type == .file {
            guard let path = fields.text(node, name), !FlowInput.isInsideFlowFolder(path) else { return }
            let rule = "a path inside the folder of the flow, for example sample.csv"
            fields.report(.badValue(name, path, rule, node.location))
        } else if input.accepting(node.json) == nil {
            fields.report(.expected(input.type.article, name, node.typeName, node.location))
        }
    }
}

/// `defaults:` what steps take that do not say otherwise.
struct StepDefaults {
    var timeoutNanoseconds: Int64?
    var retry = RetryPolicy()

    init(_ node: YAMLNode?, _ fields: inout FieldReader) {
        guard let node, let members = fields.fields(node, "`defaults`", known: ["timeout", "retry"]) else { return }
        timeoutNanoseconds = fields.duration(members["timeout"], "`timeout` of `defaults`")
        if let node = members["retry"] { retry = RetryPolicy(node, over: retry, "`defaults`", &fields) }
    }
}

extension RetryPolicy {
    /// `retry: 3` for short, or a map; what it does not say comes from `base`.
    init(_ node: YAMLNode, over base: RetryPolicy, _ place: String, _ fields: inout FieldReader) {
        self = base
        let name = "`retry` of \(place)"
        if node.scalar != nil {
            max = fields.int(node, name, in: 0...100) ?? base.max
            return
        }
        let known = ["max", "backoff", "factor", "max_backoff", "jitter", "on"]
        guard let members = fields.fields(node, name, known: known) else { return }
        max = fields.int(members["max"], "`max` of \(name)", in: 0...100) ?? base.max
        backoffNanoseconds = fields.duration(members["backoff"], "`backoff` of \(name)") ?? base.backoffNanoseconds
        factor = fields.number(members["factor"], "`factor` of \(name)", in: 1...100) ?? base.factor
        backoffMaxNanoseconds =
            fields.duration(members["max_backoff"], "`max_backoff` of \(name)")
            ?? Swift.max(base.backoffMaxNanoseconds, backoffNanoseconds)
        jitter = fields.number(members["jitter"], "`jitter` of \(name)", in: 0...1) ?? base.jitter
        if let codes = members["on"] { on = Set(fields.texts(codes, "`on` of \(name)").map(\.text)) }
        if members["max"] == nil, base.max == 0 {
            fields.report(.missing("max", name, node.location, "write {max: 3}"))
        }
    }
}
