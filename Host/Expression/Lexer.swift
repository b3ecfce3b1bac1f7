// SPDX-License-Identifier: Apache-2.0
// Lexer: expression text → tokens with their places, by the lexis of the CEL language definition.

struct Token: Sendable {
    enum Kind: Sendable, Equatable {
        case name(String)
        /// `a.`some-field``: a field that is no identifier.
        case quotedName(String)
        /// The magnitude; whether it fits depends on a minus before it.
        case integer(UInt64)
        case unsigned(UInt64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
        case symbol(String)
        case end
    }

    let kind: Kind
    let offset: Int
}

struct Lexer {
    let scalars: [Unicode.Scalar]
    var position = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// All tokens, the last one being `.end`.
    mutating func tokens() throws(ExpressionError) -> [Token] {
        var tokens: [Token] = []
        while true {
            let token = try next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    mutating func next() throws(ExpressionError) -> Token {
        skipSpaceAndComments()
        let start = position
        guard let first = peek() else { return Token(kind: .end, offset: start) }
        if isDigit(first) || (first == "." && peek(1).map(isDigit) == true) {
            return Token(kind: try number(), offset: start)
        }
        if let prefix = stringPrefix() { return Token(kind: try string(prefix), offset: start) }
        if isNameStart(first) { return Token(kind: name(), offset: start) }
        if first == "`" { return Token(kind: try quotedName(), offset: start) }
        return Token(kind: try symbol(), offset: start)
    }

    func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        position + ahead < scalars.count ? scalars[position + ahead] : nil
    }

    private mutating func skipSpaceAndComments() {
        while let scalar = peek() {
            if scalar == " " || scalar == "\n" || scalar == "\t" || scalar == "\r" || scalar == "\u{0C}" {
                position += 1
            } else if scalar == "/", peek(1) == "/" {
                while let inner = peek(), inner != "\n" { _ = inner; position += 1 }
            } else {
                return
            }
        }
    }

    private mutating func name() -> Token.Kind {
        let text = take { isNameStart($0) || isDigit($0) }
        return text == "in" ? .symbol("in") : .name(text)
    }

    private mutating func quotedName() throws(ExpressionError) -> Token.Kind {
        let start = position
        position += 1
        let text = take { isNameStart($0) || isDigit($0) || "-./ ".unicodeScalars.contains($0) }
        guard peek() == "`", !text.isEmpty else { throw .syntax("a quoted field name is not closed", at: start) }
        position += 1
        return .quotedName(text)
    }

    private mutating func symbol() throws(ExpressionError) -> Token.Kind {
        guard let first = peek() else { return .end }
        if let second = peek(1) {
            let pair = String(String.UnicodeScalarView([first, second]))
            if ["&&", "||", "==", "!=", "<=", ">="].contains(pair) {
                position += 2
                return .symbol(pair)
            }
        }
        guard "()[]{}.,?:+-*/%!<>".unicodeScalars.contains(first) else { throw unexpected(first) }
        position += 1
        return .symbol(String(first))
    }

    private func unexpected(_ scalar: Unicode.Scalar) -> ExpressionError {
        let advice: String? =
            switch scalar {
            case "=": "compare with =="
            case "&": "use &&"
            case "|": "use ||"
            default: nil
            }
        return .syntax("unexpected character \"\(scalar)\"", at: position, suggestion: advice)
    }

    // MARK: Numbers

    private mutating func number() throws(ExpressionError) -> Token.Kind {
        let start = position
        if peek() == "0", peek(1) == "x" || peek(1) == "X" {
            position += 2
            let digits = take { $0.properties.isASCIIHexDigit }
            guard let value = UInt64(digits, radix: 16) else { throw badNumber(start) }
            return try integer(value, start)
        }
        var text = take(isDigit)
        var isDouble = false
        if peek() == ".", peek(1).map(isDigit) == true {
            isDouble = true
            position += 1
            text += "." + take(isDigit)
        }
        if peek() == "e" || peek() == "E" {
            isDouble = true
            text += try exponent(start)
        }
        if isDouble { return try double(text, start) }
        guard let value = UInt64(text) else { throw .syntax("integer \(shown(text)) is out of range", at: start) }
        return try integer(value, start)
    }

    private mutating func exponent(_ start: Int) throws(ExpressionError) -> String {
        position += 1
        var text = "e"
        if let sign = peek(), sign == "+" || sign == "-" {
            text += String(sign)
            position += 1
        }
        let digits = take(isDigit)
        guard !digits.isEmpty else { throw badNumber(start) }
        return text + digits
    }

    private mutating func integer(_ value: UInt64, _ start: Int) throws(ExpressionError) -> Token.Kind {
        let isUnsigned = peek() == "u" || peek() == "U"
        if isUnsigned { position += 1 }
        try endNumber(start)
        return isUnsigned ? .unsigned(value) : .integer(value)
    }

    private mutating func double(_ text: String, _ start: Int) throws(ExpressionError) -> Token.Kind {
        try endNumber(start)
        guard let value = Double(text.hasPrefix(".") ? "0" + text : text), value.isFinite else {
            throw .syntax("number \(shown(text)) is out of range", at: start)
        }
        return .double(value)
    }

    private func endNumber(_ start: Int) throws(ExpressionError) {
        if let scalar = peek(), isNameStart(scalar) || isDigit(scalar) { throw badNumber(start) }
    }

    private func badNumber(_ start: Int) -> ExpressionError { .syntax("this is not a number", at: start) }

    mutating func take(_ isPart: (Unicode.Scalar) -> Bool) -> String {
        var text = String.UnicodeScalarView()
        while let scalar = peek(), isPart(scalar) {
            text.append(scalar)
            position += 1
        }
        return String(text)
    }
}

func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }

func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
    (scalar >= "a" && scalar <= "z") || (scalar >= "A" && scalar <= "Z") || scalar == "_"
}
