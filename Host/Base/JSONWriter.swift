// SPDX-License-Identifier: Apache-2.0
// JSONWriter: JSON → bytes. The canonical form (members sorted by UTF-8 bytes, no white space) is what is hashed for
// effect keys; the compact form keeps the members' order; the pretty form is for people.

extension JSON {
    package enum Form: Sendable {
        /// No white space, members in their order.
        case compact
        /// No white space, members sorted by the bytes of their names: equal values give equal bytes.
        case canonical
        /// Two spaces a level, members in their order.
        case pretty
    }

    /// The value as UTF-8 JSON. A double that is not finite, which JSON cannot say, is written as null.
    package func bytes(_ form: Form = .compact) -> [UInt8] {
        var writer = JSONWriter(form: form)
        writer.write(self, level: 0)
        return writer.output
    }

    package func text(_ form: Form = .compact) -> String { String(decoding: bytes(form), as: UTF8.self) }
}

private struct JSONWriter {
    let form: JSON.Form
    var output: [UInt8] = []

    init(form: JSON.Form) { self.form = form }

    mutating func write(_ value: JSON, level: Int) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .int(let number): append(String(number))
        case .double(let number): append(text(of: number))
        case .string(let text): write(text)
        case .array(let elements): write(elements, level: level)
        case .object(let object): write(object, level: level)
        }
    }

    private mutating func write(_ elements: [JSON], level: Int) {
        output.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            breakLine(level + 1)
            write(element, level: level + 1)
        }
        if !elements.isEmpty { breakLine(level) }
        output.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ object: JSONObject, level: Int) {
        var members = object.members
        if form == .canonical {
            members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        }
        output.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            breakLine(level + 1)
            write(member.key)
            output.append(UInt8(ascii: ":"))
            if form == .pretty { output.append(UInt8(ascii: " ")) }
            write(member.value, level: level + 1)
        }
        if !members.isEmpty { breakLine(level) }
        output.append(UInt8(ascii: "}"))
    }

    private mutating func write(_ text: String) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20:
                append("\\u00")
                output.append(contentsOf: [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]])
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// A whole double keeps its ".0" so that it is read back as a double.
    private func text(of number: Double) -> String { number.isFinite ? number.description : "null" }

    private mutating func breakLine(_ level: Int) {
        guard form == .pretty else { return }
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: 2 * level))
    }

    private mutating func append(_ text: String) { output.append(contentsOf: text.utf8) }
}

private let hexDigits = Array("0123456789abcdef".utf8)
