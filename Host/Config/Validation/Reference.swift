// SPDX-License-Identifier: Apache-2.0
// Reference: `${NAME}`, `${env:NAME}` and `${secret:NAME}` inside configuration values. These are looked up, never
// evaluated: expressions belong into flows.

/// Something a value refers to.
package enum Reference: Sendable, Hashable {
    case variable(String)
    case secret(String)
}

struct ReferenceMistake: Error, Equatable {
    let message: String
    let suggestion: String?
}

/// A text with its references taken apart.
struct ReferenceText: Sendable, Equatable {
    enum Part: Sendable, Equatable {
        case literal(String)
        case reference(Reference)
    }

    let parts: [Part]

    var references: [Reference] {
        parts.compactMap { part in if case .reference(let reference) = part { reference } else { nil } }
    }

    /// - Throws: what is wrong with the first `${…}` that is none of the three forms. `$${` stands for `${`.
    init(_ text: String) throws(ReferenceMistake) {
        var parts: [Part] = []
        var literal = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            literal += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                literal += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else { throw .unclosed(text) }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(.reference(try Self.reference(rest[rest.index(rest.startIndex, offsetBy: 2)..<end])))
                rest = rest[rest.index(after: end)...]
            } else {
                literal += "$"
                rest = rest.dropFirst()
            }
        }
        literal += rest
        if !literal.isEmpty { parts.append(.literal(literal)) }
        self.parts = parts
    }

    /// The text with every reference replaced, or the first reference that has no value.
    func expanded(_ lookUp: (Reference) -> String?) -> Result<String, MissingReference> {
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .reference(let reference):
                guard let value = lookUp(reference) else { return .failure(MissingReference(reference: reference)) }
                text += value
            }
        }
        return .success(text)
    }

    private static func reference(_ body: Substring) throws(ReferenceMistake) -> Reference {
        let colon = body.firstIndex(of: ":")
        let scheme = colon.map { body[..<$0] }
        let name = colon.map { body[body.index(after: $0)...] } ?? body
        guard isVariableName(name) else { throw .badName(body) }
        switch scheme {
        case nil, "env": return .variable(String(name))
        case "secret": return .secret(String(name))
        case .some(let other): throw .unknownScheme(other, name: name)
        }
    }

    private static func isVariableName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.count <= 128 && isName(text) && !text.contains { "-./".contains($0) }
    }
}

struct MissingReference: Error {
    let reference: Reference
}

extension ReferenceMistake {
    static func unclosed(_ text: String) -> ReferenceMistake {
        ReferenceMistake(
            message: "\"\(shown(text))\" has a \"${\" without \"}\"", suggestion: "write \"$${\" for a literal \"${\"")
    }

    static func badName(_ body: Substring) -> ReferenceMistake {
        ReferenceMistake(
            message: "\"${\(shown(String(body)))}\" names no variable",
            suggestion: "write ${NAME}, ${env:NAME} or ${secret:NAME}; expressions belong into flows; "
                + "\"$${\" stands for a literal \"${\"")
    }

    static func unknownScheme(_ scheme: Substring, name: Substring) -> ReferenceMistake {
        ReferenceMistake(
            message: "\"${\(shown(String(scheme))):\(name)}\" is looked up nowhere",
            suggestion: "write ${env:\(name)} or ${secret:\(name)}")
    }
}
