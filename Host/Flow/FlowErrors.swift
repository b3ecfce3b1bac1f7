// SPDX-License-Identifier: Apache-2.0
// FlowErrors: every error text of this module.

import CorralBase

extension ErrorCode {
    package static let flowInvalid = ErrorCode(200, "flow_invalid")
    package static let flowUnknownKey = ErrorCode(201, "flow_unknown_key")
    package static let flowNotSupported = ErrorCode(202, "flow_not_supported")
    package static let flowUnknownStep = ErrorCode(203, "flow_unknown_step")
    package static let flowCycle = ErrorCode(204, "flow_cycle")
    package static let flowNotPredecessor = ErrorCode(205, "flow_not_predecessor")
    package static let flowUnknownPlugin = ErrorCode(206, "flow_unknown_plugin")
    package static let flowUnknownName = ErrorCode(207, "flow_unknown_name")
    package static let flowInputInvalid = ErrorCode(208, "flow_input_invalid")
    package static let flowNameInvalid = ErrorCode(209, "flow_name_invalid")
    package static let flowSchemaMismatch = ErrorCode(210, "flow_schema_mismatch")
    package static let flowUnused = ErrorCode(211, "flow_unused")
    package static let flowNotAList = ErrorCode(212, "flow_not_a_list")
    package static let flowValueTooLarge = ErrorCode(213, "flow_value_too_large")
    package static let flowAttemptLost = ErrorCode(214, "flow_attempt_lost")
    /// Declared here because such a loss says nothing about the step, so it does not count towards `flow_attempt_lost`.
    package static let hostDied = ErrorCode(729, "host_died")
}

extension Diagnostic {
    private static func error(
        _ code: ErrorCode, _ message: String, _ location: SourceLocation, _ suggestion: String? = nil
    ) -> Diagnostic {
        Diagnostic(.error, code, message, at: location, suggestion: suggestion)
    }

    // MARK: Shape

    static func emptyFlow(_ file: String) -> Diagnostic {
        error(
            .flowInvalid, "the file is empty", SourceLocation(file: file, line: 1, column: 1),
            "start with `flow: name` and `steps:`")
    }

    static func expected(_ expected: String, _ place: String, _ node: String, _ at: SourceLocation) -> Diagnostic {
        error(.flowInvalid, "\(place) must be \(expected), not \(node)", at)
    }

    static func missing(_ key: String, _ place: String, _ at: SourceLocation, _ suggestion: String) -> Diagnostic {
        error(.flowInvalid, "\(place) has no \"\(key)\"", at, suggestion)
    }

    static func badValue(_ place: String, _ value: String, _ rule: String, _ at: SourceLocation) -> Diagnostic {
        error(.flowInvalid, "\(place) \"\(shown(value))\" is not allowed", at, rule)
    }

    static func unknownKey(_ key: String, _ place: String, _ known: [String], _ at: SourceLocation) -> Diagnostic {
        error(
            .flowUnknownKey, "\(place) has no key \"\(shown(key))\"", at,
            didYouMean(key, among: known) ?? "known keys: \(known.joined(separator: ", "))")
    }

    static func laterKey(_ key: String, _ place: String, _ at: SourceLocation) -> Diagnostic {
        error(.flowNotSupported, "\"\(key)\" in \(place) is not supported by this version", at)
    }

    static func badTarget(_ message: String, _ at: SourceLocation) -> Diagnostic {
        error(.flowInvalid, message, at, "write agent: publisher/name or tool: publisher/name.tool")
    }

    static func tooManySteps(_ count: Int, _ at: SourceLocation) -> Diagnostic {
        error(
            .flowInvalid, "the flow has \(count) steps, more than \(Limits.flowStepsMax)", at, "use for_each for items")
    }

    // MARK: Names

    static func badName(_ kind: String, _ name: String, _ at: SourceLocation) -> Diagnostic {
        let repaired = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        let suggestion = repaired == name || name.isEmpty ? nil : "write \"\(shown(repaired))\""
        return error(
            .flowNameInvalid,
            "\(kind) \"\(shown(name))\" must be letters, digits and _, at most 64, starting with a letter", at,
            suggestion)
    }

    static func reservedName(_ kind: String, _ name: String, _ at: SourceLocation) -> Diagnostic {
        error(
            .flowNameInvalid, "\(kind) \"\(name)\" is a reserved word", at,
            "choose another name: \"\(name)\" has a meaning in expressions")
    }

    static func nameTaken(_ name: String, _ at: SourceLocation) -> Diagnostic {
        error(.flowNameInvalid, "\"\(name)\" is the name of a step already", at, "choose another name after `as`")
    }

    // MARK: Graph

    static func unknownStep(_ name: String, _ known: [String], _ at: SourceLocation) -> Diagnostic {
        error(.flowUnknownStep, "there is no step \"\(shown(name))\"", at, didYouMean(name, among: known))
    }

    static func selfReference(_ name: String, _ at: SourceLocation) -> Diagnostic {
        error(.flowCycle, "step \"\(name)\" waits for itself", at, "remove it from `after`")
    }

    static func repeatedStep(_ name: String, _ at: SourceLocation) -> Diagnostic {
        error(.flowInvalid, "step \"\(name)\" is named twice in `after`", at, "remove one")
    }

    static func cycle(_ names: [String], _ at: SourceLocation) -> Diagnostic {
        let loop = names.count > 12 ? names.prefix(10) + ["…"] + names.suffix(1) : names[...]
        return error(
            .flowCycle, "these steps wait for each other: \(loop.joined(separator: " → "))", at,
            "remove one of them from an `after`")
    }

    static func notPredecessor(_ name: String, of step: String, _ at: SourceLocation, isLater: Bool) -> Diagnostic {
        error(
            .flowNotPredecessor, "step \"\(step)\" reads \"\(name)\" but does not wait for it", at,
            isLater ? "\"\(name)\" itself waits for \"\(step)\"" : "add \"\(name)\" to `after` of \"\(step)\"")
    }

    static func readsItself(_ name: String, _ at: SourceLocation) -> Diagnostic {
        error(.flowNotPredecessor, "step \"\(name)\" reads its own result", at)
    }

    static func unknownName(_ name: String, _ advice: String?, _ at: SourceLocation) -> Diagnostic {
        error(.flowUnknownName, "unknown name \"\(shown(name))\"", at, advice)
    }

    static func unknownInput(_ name: String, _ known: [String], _ at: SourceLocation) -> Diagnostic {
        error(
            .flowUnknownName, "the flow has no input \"\(shown(name))\"", at,
            didYouMean(name, among: known) ?? "declare it under `input:`")
    }

    static func wholeSteps(_ at: SourceLocation) -> Diagnostic {
        error(.flowUnknownName, "\"steps\" is read with a step's name", at, "write steps.name.confidence")
    }

    static func unknownMetadata(_ name: String, _ known: [String], _ at: SourceLocation) -> Diagnostic {
        error(
            .flowUnknownName, "a step has no \"\(shown(name))\" in its metadata", at,
            didYouMean(name, among: known) ?? "known: \(known.joined(separator: ", "))")
    }

    static func itemOutside(_ name: String, _ at: SourceLocation) -> Diagnostic {
        error(.flowUnknownName, "\"\(name)\" exists only in the `with` of a step with for_each", at)
    }

    static func memberOfList(_ step: String, _ member: String, _ at: SourceLocation) -> Diagnostic {
        error(
            .flowSchemaMismatch, "\"\(step)\" is a list, because it has for_each; it has no member \"\(member)\"", at,
            "write \(step)[0].\(member) or \(step).map(x, x.\(member))")
    }

    static func neverRuns(_ step: String, _ at: SourceLocation) -> Diagnostic {
        Diagnostic(.warning, .flowUnused, "step \"\(step)\" never runs: its `when` is always false", at: at)
    }

    static func unusedInput(_ name: String, _ at: SourceLocation) -> Diagnostic {
        Diagnostic(
            .warning, .flowUnused, "input \"\(name)\" is never used", at: at,
            suggestion: "remove it, or read it with ${input.\(name)}")
    }

    // MARK: Catalogue

    static func unknownPlugin(_ kind: String, _ id: String, _ known: [String], _ at: SourceLocation) -> Diagnostic {
        error(
            .flowUnknownPlugin, "there is no \(kind) \"\(id)\"", at,
            didYouMean(id, among: known) ?? "`corral plugin list` shows what is there")
    }

    static func missingMember(_ name: String, of plugin: String, _ at: SourceLocation, isDefault: Bool) -> Diagnostic {
        error(
            .flowSchemaMismatch, "\(plugin) needs \"\(name)\"", at,
            isDefault ? "add `with: {\(name): …}`" : "add it to `with`")
    }

    static func unknownMember(
        _ name: String, of plugin: String, _ known: [String], _ at: SourceLocation, isError: Bool
    ) -> Diagnostic {
        Diagnostic(
            isError ? .error : .warning, .flowSchemaMismatch, "\(plugin) has no input \"\(shown(name))\"", at: at,
            suggestion: didYouMean(name, among: known) ?? "known: \(known.joined(separator: ", "))")
    }

    static func wrongType(
        _ name: String, of plugin: String, _ expected: String, _ found: String, _ at: SourceLocation
    ) -> Diagnostic {
        error(.flowSchemaMismatch, "\"\(name)\" of \(plugin) must be \(expected), not \(found)", at)
    }

    static func unknownOutput(_ path: String, of plugin: String, _ known: [String], _ at: SourceLocation) -> Diagnostic
    {
        let last = path.split(separator: ".").last.map(String.init) ?? path
        return error(
            .flowSchemaMismatch, "\(plugin) gives no \"\(shown(path))\"", at,
            didYouMean(last, among: known) ?? "known: \(known.joined(separator: ", "))")
    }
}

extension CorralError {
    // MARK: Starting a run

    static func missingInput(_ name: String, _ type: InputType, flow: String) -> CorralError {
        CorralError(
            .flowInputInvalid, "flow \"\(flow)\" needs the input \"\(name)\" (\(type.rawValue))",
            hint: "add --input \(name)=\(type == .file ? "FILE" : "VALUE")")
    }

    static func unknownInput(_ name: String, _ known: [String], flow: String) -> CorralError {
        let names = known.isEmpty ? "it has none" : "its inputs are \(known.joined(separator: ", "))"
        return CorralError(
            .flowInputInvalid, "flow \"\(flow)\" has no input \"\(shown(name))\"",
            hint: didYouMean(name, among: known) ?? names)
    }

    static func wrongInput(_ name: String, _ type: InputType, _ found: String) -> CorralError {
        CorralError(
            .flowInputInvalid, "input \"\(name)\" must be \(type.article), not \(found)",
            hint: type == .file ? "pass a file: --input \(name)=FILE" : nil)
    }

    static func inputNotMap(_ found: String, flow: String) -> CorralError {
        CorralError(.flowInputInvalid, "the input of flow \"\(flow)\" must be a map, not \(found)")
    }

    static func severalInputMistakes(_ errors: [CorralError], flow: String) -> CorralError {
        let lines = errors.map { $0.message + ($0.hint.map { " (\($0))" } ?? "") }
        return CorralError(
            .flowInputInvalid,
            "the input of flow \"\(flow)\" has \(errors.count) mistakes: "
                + lines.joined(separator: "; "), hint: "corral flow check shows the inputs of a flow")
    }

    // MARK: Running

    static func forEachNotList(_ step: String, _ found: String, _ at: SourceLocation) -> CorralError {
        CorralError(
            .flowNotAList, "\(at.place): for_each of step \"\(step)\" must be a list, not \(found)",
            hint: found == "null" ? "a skipped step is null; give the step a `when`" : nil)
    }

    static func tooManyItems(_ step: String, _ count: Int, _ at: SourceLocation) -> CorralError {
        CorralError(
            .flowNotAList,
            "\(at.place): for_each of step \"\(step)\" has \(count) items, more than \(Limits.forEachItemsMax)",
            hint: "pass the items in groups")
    }

    static func inputTooLarge(_ step: String, _ at: SourceLocation) -> CorralError {
        CorralError(
            .flowValueTooLarge,
            "\(at.place): the input of step \"\(step)\" is larger than \(Limits.requestBytesMax) bytes or nested deeper "
                + "than \(Limits.jsonDepthMax) levels", hint: "pass large data as a file")
    }

    static func outputTooLarge(_ at: SourceLocation) -> CorralError {
        CorralError(
            .flowValueTooLarge, "\(at.place): the output of the flow is larger than \(Limits.resultBytesMax) bytes",
            hint: "let a step write a file")
    }

    static func attemptLost(_ key: AttemptKey, times: Int, last: CorralError) -> CorralError {
        CorralError(
            .flowAttemptLost, "step \"\(key.step)\" was lost \(times) times in a row", hint: last.hint,
            cause: last.message)
    }
}

extension SourceLocation {
    fileprivate var place: String { "\(file):\(line):\(column)" }
}

private func shown(_ text: String) -> String {
    text.unicodeScalars.dropFirst(80).isEmpty ? text : String(text.unicodeScalars.prefix(79)) + "…"
}
