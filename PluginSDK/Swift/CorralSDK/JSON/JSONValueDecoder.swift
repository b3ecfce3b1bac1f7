// SPDX-License-Identifier: Apache-2.0

/// One value of a document, as `Decodable` types want to see it. Their generic requirements are met by one function per
/// container: ``JSONDocument/value(_:at:path:key:)`` knows the plain types.
struct JSONValueDecoder: Decoder {
    let document: JSONDocument
    let index: Int
    let path: JSONPath?

    var codingPath: [any CodingKey] { path?.keys ?? [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        do {
            let members = try document.tape.members(index)
            return KeyedDecodingContainer(JSONObjectReader<Key>(document: document, members: members, path: path))
        } catch {
            throw document.mismatch([String: Any].self, error, path)
        }
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        do {
            return JSONArrayReader(document: document, elements: try document.tape.elements(index), path: path)
        } catch {
            throw document.mismatch([Any].self, error, path)
        }
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }
}

extension JSONValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { document.tape.isNull(index) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try document.value(type, at: index, path: path, key: nil)
    }
}

/// The members of an object.
private struct JSONObjectReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let document: JSONDocument
    let members: JSONMembers
    let path: JSONPath?

    var codingPath: [any CodingKey] { path?.keys ?? [] }
    var allKeys: [Key] { members.names.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { members.value(named: key.stringValue) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { document.tape.isNull(try node(key)) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try document.value(type, at: try node(key), path: path, key: key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try decoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try decoder(named: JSONKey(stringValue: "super")) }

    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }

    private func decoder(_ key: Key) throws -> JSONValueDecoder { try decoder(named: key) }

    private func decoder(named key: any CodingKey) throws -> JSONValueDecoder {
        JSONValueDecoder(document: document, index: try node(key), path: JSONPath(path, key))
    }

    private func node(_ key: any CodingKey) throws -> Int {
        guard let node = members.value(named: key.stringValue) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: ""))
        }
        return node
    }
}

/// The elements of an array, one after the other.
private struct JSONArrayReader: UnkeyedDecodingContainer {
    let document: JSONDocument
    let elements: [Int]
    let path: JSONPath?
    private(set) var currentIndex = 0

    init(document: JSONDocument, elements: [Int], path: JSONPath?) {
        self.document = document
        self.elements = elements
        self.path = path
    }

    var codingPath: [any CodingKey] { path?.keys ?? [] }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        guard document.tape.isNull(try node()) else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try document.value(type, at: try node(), path: path, key: JSONKey(index: currentIndex))
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try takeDecoder().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try takeDecoder().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try takeDecoder() }

    private mutating func takeDecoder() throws -> JSONValueDecoder {
        let key = JSONKey(index: currentIndex)
        let decoder = JSONValueDecoder(document: document, index: try node(), path: JSONPath(path, key))
        currentIndex += 1
        return decoder
    }

    private func node() throws -> Int {
        guard !isAtEnd else {
            let context = DecodingError.Context(
                codingPath: codingPath, debugDescription: "expected more than \(elements.count) elements")
            throw DecodingError.dataCorrupted(context)
        }
        return elements[currentIndex]
    }
}
