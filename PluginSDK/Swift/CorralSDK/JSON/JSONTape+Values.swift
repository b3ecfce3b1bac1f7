// SPDX-License-Identifier: Apache-2.0

/// A value of another kind than the reader wants: what was expected and what is there, in words for people.
struct JSONMismatch: Error {
    var expected: String
    var found: String
    /// The element that is wrong, when an array was read as a whole.
    var element: Int?
}

// Reading the value of a node.
extension JSONTape {
    func mismatch(_ expected: String, at index: Int) -> JSONMismatch {
        JSONMismatch(expected: expected, found: describe(index))
    }

    func describe(_ index: Int) -> String {
        switch nodes[index].kind {
        case .null: "null"
        case .yes: "true"
        case .no: "false"
        case .number: "the number \(excerpt(index))"
        case .text, .escapedText: "the text \"\(excerpt(index))\""
        case .array: "an array"
        case .object: "an object"
        }
    }

    private func excerpt(_ index: Int) -> String {
        let text = bytes[nodes[index].start..<nodes[index].end]
        return String(decoding: text.prefix(40), as: UTF8.self) + (text.count > 40 ? "…" : "")
    }

    func isNull(_ index: Int) -> Bool { nodes[index].kind == .null }

    func bool(_ index: Int) throws(JSONMismatch) -> Bool {
        switch nodes[index].kind {
        case .yes: return true
        case .no: return false
        default: throw mismatch("true or false", at: index)
        }
    }

    func double(_ index: Int) throws(JSONMismatch) -> Double {
        guard nodes[index].kind == .number else { throw mismatch("a number", at: index) }
        guard let value = withText(index, JSONNumber.double) else {
            throw mismatch("a number a double can hold", at: index)
        }
        return value
    }

    func integer<I: FixedWidthInteger>(_ index: Int, _ type: I.Type) throws(JSONMismatch) -> I {
        guard nodes[index].kind == .number else { throw mismatch("a whole number", at: index) }
        guard let value = withText(index, { JSONNumber.integer($0, type) }) else {
            throw mismatch("a whole number from \(I.min) to \(I.max)", at: index)
        }
        return value
    }

    func text(_ index: Int) throws(JSONMismatch) -> String {
        switch nodes[index].kind {
        case .text:
            guard let text = withText(index, { String(validating: $0, as: UTF8.self) }) else {
                throw mismatch("text in UTF-8", at: index)
            }
            return text
        case .escapedText:
            guard let text = withText(index, JSONText.unescaped) else {
                throw mismatch("text in UTF-8 with valid escapes", at: index)
            }
            return text
        default: throw mismatch("text", at: index)
        }
    }

    /// The elements of an array, in order.
    func elements(_ index: Int) throws(JSONMismatch) -> [Int] {
        guard nodes[index].kind == .array else { throw mismatch("an array", at: index) }
        var children: [Int] = []
        children.reserveCapacity(nodes[index].count)
        var child = index + 1
        for _ in 0..<nodes[index].count {
            children.append(child)
            child = nodes[child].next
        }
        return children
    }

    /// The members of an object. Of members with one name the last counts, as in JavaScript.
    func members(_ index: Int) throws(JSONMismatch) -> JSONMembers {
        guard nodes[index].kind == .object else { throw mismatch("an object", at: index) }
        return try JSONMembers(self, index)
    }

    /// The value as it is.
    func json(_ index: Int) throws(JSONMismatch) -> JSON {
        switch nodes[index].kind {
        case .null: return .null
        case .yes: return .bool(true)
        case .no: return .bool(false)
        case .number:
            if let value = withText(index, { JSONNumber.integer($0, Int.self, allowingPoint: false) }) {
                return .integer(value)
            }
            return .number(try double(index))
        case .text, .escapedText: return .text(try text(index))
        case .array:
            var elements: [JSON] = []
            for element in try self.elements(index) { elements.append(try json(element)) }
            return .array(elements)
        case .object:
            let members = try members(index)
            var object: [String: JSON] = [:]
            for name in members.names {
                if let value = members.value(named: name) { object[name] = try json(value) }
            }
            return .object(object)
        }
    }

    private func withText<Value>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        let node = nodes[index]
        return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[node.start..<node.end])) }
    }
}

/// The members of one object by name.
struct JSONMembers {
    /// Above this a dictionary finds a name faster than going through the list.
    private static let listedMax = 12

    private(set) var names: [String] = []
    private var values: [Int] = []
    private var index: [String: Int]?

    init(_ tape: JSONTape, _ object: Int) throws(JSONMismatch) {
        var child = object + 1
        for _ in 0..<tape.nodes[object].count {
            names.append(try tape.text(child))
            values.append(child + 1)
            child = tape.nodes[child + 1].next
        }
        if names.count > Self.listedMax {
            index = Dictionary(zip(names, values), uniquingKeysWith: { _, last in last })
        }
    }

    /// The node of the value.
    func value(named name: String) -> Int? {
        if let index { return index[name] }
        return names.lastIndex(of: name).map { values[$0] }
    }
}
