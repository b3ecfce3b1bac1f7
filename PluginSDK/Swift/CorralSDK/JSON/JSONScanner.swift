// SPDX-License-Identifier: Apache-2.0

/// Reads JSON text (RFC 8259) once, from left to right, into the nodes of a ``JSONTape``.
struct JSONScanner {
    /// Deep enough for any data, shallow enough that neither this nor a `Decodable` exhausts a thread's stack.
    static let depthMax = 256

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private(set) var nodes: [JSONTape.Node] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        nodes.reserveCapacity(bytes.count / 12 + 8)
    }

    mutating func scanDocument() throws(JSONSyntaxError) {
        try scanValue(depth: 0)
        skipSpace()
        if position < bytes.count { throw unexpected("after the value") }
    }

    private mutating func scanValue(depth: Int) throws(JSONSyntaxError) {
        skipSpace()
        guard position < bytes.count else { throw unexpected("where a value should be") }
        switch bytes[position] {
        case UInt8(ascii: "{"): try scanObject(depth: depth)
        case UInt8(ascii: "["): try scanArray(depth: depth)
        case UInt8(ascii: "\""): try scanText()
        case UInt8(ascii: "n"): try scanWord("null", .null)
        case UInt8(ascii: "t"): try scanWord("true", .yes)
        case UInt8(ascii: "f"): try scanWord("false", .no)
        default: try scanNumber()
        }
    }

    private mutating func scanArray(depth: Int) throws(JSONSyntaxError) {
        let opened = try open(.array, depth: depth)
        if take(UInt8(ascii: "]")) { return close(opened, count: 0) }
        var count = 0
        repeat {
            try scanValue(depth: depth + 1)
            count += 1
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw unexpected("where ',' or ']' should be") }
        close(opened, count: count)
    }

    private mutating func scanObject(depth: Int) throws(JSONSyntaxError) {
        let opened = try open(.object, depth: depth)
        if take(UInt8(ascii: "}")) { return close(opened, count: 0) }
        var count = 0
        repeat {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw unexpected("where a member's name should be")
            }
            try scanText()
            guard take(UInt8(ascii: ":")) else { throw unexpected("where ':' should be") }
            try scanValue(depth: depth + 1)
            count += 1
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw unexpected("where ',' or '}' should be") }
        close(opened, count: count)
    }

    private mutating func open(_ kind: JSONTape.Kind, depth: Int) throws(JSONSyntaxError) -> Int {
        guard depth < Self.depthMax else {
            throw JSONSyntaxError(problem: "nested deeper than \(Self.depthMax) levels", offset: position)
        }
        nodes.append(.init(kind: kind, start: position, end: position, next: 0, count: 0))
        position += 1
        return nodes.count - 1
    }

    private mutating func close(_ index: Int, count: Int) {
        nodes[index].end = position
        nodes[index].next = nodes.count
        nodes[index].count = count
    }

    private mutating func appendLeaf(_ kind: JSONTape.Kind, _ start: Int, _ end: Int) {
        nodes.append(.init(kind: kind, start: start, end: end, next: nodes.count + 1, count: 0))
    }

    private mutating func scanText() throws(JSONSyntaxError) {
        let start = position + 1
        var kind = JSONTape.Kind.text
        var at = start
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                position = at + 1
                return appendLeaf(kind, start, at)
            }
            if byte == UInt8(ascii: "\\") {
                kind = .escapedText
                at += 1
            } else if byte < 0x20 {
                throw JSONSyntaxError(problem: "a control character inside a text", offset: at)
            }
            at += 1
        }
        throw JSONSyntaxError(problem: "a text that does not end", offset: start - 1)
    }

    private mutating func scanWord(_ word: StaticString, _ kind: JSONTape.Kind) throws(JSONSyntaxError) {
        let start = position
        for offset in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[offset] else {
                throw unexpected("in a word")
            }
            position += 1
        }
        appendLeaf(kind, start, position)
    }

    /// RFC 8259 section 6: no leading zeros, digits on both sides of the point.
    private mutating func scanNumber() throws(JSONSyntaxError) {
        let start = position
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        let digits = skipDigits()
        guard digits > 0 else { throw unexpected("where a value should be") }
        if digits > 1, bytes[firstDigit] == UInt8(ascii: "0") {
            throw JSONSyntaxError(problem: "a number with a leading zero", offset: start)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            if skipDigits() == 0 { throw unexpected("after a decimal point") }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            if skipDigits() == 0 { throw unexpected("in an exponent") }
        }
        appendLeaf(.number, start, position)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        return position - start
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func unexpected(_ place: String) -> JSONSyntaxError {
        guard position < bytes.count else {
            return JSONSyntaxError(problem: "the text ends \(place)", offset: position)
        }
        let byte = bytes[position]
        let seen = byte > 0x20 && byte < 0x7F ? "'\(Character(UnicodeScalar(byte)))'" : "a byte \(byte)"
        return JSONSyntaxError(problem: "\(seen) \(place)", offset: position)
    }
}
