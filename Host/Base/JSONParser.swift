// SPDX-License-Identifier: Apache-2.0
// JSONParser: bytes from outside → JSON, strictly by RFC 8259, bounded in depth, with the place of the first mistake.
// Our own because the worker and the wire carry no Foundation, and because a hostile document must not exhaust a stack.

extension JSON {
    /// Parses one JSON document; only white space may follow it.
    ///
    /// A repeated member name is an error: readers disagree about which one counts, and a policy could be bypassed.
    /// - Throws: `CorralError` `json_invalid` with the byte offset, line and column of the first mistake.
    package init(parsing bytes: some Collection<UInt8>, depthMax: Int = Limits.jsonDepthMax) throws {
        let parsed: JSON? = try bytes.withContiguousStorageIfAvailable { buffer in
            var parser = JSONParser(bytes: UnsafeRawBufferPointer(buffer), depthMax: depthMax)
            return try parser.document()
        }
        if let parsed {
            self = parsed
        } else {
            self = try JSON(parsing: ContiguousArray(bytes), depthMax: depthMax)
        }
    }

    package init(parsing text: String, depthMax: Int = Limits.jsonDepthMax) throws {
        try self.init(parsing: ContiguousArray(text.utf8), depthMax: depthMax)
    }
}

private struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    let depthMax: Int
    var position = 0

    init(bytes: UnsafeRawBufferPointer, depthMax: Int) {
        self.bytes = bytes
        self.depthMax = depthMax
    }

    mutating func document() throws -> JSON {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw mistake("text after the end of the document") }
        return value
    }

    private mutating func value(depth: Int) throws -> JSON {
        guard depth <= depthMax else { throw mistake("nested deeper than \(depthMax) levels") }
        skipSpace()
        guard let byte = peek() else { throw mistake("the document ends where a value is expected") }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw mistake("expected a value")
        }
    }

    private mutating func object(depth: Int) throws -> JSON {
        var members = JSONObject()
        position += 1
        skipSpace()
        if accept(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { throw mistake("expected a member name in double quotes") }
            let start = position
            let key = try string()
            guard members[key] == nil else {
                throw mistake("member \"\(beginning(of: key))\" is given twice", at: start)
            }
            skipSpace()
            guard accept(UInt8(ascii: ":")) else { throw mistake("expected ':' after a member name") }
            members[key] = try value(depth: depth + 1)
            skipSpace()
            if accept(UInt8(ascii: "}")) { return .object(members) }
            guard accept(UInt8(ascii: ",")) else { throw mistake("expected ',' or '}'") }
        }
    }

    private mutating func array(depth: Int) throws -> JSON {
        var elements: [JSON] = []
        position += 1
        skipSpace()
        if accept(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if accept(UInt8(ascii: "]")) { return .array(elements) }
            guard accept(UInt8(ascii: ",")) else { throw mistake("expected ',' or ']'") }
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSON) throws -> JSON {
        let length = text.utf8CodeUnitCount
        guard bytes.count - position >= length,
            (0..<length).allSatisfy({ bytes[position + $0] == text.utf8Start[$0] })
        else { throw mistake("expected a value") }
        position += length
        return value
    }

    private mutating func number() throws -> JSON {
        let start = position
        var isInteger = true
        _ = accept(UInt8(ascii: "-"))
        guard let first = peek(), isDigit(first) else { throw mistake("expected a digit") }
        skipDigits()
        if first == UInt8(ascii: "0"), position - start > (bytes[start] == first ? 1 : 2) {
            throw mistake("a number must not start with 0", at: start)
        }
        if accept(UInt8(ascii: ".")) {
            isInteger = false
            guard let digit = peek(), isDigit(digit) else { throw mistake("expected a digit after '.'") }
            skipDigits()
        }
        if accept(UInt8(ascii: "e")) || accept(UInt8(ascii: "E")) {
            isInteger = false
            if !accept(UInt8(ascii: "+")) { _ = accept(UInt8(ascii: "-")) }
            guard let digit = peek(), isDigit(digit) else { throw mistake("expected a digit in the exponent") }
            skipDigits()
        }
        if isInteger, let value = integer(start) { return .int(value) }
        let text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw mistake("number \(text.prefix(40)) is out of range", at: start)
        }
        return .double(value)
    }

    private func integer(_ start: Int) -> Int64? {
        let isNegative = bytes[start] == UInt8(ascii: "-")
        // "-0" is kept as a double so that its sign survives.
        if isNegative, position - start == 2, bytes[start + 1] == UInt8(ascii: "0") { return nil }
        var value: Int64 = 0
        for index in (isNegative ? start + 1 : start)..<position {
            let digit = Int64(bytes[index] &- UInt8(ascii: "0"))
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) =
                isNegative ? scaled.subtractingReportingOverflow(digit) : scaled.addingReportingOverflow(digit)
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }

    private mutating func string() throws -> String {
        let start = position
        position += 1
        let first = position
        while let byte = peek() {
            if byte == UInt8(ascii: "\"") {
                guard let text = validUTF8(first, position) else {
                    throw mistake("a string is not valid UTF-8", at: start)
                }
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(first, start) }
            if byte < 0x20 { throw mistake("a control character in a string must be escaped") }
            position += 1
        }
        throw mistake("a string is not closed", at: start)
    }

    private mutating func escapedString(_ first: Int, _ start: Int) throws -> String {
        var text = ContiguousArray(bytes[first..<position])
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw mistake("a string is not valid UTF-8", at: start)
                }
                return string
            case UInt8(ascii: "\\"): try appendEscape(to: &text)
            case 0..<0x20: throw mistake("a control character in a string must be escaped", at: position - 1)
            default: text.append(byte)
            }
        }
        throw mistake("a string is not closed", at: start)
    }

    private mutating func appendEscape(to text: inout ContiguousArray<UInt8>) throws {
        let start = position - 1
        guard let byte = peek() else { throw mistake("a string is not closed") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try unicodeEscape(start)).utf8)
        default: throw mistake("unknown escape in a string", at: start)
        }
    }

    private mutating func unicodeEscape(_ start: Int) throws -> Unicode.Scalar {
        let high = try hexQuad(start)
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xDC00, accept(UInt8(ascii: "\\")), accept(UInt8(ascii: "u")) else {
            throw mistake("half of a surrogate pair", at: start)
        }
        let low = try hexQuad(start)
        guard (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        else { throw mistake("half of a surrogate pair", at: start) }
        return scalar
    }

    private mutating func hexQuad(_ start: Int) throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = hexDigit(byte) else {
                throw mistake("expected four hexadecimal digits after \\u", at: start)
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    private func validUTF8(_ from: Int, _ to: Int) -> String? {
        String(validating: UnsafeRawBufferPointer(rebasing: bytes[from..<to]), as: UTF8.self)
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func accept(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func skipDigits() {
        while let byte = peek(), isDigit(byte) { position += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// As much of a name as an error shows; counted in scalars, because one character may have thousands.
    private func beginning(of name: String) -> String { String(name.unicodeScalars.prefix(80)) }

    private func mistake(_ what: String, at offset: Int? = nil) -> CorralError {
        let offset = min(offset ?? position, bytes.count)
        let before = bytes[0..<offset]
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return .invalidJSON(what, line: line, column: offset - lineStart + 1)
    }
}
