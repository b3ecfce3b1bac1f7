// SPDX-License-Identifier: Apache-2.0
// LexerStrings: string and bytes literals: two quotes, triple quotes, raw (`r`) and bytes (`b`) prefixes, escapes.

extension Lexer {
    struct StringPrefix {
        let length: Int
        let isRaw: Bool
        let isBytes: Bool
    }

    /// The prefix letters when a string literal starts here.
    func stringPrefix() -> StringPrefix? {
        var (isRaw, isBytes, length) = (false, false, 0)
        while length < 2, let scalar = peek(length) {
            if (scalar == "r" || scalar == "R") && !isRaw {
                isRaw = true
            } else if (scalar == "b" || scalar == "B") && !isBytes {
                isBytes = true
            } else {
                break
            }
            length += 1
        }
        guard peek(length) == "\"" || peek(length) == "'" else { return nil }
        return StringPrefix(length: length, isRaw: isRaw, isBytes: isBytes)
    }

    mutating func string(_ prefix: StringPrefix) throws(ExpressionError) -> Token.Kind {
        let start = position
        position += prefix.length
        guard let quote = peek() else { throw .syntax("a string is not closed", at: start) }
        let isTriple = peek(1) == quote && peek(2) == quote
        position += isTriple ? 3 : 1
        var content = StringContent(isBytes: prefix.isBytes)
        while let scalar = peek() {
            if scalar == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
                position += isTriple ? 3 : 1
                return prefix.isBytes ? .bytes(content.bytes) : .string(String(content.scalars))
            }
            if !isTriple, scalar == "\n" || scalar == "\r" { break }
            position += 1
            if scalar == "\\", !prefix.isRaw { try escape(&content) } else { content.append(scalar) }
        }
        throw .syntax("a string is not closed", at: start)
    }

    private mutating func escape(_ content: inout StringContent) throws(ExpressionError) {
        let start = position - 1
        guard let letter = peek() else { throw .syntax("a string is not closed", at: start) }
        position += 1
        if let plain = plainEscapes[letter] { return content.append(plain) }
        switch letter {
        case "x", "X": try content.append(code: hex(2, start), at: start)
        case "u" where !content.isBytes: try content.append(code: hex(4, start), at: start)
        case "U" where !content.isBytes: try content.append(code: hex(8, start), at: start)
        case "0"..."3": try content.append(code: octal(letter, start), at: start)
        default: throw .syntax("unknown escape \"\\\(letter)\" in a string", at: start)
        }
    }

    private mutating func hex(_ digits: Int, _ start: Int) throws(ExpressionError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let scalar = peek(), scalar.properties.isASCIIHexDigit, let digit = UInt32(String(scalar), radix: 16)
            else { throw .syntax("expected \(digits) hexadecimal digits in an escape", at: start) }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    private mutating func octal(_ first: Unicode.Scalar, _ start: Int) throws(ExpressionError) -> UInt32 {
        var value = first.value - 48
        for _ in 0..<2 {
            guard let scalar = peek(), scalar >= "0", scalar <= "7" else {
                throw .syntax("expected three octal digits in an escape", at: start)
            }
            value = value << 3 | (scalar.value - 48)
            position += 1
        }
        return value
    }
}

/// The text or bytes gathered so far. In a bytes literal `\xff` is one byte, in a string one character.
private struct StringContent {
    let isBytes: Bool
    var scalars = String.UnicodeScalarView()
    var bytes: [UInt8] = []

    init(isBytes: Bool) { self.isBytes = isBytes }

    mutating func append(_ scalar: Unicode.Scalar) {
        if isBytes { bytes.append(contentsOf: UTF8.encode(scalar) ?? .init()) } else { scalars.append(scalar) }
    }

    mutating func append(code: UInt32, at offset: Int) throws(ExpressionError) {
        if isBytes {
            bytes.append(UInt8(truncatingIfNeeded: code))
        } else if let scalar = Unicode.Scalar(code) {
            scalars.append(scalar)
        } else {
            throw .syntax("an escape names no character", at: offset)
        }
    }
}

private let plainEscapes: [Unicode.Scalar: Unicode.Scalar] = [
    "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}", "\\": "\\", "?": "?",
    "\"": "\"", "'": "'", "`": "`",
]
