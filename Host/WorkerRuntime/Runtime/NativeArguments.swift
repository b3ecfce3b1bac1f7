// SPDX-License-Identifier: Apache-2.0
// NativeArguments: JSON arguments as the bytes a C function expects. Every value is checked against its type: what does
// not fit is an error that names the parameter, never a silent cut.

import CorralBase
import Glibc

struct NativeArguments {
    /// Bytes of all out arrays of one call.
    static let outBytesMax = Limits.resultBytesMax

    private let signature: NativeSignature
    /// One 8-byte slot for each C parameter; libffi reads as many bytes of it as the type has.
    private let slots: UnsafeMutablePointer<UInt64>
    private var count = 0
    /// Arrays, texts and out memory, freed after the call.
    private var blocks: [UnsafeMutableRawPointer] = []
    private var outs: [Out] = []
    private var outBytes = 0

    private struct Out {
        var name: String
        var scalar: Scalar
        var isArray: Bool
        var memory: UnsafeRawBufferPointer
    }

    init(_ signature: NativeSignature, _ body: UnsafeRawBufferPointer) throws(NativeFailure) {
        self.signature = signature
        slots = .allocate(capacity: NativeSignature.arityMax)
        slots.initialize(repeating: 0, count: NativeSignature.arityMax)
        do throws(NativeFailure) {
            try fill(try signature.values(body))
        } catch {
            free()
            throw error
        }
    }

    func free() {
        for block in blocks { block.deallocate() }
        slots.deallocate()
    }

    /// Pointers to the slots, as `ffi_call` takes them.
    func withPointers(_ body: (UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> Void) {
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: NativeSignature.arityMax) { list in
            for index in 0..<NativeSignature.arityMax { list.initializeElement(at: index, to: slots + index) }
            if let base = list.baseAddress { body(base) }
        }
    }

    // MARK: Filling

    private mutating func fill(_ values: [JSON?]) throws(NativeFailure) {
        for (parameter, value) in zip(signature.parameters, values) {
            switch parameter.kind {
            case .scalar(let scalar): add(try scalar.bits(value ?? .null, parameter.name))
            case .text: try addText(value ?? .null, parameter.name)
            case .bytes: try addBytes(value ?? .null, parameter.name)
            case .array(let scalar): try addArray(scalar, value ?? .null, parameter.name)
            case .out(let scalar): try addOut(parameter.name, scalar, 1, isArray: false)
            case .outArray(let scalar, let length):
                try addOut(parameter.name, scalar, try self.length(length, values), isArray: true)
            }
        }
    }

    private mutating func add(_ bits: UInt64) {
        slots[count] = bits
        count += 1
    }

    private mutating func add(_ pointer: UnsafeMutableRawPointer) { add(UInt64(UInt(bitPattern: pointer))) }

    /// Zeroed, 16-aligned, never of size 0, so that a C function always gets a pointer it may look at.
    private mutating func block(_ bytes: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(16, bytes), alignment: 16)
        memset(block, 0, max(16, bytes))
        blocks.append(block)
        return block
    }

    private mutating func addText(_ value: JSON, _ name: String) throws(NativeFailure) {
        guard case .string(let text) = value else { throw .wrongType(name, "a text", value) }
        guard !text.utf8.contains(0) else {
            throw .argument(
                "parameter \"\(name)\": the text has a NUL character inside, which C would take for its end")
        }
        let bytes = Array(text.utf8)
        let memory = block(bytes.count + 1)
        memory.copyMemory(from: bytes, byteCount: bytes.count)
        add(memory)
    }

    private mutating func addBytes(_ value: JSON, _ name: String) throws(NativeFailure) {
        guard case .string(let text) = value else { throw .wrongType(name, "base64 text", value) }
        guard let bytes = base64Decoded(text) else {
            throw .argument("parameter \"\(name)\": the text is not base64 (RFC 4648, with padding)")
        }
        let memory = block(bytes.count)
        memory.copyMemory(from: bytes, byteCount: bytes.count)
        add(memory)
        add(UInt64(bytes.count))
    }

    private mutating func addArray(_ scalar: Scalar, _ value: JSON, _ name: String) throws(NativeFailure) {
        guard case .array(let elements) = value else { throw .wrongType(name, "a list of numbers", value) }
        let size = scalar.byteCount
        let memory = block(elements.count * size)
        for (index, element) in elements.enumerated() {
            var bits = try scalar.bits(element, "\(name)[\(index)]").littleEndian
            memcpy(memory + index * size, &bits, size)
        }
        add(memory)
        add(UInt64(elements.count))
    }

    private func length(_ length: NativeSignature.Length, _ values: [JSON?]) throws(NativeFailure) -> Int {
        switch length {
        case .fixed(let count): return count
        case .parameter(let index):
            let name = signature.parameters[index].name
            guard let count = values[index]?.intValue.flatMap({ Int(exactly: $0) }), count >= 0 else {
                throw .argument("parameter \"\(name)\" is the length of an out array and must not be negative")
            }
            return count
        }
    }

    private mutating func addOut(
        _ name: String, _ scalar: Scalar, _ count: Int, isArray: Bool
    ) throws(NativeFailure) {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: scalar.byteCount)
        guard !overflow, bytes <= NativeArguments.outBytesMax - outBytes else {
            throw .argument(
                "out parameter \"\(name)\": \(count) elements are too many, at most \(NativeArguments.outBytesMax) "
                    + "bytes can come back")
        }
        outBytes += bytes
        let memory = block(bytes)
        outs.append(
            Out(
                name: name, scalar: scalar, isArray: isArray,
                memory: UnsafeRawBufferPointer(start: memory, count: bytes)))
        add(memory)
    }

    // MARK: The result

    /// The JSON result: the value itself, or with out parameters an object. `value` is nil for void and status.
    func resultText(_ value: [UInt8]?, function: String) throws(NativeFailure) -> [UInt8] {
        guard !outs.isEmpty else { return value ?? Array("null".utf8) }
        var text = Array("{".utf8)
        if let value { text += Array("\"result\":".utf8) + value }
        for out in outs {
            text += Array("\(text.count > 1 ? "," : "")\"\(out.name)\":".utf8)
            if out.isArray { text.append(UInt8(ascii: "[")) }
            for start in stride(from: 0, to: out.memory.count, by: out.scalar.byteCount) {
                if start > 0 { text.append(UInt8(ascii: ",")) }
                var bits: UInt64 = 0
                if let base = out.memory.baseAddress { memcpy(&bits, base + start, out.scalar.byteCount) }
                text += Array(
                    try out.scalar.text(UInt64(littleEndian: bits), "\(function): out parameter \"\(out.name)\"").utf8)
            }
            if out.isArray { text.append(UInt8(ascii: "]")) }
        }
        text.append(UInt8(ascii: "}"))
        return text
    }
}

extension NativeSignature {
    /// The argument of each parameter in order; nil for out parameters. Names and count are checked, types are not.
    func values(_ body: UnsafeRawBufferPointer) throws(NativeFailure) -> [JSON?] {
        let json: JSON
        do { json = try JSON(parsing: body) } catch {
            throw .argument((error as? CorralError)?.message ?? "the arguments are not valid JSON")
        }
        switch json {
        case .array(let list): return try values(byPosition: list)
        case .object(let object): return try values(byName: object)
        case .null: return try values(byPosition: [])
        default: throw .argument("the arguments must be an object or a list, not a \(json.typeName)")
        }
    }

    private func values(byPosition list: [JSON]) throws(NativeFailure) -> [JSON?] {
        let names = parameters.filter { !$0.kind.isOut }.map(\.name)
        guard list.count == names.count else {
            throw .argument("\(list.count) arguments, expected \(names.count): (\(names.joined(separator: ", ")))")
        }
        var rest = list[...]
        return parameters.map { $0.kind.isOut ? nil : rest.popFirst() }
    }

    private func values(byName object: JSONObject) throws(NativeFailure) -> [JSON?] {
        let names = parameters.filter { !$0.kind.isOut }.map(\.name)
        if let unknown = object.keys.first(where: { !names.contains($0) }) {
            throw .argument("there is no parameter \"\(unknown)\"; expected are (\(names.joined(separator: ", ")))")
        }
        if let missing = names.first(where: { object[$0] == nil }) {
            throw .argument("parameter \"\(missing)\" is missing; expected are (\(names.joined(separator: ", ")))")
        }
        return parameters.map { $0.kind.isOut ? nil : object[$0.name] }
    }
}

extension NativeFailure {
    static func wrongType(_ name: String, _ expected: String, _ value: JSON) -> NativeFailure {
        .argument("parameter \"\(name)\": expected \(expected), found a \(value.typeName)")
    }
}

/// RFC 4648 §4, padding required. Nil for anything else.
func base64Decoded(_ text: String) -> [UInt8]? {
    let bytes = Array(text.utf8)
    guard bytes.count % 4 == 0 else { return nil }
    let padding = bytes.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count / 4 * 3)
    var bits: UInt32 = 0
    for (index, byte) in bytes.dropLast(padding).enumerated() {
        guard let digit = base64Digit(byte) else { return nil }
        bits = bits << 6 | digit
        if index % 4 != 0 { output.append(UInt8(truncatingIfNeeded: bits >> UInt32(6 - index % 4 * 2))) }
    }
    return output
}

private func base64Digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a") + 26)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0") + 52)
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}
