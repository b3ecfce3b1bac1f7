// SPDX-License-Identifier: Apache-2.0
// CELText: how values become text (`string(x)`, interpolation, error messages) and JSON.

import CorralBase

extension CELValue {
    /// What `string(x)` gives, or nil for types that have no text of their own.
    var text: String? {
        switch self {
        case .string(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .uint(let number): String(number)
        case .double(let number): doubleText(number)
        case .timestamp(let time): time.text
        case .duration(let length): length.text
        default: nil
        }
    }

    /// For error messages.
    var shownText: String { text ?? type.name }

    /// The value as an index: an integer, or a double that is whole.
    var wholeNumber: Int? {
        switch self {
        case .int(let number): Int(exactly: number)
        case .uint(let number): Int(exactly: number)
        case .double(let number): Int(exactly: number)
        default: nil
        }
    }
}

extension Evaluator {
    /// The value as JSON. What came as JSON is handed on as it is; bytes become base64, times and durations texts.
    mutating func json(_ value: CELValue, at offset: Int) throws(ExpressionError) -> JSON {
        try charge(1, at: offset)
        switch value {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .int(number)
        case .uint(let number):
            guard let number = Int64(exactly: number) else { throw .noJSON("\(number)u", at: offset) }
            return .int(number)
        case .double(let number):
            guard number.isFinite else { throw .noJSON(doubleText(number), at: offset) }
            return .double(number)
        case .string(let text): return .string(text)
        case .bytes(let bytes):
            try charge(bytes.count / 16, at: offset)
            return .string(base64(bytes))
        case .list(.json(let elements)): return .array(elements)
        case .list(.values(let elements)):
            var result: [JSON] = []
            for element in elements { result.append(try json(element, at: offset)) }
            return .array(result)
        case .map(.json(let object)): return .object(object)
        case .map(.entries(let entries)): return try json(entries, at: offset)
        case .timestamp(let time): return .string(time.text)
        case .duration(let length): return .string(length.text)
        case .type(let type): return .string(type.name)
        }
    }

    private mutating func json(_ entries: CELEntries, at offset: Int) throws(ExpressionError) -> JSON {
        var object = JSONObject()
        for key in entries.keys {
            let name = key.shownText
            guard object[name] == nil else { throw .duplicateKey(name, at: offset) }
            object[name] = try json(entries[key] ?? .null, at: offset)
        }
        return .object(object)
    }
}

/// The shortest text that reads back as the same number, without `.0` and, below 2^53, without an exponent.
func doubleText(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    if let whole = Int64(exactly: number), whole.magnitude < 1 << 53 {
        return number.sign == .minus && whole == 0 ? "-0" : String(whole)
    }
    return number.description
}

/// Decimal numbers, NaN and infinities; not the hexadecimal and payload forms that Swift reads.
func doubleText(_ text: String) -> Double? {
    switch text {
    case "NaN": return .nan
    case "Infinity", "+Infinity", "Inf", "+Inf", "inf", "+inf": return .infinity
    case "-Infinity", "-Inf", "-inf": return -.infinity
    default: break
    }
    guard text.utf8.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) }) else { return nil }
    return Double(text)
}

/// RFC 4648 with padding; here because this module carries no Foundation.
private func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let part = bytes[start..<min(start + 3, bytes.count)]
        let bits = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - part.count))
        for digit in 0..<4 {
            text.append(digit <= part.count ? alphabet[Int(bits >> UInt32(18 - 6 * digit)) & 63] : UInt8(ascii: "="))
        }
    }
    return String(decoding: text, as: UTF8.self)
}
