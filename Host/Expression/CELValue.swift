// SPDX-License-Identifier: Apache-2.0
// CELValue: a value while an expression is evaluated. Lists and maps that came as JSON stay JSON, so that reading
// `load.bars` of half a megabyte costs one lookup and no copy.

import CorralBase

package enum CELValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case list(CELList)
    case map(CELMap)
    case timestamp(CELTimestamp)
    case duration(CELDuration)
    case type(CELType)

    package init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let elements): self = .list(.json(elements))
        case .object(let object): self = .map(.json(object))
        }
    }
}

/// A type as a value: what `type(x)` gives and what `int`, `string`… name.
package enum CELType: String, Sendable, CaseIterable {
    case null = "null_type"
    case bool, int, uint, double, string, bytes, list, map, type
    case timestamp = "google.protobuf.Timestamp"
    case duration = "google.protobuf.Duration"

    package var name: String { rawValue }
}

package enum CELList: Sendable {
    case json([JSON])
    case values([CELValue])

    package var count: Int {
        switch self {
        case .json(let elements): elements.count
        case .values(let elements): elements.count
        }
    }

    /// The element at an index that must be in range.
    package subscript(index: Int) -> CELValue {
        switch self {
        case .json(let elements): CELValue(elements[index])
        case .values(let elements): elements[index]
        }
    }

    var values: [CELValue] {
        switch self {
        case .json(let elements): elements.map { CELValue($0) }
        case .values(let elements): elements
        }
    }
}

package enum CELMap: Sendable {
    case json(JSONObject)
    case entries(CELEntries)

    package var count: Int {
        switch self {
        case .json(let object): object.count
        case .entries(let entries): entries.keys.count
        }
    }

    /// The keys in the order of the text or document, which makes macros over maps deterministic.
    package var keys: [CELValue] {
        switch self {
        case .json(let object): object.keys.map { .string($0) }
        case .entries(let entries): entries.keys
        }
    }

    package subscript(key: CELValue) -> CELValue? {
        switch self {
        case .json(let object):
            guard case .string(let name) = key else { return nil }
            return object[name].map { CELValue($0) }
        case .entries(let entries): return entries[key]
        }
    }

    /// The keys that are texts.
    var names: [String] {
        if case .json(let object) = self { return object.keys }
        return keys.compactMap { if case .string(let name) = $0 { name } else { nil } }
    }
}

/// A map that an expression built. Numeric keys are equal across types: `{1: "a"}[1u]` is "a".
package struct CELEntries: Sendable {
    private enum Key: Hashable {
        case bool(Bool)
        case int(Int64)
        case uint(UInt64)
        case string(String)
    }

    package private(set) var keys: [CELValue] = []
    private var values: [Key: CELValue] = [:]

    /// Returns false when the key is there already.
    mutating func insert(_ value: CELValue, for key: CELValue) -> Bool {
        guard let hashed = Self.key(key), values[hashed] == nil else { return false }
        values[hashed] = value
        keys.append(key)
        return true
    }

    static func isKey(_ value: CELValue) -> Bool {
        switch value {
        case .bool, .int, .uint, .string: true
        default: false
        }
    }

    subscript(key: CELValue) -> CELValue? { Self.key(key).flatMap { values[$0] } }

    private static func key(_ value: CELValue) -> Key? {
        switch value {
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .uint(let value): Int64(exactly: value).map { .int($0) } ?? .uint(value)
        case .double(let value): Int64(exactly: value).map { .int($0) } ?? UInt64(exactly: value).map { .uint($0) }
        case .string(let value): .string(value)
        default: nil
        }
    }
}

extension CELValue {
    package var type: CELType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        case .list: .list
        case .map: .map
        case .timestamp: .timestamp
        case .duration: .duration
        case .type: .type
        }
    }

    var isNumber: Bool {
        switch self {
        case .int, .uint, .double: true
        default: false
        }
    }

    package var isNull: Bool { if case .null = self { true } else { false } }
}
