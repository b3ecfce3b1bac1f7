// SPDX-License-Identifier: Apache-2.0

/// Turns JSON into a `Decodable` value, with errors that a person who wrote the JSON understands.
enum JSONReader {
    /// - Parameter root: what the JSON is, as the first word of error messages: `input`, `arguments`.
    /// - Throws: ``AgentError`` with code `invalid_input`: `input.bars.close[3]: expected a number, found the text
    ///   "x"`.
    static func value<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8], named root: String) throws -> Value {
        do {
            let document = JSONDocument(try JSONTape(bytes))
            return try document.value(type, at: 0, path: nil, key: nil)
        } catch let error as JSONSyntaxError {
            throw AgentError("invalid_input", "\(root): not JSON: \(error)")
        } catch let error as DecodingError {
            throw AgentError("invalid_input", JSONComplaint.sentence(error, root: root))
        }
    }
}

/// A tape that several decoders share.
final class JSONDocument {
    let tape: JSONTape

    init(_ tape: JSONTape) {
        self.tape = tape
    }

    /// The value at a node. `path` and `key` say where it lies; they become a path only when something needs one.
    func value<Value: Decodable>(
        _ type: Value.Type, at index: Int, path: JSONPath?, key: (any CodingKey)?
    ) throws -> Value {
        do {
            if let value = try plainValue(type, at: index) { return value }
        } catch let error as JSONMismatch {
            throw mismatch(type, error, JSONPath(JSONPath(path, key), error.element.map(JSONKey.init(index:))))
        }
        let path = JSONPath(path, key)
        do {
            return try type.init(from: JSONValueDecoder(document: self, index: index, path: path))
        } catch DecodingError.dataCorrupted(let context) {
            guard context.codingPath.count == path?.keys.count ?? 0, let choices = Choices.of(type)?.words else {
                throw DecodingError.dataCorrupted(context)
            }
            throw mismatch(type, tape.mismatch("one of \(choices)", at: index), path)
        }
    }

    func mismatch(_ type: Any.Type, _ error: JSONMismatch, _ path: JSONPath?) -> DecodingError {
        .typeMismatch(
            type,
            .init(codingPath: path?.keys ?? [], debugDescription: "expected \(error.expected), found \(error.found)"))
    }

    /// Types whose own `init(from:)` is not needed. Columns of numbers matter most: `Array.init(from:)` would go through
    /// two containers for every element.
    private func plainValue<Value>(_ type: Value.Type, at index: Int) throws -> Value? {
        if type == Double.self { return try tape.double(index) as? Value }
        if type == String.self { return try tape.text(index) as? Value }
        if type == Int.self { return try tape.integer(index, Int.self) as? Value }
        if type == Bool.self { return try tape.bool(index) as? Value }
        if type == JSON.self { return try tape.json(index) as? Value }
        if type == [Double].self { return try array(index, tape.double) as? Value }
        if type == [Double?].self { return try array(index) { tape.isNull($0) ? nil : try tape.double($0) } as? Value }
        if type == [String].self { return try array(index, tape.text) as? Value }
        if type == [Int].self { return try array(index) { try tape.integer($0, Int.self) } as? Value }
        if let integer = type as? any FixedWidthInteger.Type { return try tape.integer(index, integer) as? Value }
        if type == Float.self { return Float(try tape.double(index)) as? Value }
        return nil
    }

    private func array<Element>(_ index: Int, _ read: (Int) throws -> Element) throws -> [Element] {
        guard tape.nodes[index].kind == .array else { throw tape.mismatch("an array", at: index) }
        let count = tape.nodes[index].count
        var elements: [Element] = []
        elements.reserveCapacity(count)
        var child = index + 1
        for position in 0..<count {
            do {
                elements.append(try read(child))
            } catch var error as JSONMismatch {
                error.element = position
                throw error
            }
            child = tape.nodes[child].next
        }
        return elements
    }
}
