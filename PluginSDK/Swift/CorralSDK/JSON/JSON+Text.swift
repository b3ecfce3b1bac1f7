// SPDX-License-Identifier: Apache-2.0

/// JSON as text: for plugins that keep values or pass documents on.
extension JSON {
    /// - Throws: ``AgentError`` with code `invalid_json`: where the text is no JSON.
    public init(parsing text: String) throws {
        self = try JSONReader.value(JSON.self, from: Array(text.utf8), named: "json")
    }

    /// One line without spaces; the members of an object in the order of their names. A number without a JSON form, which
    /// no parsed value holds, becomes `null`.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The same as UTF-8.
    public var bytes: [UInt8] {
        do { return try JSONWriter.bytes(of: self, named: "json") } catch {
            return (try? JSONWriter.bytes(of: finite, named: "json")) ?? Array("null".utf8)
        }
    }

    private var finite: JSON {
        switch self {
        case .number(let value): value.isFinite ? self : .null
        case .array(let elements): .array(elements.map(\.finite))
        case .object(let members): .object(members.mapValues(\.finite))
        case .null, .bool, .integer, .text: self
        }
    }
}
