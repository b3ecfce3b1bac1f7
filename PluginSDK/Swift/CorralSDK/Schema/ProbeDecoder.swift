// SPDX-License-Identifier: Apache-2.0

/// Thrown by the probe when no value of a type can be made up. It never leaves the probe.
struct NoMadeUpValue: Error {}

/// Answers every question of a `Decodable` type with a made-up value and records the question.
struct ProbeDecoder: Decoder {
    let probe: SchemaProbe
    let record: SchemaRecord
    let path: JSONPath?

    var codingPath: [any CodingKey] { path?.keys ?? [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(ProbedObject<Key>(probe: probe, record: record, path: path))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        record.becomeArray()
        return ProbedArray(probe: probe, record: record, path: path)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

extension ProbeDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let finding = probe.find(type, path: path)
        record.becomeValue(finding.schema)
        return try made(finding)
    }
}

private func made<Value>(_ finding: SchemaProbe.Finding) throws -> Value {
    guard let value = finding.value as? Value else { throw NoMadeUpValue() }
    return value
}

private struct ProbedObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let probe: SchemaProbe
    let record: SchemaRecord
    let path: JSONPath?

    var codingPath: [any CodingKey] { path?.keys ?? [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool {
        record.addQuestion(about: key.stringValue)
        return true
    }

    func decodeNil(forKey key: Key) -> Bool {
        record.addQuestion(about: key.stringValue)
        return false
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let finding = probe.find(type, path: JSONPath(path, key))
        record.add(key.stringValue, finding.schema, isRequired: true)
        return try made(finding)
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) -> Value? {
        let finding = probe.find(type, path: JSONPath(path, key))
        record.add(key.stringValue, finding.schema, isRequired: false)
        return finding.value as? Value
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedDecodingContainer<Nested> {
        decoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { decoder(key).unkeyedContainer() }

    func superDecoder() -> any Decoder { decoder(JSONKey(stringValue: "super")) }

    func superDecoder(forKey key: Key) -> any Decoder { decoder(key) }

    /// What is asked through a nested container goes unrecorded: it is known only when the type is done with it.
    private func decoder(_ key: any CodingKey) -> ProbeDecoder {
        record.add(key.stringValue, .anything, isRequired: true)
        return ProbeDecoder(probe: probe, record: SchemaRecord(), path: JSONPath(path, key))
    }
}

private struct ProbedArray: UnkeyedDecodingContainer {
    let probe: SchemaProbe
    let record: SchemaRecord
    let path: JSONPath?
    private(set) var currentIndex = 0

    init(probe: SchemaProbe, record: SchemaRecord, path: JSONPath?) {
        self.probe = probe
        self.record = record
        self.path = path
    }

    var codingPath: [any CodingKey] { path?.keys ?? [] }
    var count: Int? { nil }
    /// One element, so that a loop over all of them shows what they are.
    var isAtEnd: Bool { currentIndex > 0 }

    func decodeNil() -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let finding = probe.find(type, path: JSONPath(path, JSONKey(index: currentIndex)))
        record.add(element: finding.schema, at: currentIndex)
        currentIndex += 1
        return try made(finding)
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedDecodingContainer<Nested> {
        takeDecoder().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { takeDecoder().unkeyedContainer() }

    mutating func superDecoder() -> any Decoder { takeDecoder() }

    private mutating func takeDecoder() -> ProbeDecoder {
        record.add(element: .anything, at: currentIndex)
        currentIndex += 1
        return ProbeDecoder(probe: probe, record: SchemaRecord(), path: path)
    }
}
