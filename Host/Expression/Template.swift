// SPDX-License-Identifier: Apache-2.0
// Template: a text with `${expression}` in it. A text that is one expression keeps the type of its value; any other
// becomes a text. `$${` is a literal `${`.

import CorralBase

package struct Template: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        case text(String)
        /// `offset` is where the expression starts in the template.
        case expression(Expression, offset: Int)
    }

    package let text: String
    let parts: [Part]

    /// - Throws: the codes of parsing an expression; the offset is that in the template.
    package init(parsing text: String) throws(ExpressionError) {
        var reader = TemplateReader(text)
        self.text = text
        parts = try reader.read()
    }

    /// Whether there is no expression in it.
    package var isLiteral: Bool { !parts.contains { if case .expression = $0 { true } else { false } } }

    /// Everything its expressions read, placed in the template.
    package var references: [Reference] {
        parts.flatMap { part -> [Reference] in
            guard case .expression(let expression, let offset) = part else { return [] }
            return expression.references.map { $0.moved(by: offset) }
        }
    }

    /// The expression when the whole template is one.
    package var wholeExpression: Expression? {
        if parts.count == 1, case .expression(let expression, _) = parts[0] { expression } else { nil }
    }

    /// The references that its expressions are, or nil when one of them computes anything.
    package var plainReferences: [Reference]? {
        var found: [Reference] = []
        for part in parts {
            guard case .expression(let expression, let offset) = part else { continue }
            guard let reference = expression.plainReference else { return nil }
            found.append(reference.moved(by: offset))
        }
        return found
    }

    /// The value. In a text, null is `null`, and lists and maps are compact JSON.
    package func json(_ bindings: some ExpressionBindings) throws(ExpressionError) -> JSON {
        var meter = ExpressionMeter()
        return try json(bindings, &meter)
    }

    /// The value, its cost taken from a bound that several templates share.
    package func json(
        _ bindings: some ExpressionBindings, _ meter: inout ExpressionMeter
    ) throws(ExpressionError) -> JSON {
        if let only = parts.first, parts.count == 1, case .expression(let expression, let offset) = only {
            return try evaluate(expression, at: offset, bindings, &meter)
        }
        var text = ""
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .expression(let expression, let offset):
                text += interpolated(try evaluate(expression, at: offset, bindings, &meter))
            }
        }
        return .string(text)
    }

    private func evaluate(
        _ expression: Expression, at offset: Int, _ bindings: some ExpressionBindings, _ meter: inout ExpressionMeter
    ) throws(ExpressionError) -> JSON {
        do throws(ExpressionError) {
            return try expression.json(bindings, &meter)
        } catch { throw error.moved(by: offset) }
    }

    private func interpolated(_ value: JSON) -> String {
        switch value {
        case .string(let text): text
        case .double(let number): doubleText(number)
        default: value.text()
        }
    }
}

private struct TemplateReader {
    private let text: String
    private var lexer: Lexer
    private var parts: [Template.Part] = []
    private var literal = String.UnicodeScalarView()

    init(_ text: String) {
        self.text = text
        lexer = Lexer(text)
    }

    mutating func read() throws(ExpressionError) -> [Template.Part] {
        while let scalar = lexer.peek() {
            if scalar == "$", lexer.peek(1) == "$", lexer.peek(2) == "{" {
                literal.append(contentsOf: "${".unicodeScalars)
                lexer.position += 3
            } else if scalar == "$", lexer.peek(1) == "{" {
                try expression()
            } else {
                literal.append(scalar)
                lexer.position += 1
            }
        }
        endLiteral()
        return parts.isEmpty ? [.text("")] : parts
    }

    private mutating func expression() throws(ExpressionError) {
        let start = lexer.position
        lexer.position += 2
        let end = try closingBrace(start)
        endLiteral()
        let inner = String(String.UnicodeScalarView(lexer.scalars[(start + 2)..<end]))
        do throws(ExpressionError) {
            parts.append(.expression(try Expression(parsing: inner), offset: start + 2))
        } catch { throw error.moved(by: start + 2) }
    }

    /// The brace that ends the expression: not one in a string, nor one that closes a map.
    private mutating func closingBrace(_ start: Int) throws(ExpressionError) -> Int {
        var depth = 0
        while true {
            let token = try lexer.next()
            switch token.kind {
            case .symbol("{"): depth += 1
            case .symbol("}") where depth == 0: return token.offset
            case .symbol("}"): depth -= 1
            case .end: throw .syntax("\"${\" is not closed", at: start, suggestion: "write $${ for a literal ${")
            default: break
            }
        }
    }

    private mutating func endLiteral() {
        guard !literal.isEmpty else { return }
        parts.append(.text(String(literal)))
        literal = String.UnicodeScalarView()
    }
}
