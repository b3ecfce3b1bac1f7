// SPDX-License-Identifier: Apache-2.0
// CoreSchema: what an unquoted text means, by the core schema of YAML 1.2.2 (section 10.3.2). The older rules, where
// `no` is false and `012` is ten, surprise people; `12:30` and `24h` stay what they look like.

import CorralBase

/// The outcome of reading a plain scalar.
enum CoreSchema {
    case value(JSON)
    /// `.inf`, `.nan` or a number beyond a double: JSON has no form for it.
    case notFinite

    static func resolve(_ text: String) -> CoreSchema {
        switch text {
        case "", "~", "null", "Null", "NULL": return .value(.null)
        case "true", "True", "TRUE": return .value(.bool(true))
        case "false", "False", "FALSE": return .value(.bool(false))
        default: return number(Array(text.utf8), text) ?? .value(.string(text))
        }
    }

    private static func number(_ bytes: [UInt8], _ text: String) -> CoreSchema? {
        guard let first = bytes.first, "+-.0123456789".utf8.contains(first) else { return nil }
        if let value = based(text, prefix: "0x", radix: 16) ?? based(text, prefix: "0o", radix: 8) { return value }
        let unsigned = first == UInt8(ascii: "+") || first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
        if isInfinity(unsigned) { return .notFinite }
        if [".nan", ".NaN", ".NAN"].contains(text) { return .notFinite }
        if !unsigned.isEmpty, unsigned.allSatisfy(isDigit) {
            return Int64(text).map { .value(.int($0)) } ?? finite(text)
        }
        return isFloat(unsigned) ? finite(text) : nil
    }

    private static func based(_ text: String, prefix: String, radix: Int) -> CoreSchema? {
        guard text.hasPrefix(prefix) else { return nil }
        let digits = text.dropFirst(prefix.count)
        guard let first = digits.unicodeScalars.first, first != "+", first != "-",
            digits.utf8.allSatisfy({ isDigit($0, radix: radix) })
        else { return nil }
        if let value = Int64(digits, radix: radix) { return .value(.int(value)) }
        return .value(
            .double(
                digits.utf8.reduce(0) { sum, byte in
                    sum * Double(radix) + Double(Int(String(Unicode.Scalar(byte)), radix: radix) ?? 0)
                })
        )
    }

    /// `[0-9]* (\. [0-9]*)? ([eE] [-+]? [0-9]+)?` with a digit on at least one side of the point.
    private static func isFloat(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes.drop(while: isDigit)
        var digits = bytes.count - rest.count
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let afterFraction = rest.drop(while: isDigit)
            digits += rest.count - afterFraction.count
            rest = afterFraction
        }
        guard digits > 0 else { return false }
        guard let mark = rest.first else { return true }
        guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    private static func finite(_ text: String) -> CoreSchema {
        guard let value = Double(text), value.isFinite else { return .notFinite }
        return .value(.double(value))
    }

    private static func isInfinity(_ bytes: ArraySlice<UInt8>) -> Bool {
        [".inf", ".Inf", ".INF"].contains { $0.utf8.elementsEqual(bytes) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isDigit(_ byte: UInt8, radix: Int) -> Bool {
        if radix == 8 { return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "7") }
        let lower = byte | 0x20
        return isDigit(byte) || (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "f"))
    }
}
