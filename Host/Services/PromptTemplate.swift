// SPDX-License-Identifier: Apache-2.0
// PromptTemplate: a prompt's text with variables `{{name}}`. Nothing but names: whoever may change a prompt must not get
// to run anything by it, and a value is never read again for variables.

import CorralBase

package struct PromptTemplate: Sendable, Equatable {
    private enum Piece: Equatable {
        case text(String)
        case variable(String)
    }

    private var pieces: [Piece] = []

    /// Reads a text. `\{{` stands for two braces.
    /// - Parameters:
    ///   - name: the prompt's, for errors.
    ///   - variables: those that the plugin declares, and so gives.
    /// - Throws: `prompt_text_invalid`, naming the line.
    package init(_ text: String, of name: String, variables: [String]) throws(CorralError) {
        var rest = Substring(text)
        var line = 1
        while let open = rest.firstRange(of: "{{") {
            let before = rest[..<open.lowerBound]
            line += before.count { $0.isNewline }
            if before.last == "\\" {
                append(before.dropLast() + "{{")
                rest = rest[open.upperBound...]
                continue
            }
            append(before)
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                throw .promptTextInvalid(name, "the {{ in line \(line) is never closed")
            }
            let inner = rest[open.upperBound..<close.lowerBound]
            let variable = String(inner.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            guard variables.contains(variable) else {
                throw .promptTextInvalid(
                    name, "line \(line) has the variable \"\(variable.prefix(64))\", which the plugin does not give",
                    didYouMean(variable, among: variables) ?? "it gives: \(variables.sorted().joined(separator: ", "))")
            }
            pieces.append(.variable(variable))
            rest = rest[close.upperBound...]
        }
        append(rest)
    }

    private mutating func append(_ text: some StringProtocol) {
        if !text.isEmpty { pieces.append(.text(String(text))) }
    }

    /// Puts the values in. All that are declared must be given, also those that this text does not use: another version
    /// may, and which one counts is not the plugin's to know.
    /// - Throws: `prompt_variables_wrong`, with all that are missing and all that are unknown.
    package func render(
        _ values: JSONObject, of name: String, variables: [String]
    ) throws(CorralError) -> String {
        let missing = variables.filter { values[$0] == nil || values[$0] == .null }
        let unknown = values.keys.filter { !variables.contains($0) }
        guard missing.isEmpty, unknown.isEmpty else {
            throw .promptVariablesWrong(name, missing: missing.sorted(), unknown: unknown.sorted())
        }
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let part): text += part
            case .variable(let variable): text += values[variable]?.promptText ?? ""
            }
            guard text.utf8.count <= Limits.promptRenderedBytesMax else {
                throw .promptTooLong(name, limitBytes: Limits.promptRenderedBytesMax)
            }
        }
        return text
    }
}

extension JSON {
    /// A text as it is, anything else as JSON.
    fileprivate var promptText: String { stringValue ?? text() }
}

extension Limits {
    /// A prompt with its values: what a request to a model may hold, and what one frame to a worker takes.
    package static let promptRenderedBytesMax = 1 << 20
    /// Versions of one prompt. A person writes dozens; what proposes changes by itself must not fill the store.
    package static let promptVersionsMax = 1_000
}
