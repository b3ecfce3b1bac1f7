// SPDX-License-Identifier: Apache-2.0
// FlowInput: what a flow is given, and the check of what is given against it.

import CorralBase

package enum InputType: String, Hashable, Sendable, CaseIterable, Codable {
    /// `{"$artifact": hash, …}` at run time: the client opens the file, the host keeps its content.
    case file
    case string
    case int
    /// An int or a double.
    case number
    case bool
    case list
    case map
    case any

    /// The type in a sentence.
    package var article: String {
        switch self {
        case .int: "an int"
        case .any: "any value"
        default: "a \(rawValue)"
        }
    }
}

package struct FlowInput: Sendable {
    package let name: String
    package let type: InputType
    /// Nil without a default. For a `file` a path, see `defaultFile`.
    package let defaultValue: JSON?
    package let isRequired: Bool
    package let help: String?
    package let location: SourceLocation

    /// The file that the client opens when none is given, relative to the folder of the flow file and inside it.
    package var defaultFile: String? { type == .file ? defaultValue?.stringValue : nil }

    /// Whoever runs a flow opens its default file with their own rights, so it must not name a file of theirs.
    static func isInsideFlowFolder(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return !path.isEmpty && !path.contains("\0")
            && !parts.contains { $0.isEmpty || $0 == ".." || $0.hasPrefix("~") }
    }

    /// The value in the form steps see, or nil when it has the wrong type. A whole double counts as an int.
    func accepting(_ value: JSON) -> JSON? {
        switch (type, value) {
        case (.any, _), (.string, .string), (.int, .int), (.number, .int), (.number, .double), (.bool, .bool),
            (.list, .array), (.map, .object):
            return value
        case (.int, .double): return value.intValue.map { .int($0) }
        case (.file, .object(let object)): return object["$artifact"]?.stringValue == nil ? nil : value
        default: return nil
        }
    }

    /// The value of a text given on a command line: the text itself for a string, JSON for a list or map; for `any`
    /// JSON when it is some, else the text.
    /// - Throws: `flow_input_invalid`. A `file` cannot come from a text: the client has to open it.
    package func value(fromText text: String) throws(CorralError) -> JSON {
        let value: JSON? =
            switch type {
            case .string: .string(text)
            case .int: Int64(text).map { .int($0) }
            case .bool: text == "true" ? true : text == "false" ? false : nil
            case .number, .list, .map: try? JSON(parsing: text)
            case .any: (try? JSON(parsing: text)) ?? .string(text)
            case .file: nil
            }
        guard let accepted = value.flatMap(accepting) else {
            throw .wrongInput(name, type, type == .file ? "a text" : "\"\(text.prefix(80))\"")
        }
        return accepted
    }
}

extension FlowDefinition {
    /// The input of a run: what was given, defaults for what was not, null for what is optional and not given.
    /// - Throws: `flow_input_invalid`, naming every mistake.
    package func resolveInput(_ given: JSON) throws(CorralError) -> JSON {
        guard let given = given.isNull ? [:] : given.objectValue else {
            throw .inputNotMap(given.typeName, flow: name)
        }
        var mistakes: [CorralError] = []
        let known = inputs.map(\.name)
        for key in given.keys where !known.contains(key) {
            mistakes.append(.unknownInput(key, known, flow: name))
        }
        var resolved = JSONObject()
        for input in inputs {
            guard let value = given[input.name] else {
                // A file's default is a path, and only the client may open it.
                let isMissing = input.isRequired || input.defaultFile != nil
                if isMissing { mistakes.append(.missingInput(input.name, input.type, flow: name)) }
                resolved[input.name] = input.defaultValue ?? .null
                continue
            }
            let accepted = value.isNull && !input.isRequired ? .null : input.accepting(value)
            if accepted == nil { mistakes.append(.wrongInput(input.name, input.type, value.typeName)) }
            resolved[input.name] = accepted
        }
        if mistakes.count > 1 { throw .severalInputMistakes(mistakes, flow: name) }
        if let mistake = mistakes.first { throw mistake }
        return .object(resolved)
    }
}
