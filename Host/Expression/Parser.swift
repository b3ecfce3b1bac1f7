// SPDX-License-Identifier: Apache-2.0
// Parser: tokens → syntax tree, by precedence climbing. Depth and height are bounded here once, so that everything
// after it may recurse over the tree.

import CorralBase

struct Parser {
    private let tokens: [Token]
    private var position = 0
    private var depth = 0

    /// Left-deep chains (`a + b + c…`) are cheap to parse but make high trees; CEL asks for at least 32 links.
    private static let heightMax = 256

    init(_ text: String) throws(ExpressionError) {
        guard text.utf8.count <= Limits.expressionBytesMax else { throw .tooLong(text.utf8.count) }
        var lexer = Lexer(text)
        tokens = try lexer.tokens()
    }

    mutating func parse() throws(ExpressionError) -> Syntax {
        if current.kind == .end { throw .syntax("the expression is empty", at: current.offset) }
        let syntax = try expression()
        guard current.kind == .end else { throw unexpected("the expression should end here") }
        return syntax
    }

    // MARK: Levels

    mutating func expression() throws(ExpressionError) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Limits.expressionDepthMax else { throw .tooDeep(at: current.offset) }
        let condition = try disjunction()
        let offset = current.offset
        guard take("?") else { return condition }
        let yes = try disjunction()
        try expect(":", "between the two values of ?:")
        let no = try expression()
        return try node(.conditional(condition, yes, no), offset)
    }

    private mutating func disjunction() throws(ExpressionError) -> Syntax {
        let first = try conjunction()
        guard isNext("||") else { return first }
        let offset = current.offset
        var operands = [first]
        while take("||") { operands.append(try conjunction()) }
        return try node(.or(operands), offset)
    }

    private mutating func conjunction() throws(ExpressionError) -> Syntax {
        let first = try binary(1)
        guard isNext("&&") else { return first }
        let offset = current.offset
        var operands = [first]
        while take("&&") { operands.append(try binary(1)) }
        return try node(.and(operands), offset)
    }

    private mutating func binary(_ weakest: Int) throws(ExpressionError) -> Syntax {
        var left = try unary()
        while case .symbol(let symbol) = current.kind, let known = Function.binary[symbol], known.precedence >= weakest
        {
            let offset = current.offset
            position += 1
            let right = try binary(known.precedence + 1)
            left = try node(.call(known.function, [left, right]), offset)
        }
        return left
    }

    private mutating func unary() throws(ExpressionError) -> Syntax {
        var signs: [(function: Function, offset: Int)] = []
        while isNext("!") || isNext("-") {
            if isNext("-"), let literal = try negativeLiteral() { return try wrap(try postfix(literal), signs) }
            signs.append((isNext("!") ? .not : .negate, current.offset))
            position += 1
        }
        return try wrap(try postfix(try primary()), signs)
    }

    private func wrap(
        _ operand: Syntax, _ signs: [(function: Function, offset: Int)]
    ) throws(ExpressionError) -> Syntax {
        var operand = operand
        for sign in signs.reversed() { operand = try node(.call(sign.function, [operand]), sign.offset) }
        return operand
    }

    /// A minus directly before a number belongs to it; otherwise -9223372036854775808 could not be written.
    private mutating func negativeLiteral() throws(ExpressionError) -> Syntax? {
        let offset = current.offset
        guard position + 1 < tokens.count, tokens[position + 1].offset == offset + 1 else { return nil }
        switch tokens[position + 1].kind {
        case .integer(let magnitude):
            guard magnitude <= UInt64(Int64.max) + 1 else { throw .syntax("the integer is out of range", at: offset) }
            position += 2
            return try node(.literal(.int(Int64(truncatingIfNeeded: 0 &- magnitude))), offset)
        case .double(let value):
            position += 2
            return try node(.literal(.double(-value)), offset)
        default: return nil
        }
    }

    private mutating func postfix(_ operand: Syntax) throws(ExpressionError) -> Syntax {
        var operand = operand
        while true {
            let offset = current.offset
            if take(".") {
                if isNext("?") { throw .unsupported("optional selection \".?\"", at: offset, suggestion: "use has(…)") }
                operand = try member(of: operand)
            } else if take("[") {
                if isNext("?") { throw .unsupported("optional index \"[?\"", at: offset) }
                let index = try expression()
                try expect("]", "after an index")
                operand = try node(.index(operand, index), offset)
            } else if isNext("{"), operand.isQualifiedName {
                throw .unsupported("building a message", at: offset, suggestion: "write a map: {\"key\": value}")
            } else {
                return operand
            }
        }
    }

    private mutating func member(of operand: Syntax) throws(ExpressionError) -> Syntax {
        let offset = current.offset
        switch current.kind {
        case .quotedName(let field):
            position += 1
            return try node(.select(operand, field: field), offset)
        case .name(let field):
            position += 1
            if isNext("(") { return try methodCall(field, on: operand, at: offset) }
            guard !literalNames.contains(field) else { throw .syntax("\"\(field)\" cannot be a field", at: offset) }
            return try node(typeName(operand, field) ?? .select(operand, field: field), offset)
        default: throw unexpected("expected a field name after \".\"")
        }
    }

    /// The two types whose names have dots.
    private func typeName(_ operand: Syntax, _ field: String) -> Syntax.Kind? {
        guard case .select(let package, "protobuf") = operand.kind, case .name("google") = package.kind else {
            return nil
        }
        return CELType(rawValue: "google.protobuf." + field).map { .literal(.type($0)) }
    }

    private mutating func primary() throws(ExpressionError) -> Syntax {
        let token = current
        position += token.kind == .end ? 0 : 1
        switch token.kind {
        case .integer(let value):
            guard let value = Int64(exactly: value) else {
                throw .syntax("the integer is out of range", at: token.offset, suggestion: "write \(value)u")
            }
            return try node(.literal(.int(value)), token.offset)
        case .unsigned(let value): return try node(.literal(.uint(value)), token.offset)
        case .double(let value): return try node(.literal(.double(value)), token.offset)
        case .string(let value): return try node(.literal(.string(value)), token.offset)
        case .bytes(let value): return try node(.literal(.bytes(value)), token.offset)
        case .name(let name): return try named(name, at: token.offset)
        case .symbol("("):
            let inner = try expression()
            try expect(")", "to close \"(\"")
            return inner
        case .symbol("["): return try node(.list(try list(closedBy: "]")), token.offset)
        case .symbol("{"): return try map(token.offset)
        case .symbol("."):
            guard case .name(let name) = current.kind else { throw unexpected("expected a name after \".\"") }
            let offset = current.offset
            position += 1
            return try named(name, at: offset)
        default:
            position = min(position, tokens.count - 1)
            throw Self.unexpected(token, "expected a value")
        }
    }

    private mutating func named(_ name: String, at offset: Int) throws(ExpressionError) -> Syntax {
        switch name {
        case "true": return try node(.literal(.bool(true)), offset)
        case "false": return try node(.literal(.bool(false)), offset)
        case "null": return try node(.literal(.null), offset)
        default: break
        }
        guard !reservedNames.contains(name) else { throw .syntax("\"\(name)\" is a reserved word", at: offset) }
        if isNext("(") { return try globalCall(name, at: offset) }
        return try node(.name(name), offset)
    }

    // MARK: Lists

    /// Expressions up to the closing bracket; a comma may come before it.
    mutating func list(closedBy end: String) throws(ExpressionError) -> [Syntax] {
        var elements: [Syntax] = []
        while !take(end) {
            if isNext("?") { throw .unsupported("an optional element", at: current.offset) }
            elements.append(try expression())
            if take(",") { continue }
            try expect(end, "or \",\"")
            break
        }
        return elements
    }

    private mutating func map(_ offset: Int) throws(ExpressionError) -> Syntax {
        var entries: [(key: Syntax, value: Syntax)] = []
        while !take("}") {
            if isNext("?") { throw .unsupported("an optional entry", at: current.offset) }
            let key = try expression()
            try expect(":", "after the key of a map")
            entries.append((key, try expression()))
            if take(",") { continue }
            try expect("}", "or \",\"")
            break
        }
        return try node(.map(entries), offset)
    }

    // MARK: Tokens

    func node(_ kind: Syntax.Kind, _ offset: Int) throws(ExpressionError) -> Syntax {
        let below = Syntax(offset: offset, height: 0, kind: kind).children.reduce(0) { max($0, $1.height) }
        guard below < Self.heightMax else { throw .tooDeep(at: offset) }
        return Syntax(offset: offset, height: below + 1, kind: kind)
    }

    var current: Token { tokens[position] }

    private func isNext(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }

    mutating func take(_ symbol: String) -> Bool {
        guard isNext(symbol) else { return false }
        position += 1
        return true
    }

    mutating func expect(_ symbol: String, _ place: String) throws(ExpressionError) {
        guard take(symbol) else { throw unexpected("expected \"\(symbol)\" \(place)") }
    }

    private func unexpected(_ expected: String) -> ExpressionError { Self.unexpected(current, expected) }

    private static func unexpected(_ token: Token, _ expected: String) -> ExpressionError {
        .syntax("\(expected), not \(token.shown)", at: token.offset)
    }
}

extension Token {
    fileprivate var shown: String {
        switch kind {
        case .name(let name), .quotedName(let name): "\"\(CorralExpression.shown(name))\""
        case .integer, .unsigned, .double: "a number"
        case .string, .bytes: "a string"
        case .symbol(let symbol): "\"\(symbol)\""
        case .end: "the end"
        }
    }
}

extension Syntax {
    /// `a` or `a.b.c`, the only thing that could name a message type.
    fileprivate var isQualifiedName: Bool {
        switch kind {
        case .name: true
        case .select(let operand, _): operand.isQualifiedName
        default: false
        }
    }
}

private let literalNames: Set<String> = ["true", "false", "null"]

/// Words the language definition keeps for later; none can name a value.
let reservedNames: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
    "namespace",
    "return", "var", "void", "while",
]
