// SPDX-License-Identifier: Apache-2.0

/// Turns an `Encodable` value into JSON. The same value always gives the same bytes: members stand in the order in
/// which they are encoded, those of a dictionary in the order of their names.
enum JSONWriter {
    /// - Parameter root: what the JSON is, as the first word of error messages: `result`.
    /// - Throws: ``AgentError`` with code `invalid_result`: `result.rsi[3]: nan has no JSON form; use an optional`.
    static func bytes<Value: Encodable>(of value: Value, named root: String) throws -> [UInt8] {
        do {
            var out: [UInt8] = []
            try JSONFragment(value, at: nil).append(to: &out)
            return out
        } catch let error as EncodingError {
            throw AgentError("invalid_\(root)", JSONComplaint.sentence(error, root: root))
        }
    }
}

/// A piece of a JSON document under construction.
enum JSONFragment {
    case null
    case bool(Bool)
    case integer(Int)
    case unsigned(UInt)
    case double(Double)
    case text(String)
    case doubles([Double])
    case node(JSONNode)

    /// - Parameter path: where the value will stand, for error messages.
    init<Value: Encodable>(_ value: Value, at path: JSONPath?) throws {
        if let plain = try Self.plain(value, at: path) {
            self = plain
            return
        }
        let encoder = JSONValueEncoder(path: path, sortsMembers: value is any StringKeyed)
        try value.encode(to: encoder)
        self = .node(encoder.node)
    }

    private static func plain<Value: Encodable>(_ value: Value, at path: JSONPath?) throws -> JSONFragment? {
        // Types are compared before anything is cast: a cast that fails is slow, and most values are none of these.
        let type = Value.self
        if type == Double.self, let value = value as? Double { return .double(try finite(value, path)) }
        if type == String.self, let value = value as? String { return .text(value) }
        if type == Int.self, let value = value as? Int { return .integer(value) }
        if type == Bool.self, let value = value as? Bool { return .bool(value) }
        if type == [Double].self, let values = value as? [Double] {
            for (index, value) in values.enumerated() where !value.isFinite {
                _ = try finite(value, JSONPath(path, JSONKey(index: index)))
            }
            return .doubles(values)
        }
        if let value = value as? any FixedWidthInteger { return narrowed(value) }
        if let value = value as? Float { return .double(try finite(Double(value), path)) }
        return nil
    }

    private static func narrowed<I: FixedWidthInteger>(_ value: I) -> JSONFragment? {
        if let value = Int(exactly: value) { return .integer(value) }
        return UInt(exactly: value).map { .unsigned($0) }
    }

    private static func finite(_ value: Double, _ path: JSONPath?) throws -> Double {
        guard value.isFinite else {
            let context = EncodingError.Context(
                codingPath: path?.keys ?? [], debugDescription: "\(value) has no JSON form; use an optional")
            throw EncodingError.invalidValue(value, context)
        }
        return value
    }

    func append(to out: inout [UInt8]) throws {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): out.append(contentsOf: value.description.utf8)
        case .unsigned(let value): out.append(contentsOf: value.description.utf8)
        // The shortest text that reads back as the same double (SE-0177's description); always with a point or
        // exponent.
        case .double(let value): out.append(contentsOf: value.description.utf8)
        case .text(let text): JSONText.appendQuoted(text, to: &out)
        case .doubles(let values):
            out.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                out.append(contentsOf: value.description.utf8)
            }
            out.append(UInt8(ascii: "]"))
        case .node(let node): try node.append(to: &out)
        }
    }
}

/// A dictionary whose members stand in an order that differs from process to process unless they are sorted.
private protocol StringKeyed {}

extension Dictionary: StringKeyed where Key: CodingKeyLike {}

private protocol CodingKeyLike {}
extension String: CodingKeyLike {}
extension Int: CodingKeyLike {}
