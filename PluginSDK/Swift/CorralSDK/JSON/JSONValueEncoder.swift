// SPDX-License-Identifier: Apache-2.0

/// An array or object that containers fill, possibly several at a time: that is why it is a class and why the text is
/// written at the end.
final class JSONNode {
    private enum Shape {
        case empty
        case value(JSONFragment)
        case array([JSONFragment])
        case object([(name: String, value: JSONFragment)])
    }

    private var shape = Shape.empty
    private let sortsMembers: Bool

    init(sortsMembers: Bool = false) {
        self.sortsMembers = sortsMembers
    }

    var count: Int {
        if case .array(let elements) = shape { elements.count } else { 0 }
    }

    func set(_ value: JSONFragment) { shape = .value(value) }

    func becomeArray() {
        if case .array = shape { return }
        shape = .array([])
    }

    func becomeObject() {
        if case .object = shape { return }
        shape = .object([])
    }

    func append(_ value: JSONFragment) {
        guard case .array(var elements) = shape else { return }
        shape = .empty
        elements.append(value)
        shape = .array(elements)
    }

    /// Of two values under one name the later counts.
    func set(_ value: JSONFragment, named name: String) {
        guard case .object(var members) = shape else { return }
        shape = .empty
        members.append((name, value))
        shape = .object(members)
    }

    func append(to out: inout [UInt8]) throws {
        switch shape {
        // A value that encodes nothing, such as an enum without payload in `Void`-like types, is an empty object.
        case .empty: out.append(contentsOf: "{}".utf8)
        case .value(let value): try value.append(to: &out)
        case .array(let elements):
            out.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                try element.append(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            try append(members: sortsMembers ? members.sorted { $0.name < $1.name } : members, to: &out)
        }
    }

    private func append(members: [(name: String, value: JSONFragment)], to out: inout [UInt8]) throws {
        out.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(member.name, to: &out)
            out.append(UInt8(ascii: ":"))
            try member.value.append(to: &out)
        }
        out.append(UInt8(ascii: "}"))
    }
}

/// Collects what one `Encodable` value says about itself.
struct JSONValueEncoder: Encoder {
    let node: JSONNode
    let path: JSONPath?

    init(path: JSONPath?, sortsMembers: Bool = false) {
        node = JSONNode(sortsMembers: sortsMembers)
        self.path = path
    }

    var codingPath: [any CodingKey] { path?.keys ?? [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.becomeObject()
        return KeyedEncodingContainer(JSONObjectWriter<Key>(node: node, path: path))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.becomeArray()
        return JSONArrayWriter(node: node, path: path)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension JSONValueEncoder: SingleValueEncodingContainer {
    func encodeNil() { node.set(.null) }

    func encode<Value: Encodable>(_ value: Value) throws {
        node.set(try JSONFragment(value, at: path))
    }
}

private struct JSONObjectWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: JSONNode
    let path: JSONPath?

    var codingPath: [any CodingKey] { path?.keys ?? [] }

    func encodeNil(forKey key: Key) { node.set(.null, named: key.stringValue) }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        node.set(try JSONFragment(value, at: JSONPath(path, key)), named: key.stringValue)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder(key).unkeyedContainer() }

    func superEncoder() -> any Encoder { encoder(JSONKey(stringValue: "super")) }

    func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }

    private func encoder(_ key: any CodingKey) -> JSONValueEncoder {
        let encoder = JSONValueEncoder(path: JSONPath(path, key))
        node.set(.node(encoder.node), named: key.stringValue)
        return encoder
    }
}

private struct JSONArrayWriter: UnkeyedEncodingContainer {
    let node: JSONNode
    let path: JSONPath?

    var codingPath: [any CodingKey] { path?.keys ?? [] }
    var count: Int { node.count }

    func encodeNil() { node.append(.null) }

    func encode<Value: Encodable>(_ value: Value) throws {
        node.append(try JSONFragment(value, at: JSONPath(path, JSONKey(index: count))))
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }

    func superEncoder() -> any Encoder { encoder() }

    private func encoder() -> JSONValueEncoder {
        let encoder = JSONValueEncoder(path: JSONPath(path, JSONKey(index: count)))
        node.append(.node(encoder.node))
        return encoder
    }
}
