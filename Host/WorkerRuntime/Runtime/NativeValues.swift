// SPDX-License-Identifier: Apache-2.0
// NativeValues: single numbers and texts between JSON and C, and the JSON schema that says what a function takes.

import CorralBase
import Glibc

extension Scalar {
    /// The smallest and the largest value of an integer type.
    var range: (lowest: String, highest: String)? {
        switch self {
        case .i8: ("\(Int8.min)", "\(Int8.max)")
        case .i16: ("\(Int16.min)", "\(Int16.max)")
        case .i32: ("\(Int32.min)", "\(Int32.max)")
        case .i64: ("\(Int64.min)", "\(Int64.max)")
        case .u8: ("0", "\(UInt8.max)")
        case .u16: ("0", "\(UInt16.max)")
        case .u32: ("0", "\(UInt32.max)")
        case .u64: ("0", "\(UInt64.max)")
        case .f64, .f32, .bool: nil
        }
    }

    /// The value as the low bytes of a slot.
    func bits(_ value: JSON, _ name: String) throws(NativeFailure) -> UInt64 {
        switch self {
        case .bool:
            guard case .bool(let flag) = value else { throw .wrongType(name, "true or false", value) }
            return flag ? 1 : 0
        case .f64:
            guard let number = value.doubleValue else { throw .wrongType(name, "a number", value) }
            return number.bitPattern
        case .f32:
            guard let number = value.doubleValue else { throw .wrongType(name, "a number", value) }
            guard Float(number).isFinite else {
                throw .argument("parameter \"\(name)\": \(number) is out of range for f32")
            }
            return UInt64(Float(number).bitPattern)
        default: return try integerBits(value, name)
        }
    }

    private func integerBits(_ value: JSON, _ name: String) throws(NativeFailure) -> UInt64 {
        let bits: UInt64?
        switch self {
        case .i8: bits = value.intValue.flatMap { Int8(exactly: $0) }.map { UInt64(UInt8(bitPattern: $0)) }
        case .i16: bits = value.intValue.flatMap { Int16(exactly: $0) }.map { UInt64(UInt16(bitPattern: $0)) }
        case .i32: bits = value.intValue.flatMap { Int32(exactly: $0) }.map { UInt64(UInt32(bitPattern: $0)) }
        case .i64: bits = value.intValue.map { UInt64(bitPattern: $0) }
        case .u8: bits = value.intValue.flatMap { UInt8(exactly: $0) }.map { UInt64($0) }
        case .u16: bits = value.intValue.flatMap { UInt16(exactly: $0) }.map { UInt64($0) }
        case .u32: bits = value.intValue.flatMap { UInt32(exactly: $0) }.map { UInt64($0) }
        default:
            bits = value.intValue.flatMap { UInt64(exactly: $0) } ?? value.doubleValue.flatMap { UInt64(exactly: $0) }
        }
        if let bits { return bits }
        guard value.doubleValue != nil else { throw .wrongType(name, "a whole number", value) }
        let (lowest, highest) = range ?? ("", "")
        throw .argument(
            "parameter \"\(name)\": \(value.text()) is no whole number from \(lowest) to \(highest) (\(rawValue))")
    }

    /// The JSON text of a value that C gave back in the low bytes of `bits`. Whole 64-bit numbers keep all digits.
    func text(_ bits: UInt64, _ place: String) throws(NativeFailure) -> String {
        switch self {
        case .bool: return UInt8(truncatingIfNeeded: bits) != 0 ? "true" : "false"
        case .i8: return String(Int8(truncatingIfNeeded: bits))
        case .i16: return String(Int16(truncatingIfNeeded: bits))
        case .i32: return String(Int32(truncatingIfNeeded: bits))
        case .i64: return String(Int64(truncatingIfNeeded: bits))
        case .u8: return String(UInt8(truncatingIfNeeded: bits))
        case .u16: return String(UInt16(truncatingIfNeeded: bits))
        case .u32: return String(UInt32(truncatingIfNeeded: bits))
        case .u64: return String(bits)
        case .f64: return try text(Double(bitPattern: bits), place)
        case .f32: return try text(Float(bitPattern: UInt32(truncatingIfNeeded: bits)), place)
        }
    }

    /// JSON has no NaN and no infinity, and null would hide that the function could not answer: so it is an error.
    private func text(_ number: some BinaryFloatingPoint & CustomStringConvertible, _ place: String)
        throws(NativeFailure)
        -> String
    {
        guard number.isFinite else {
            throw .result(
                "\(place) gave \(number.isNaN ? "NaN" : number < 0 ? "-infinity" : "infinity"), which JSON cannot say")
        }
        return number.description
    }

    fileprivate var schema: JSON {
        switch self {
        case .bool: return ["type": "boolean"]
        case .f64, .f32: return ["type": "number"]
        default:
            guard let range, let lowest = Int64(range.lowest) else { return ["type": "integer"] }
            var schema: JSONObject = ["type": "integer", "minimum": .int(lowest)]
            if let highest = Int64(range.highest) { schema["maximum"] = .int(highest) }
            return .object(schema)
        }
    }
}

extension NativeSignature.Outcome {
    /// The JSON text of the function's own result, nil for void and for a status of success.
    func text(
        of bits: UInt64, function: String, _ release: NativeFunction.Release?
    ) throws(NativeFailure) -> [UInt8]? {
        switch self {
        case .void: return nil
        case .scalar(let scalar): return Array(try scalar.text(bits, function).utf8)
        case .status:
            let status = Int32(truncatingIfNeeded: bits)
            guard status != 0 else { return nil }
            throw NativeFailure(
                -3, "native_status", "\(function) returned status \(status)", details: "{\"status\":\(status)}")
        case .text(let isFreed):
            guard let pointer = UnsafeMutableRawPointer(bitPattern: UInt(bits)) else { return Array("null".utf8) }
            defer { if isFreed { release?(pointer) } }
            let characters = UnsafeRawBufferPointer(
                start: pointer, count: strlen(pointer.assumingMemoryBound(to: CChar.self)))
            guard let text = String(validating: characters, as: UTF8.self) else {
                throw .result("\(function) returned text that is not UTF-8")
            }
            return JSON.string(text).bytes()
        }
    }
}

extension NativeSignature {
    /// JSON schema of the arguments object.
    var inputSchema: JSON {
        var properties = JSONObject()
        var required: [JSON] = []
        for parameter in parameters where !parameter.kind.isOut {
            properties[parameter.name] = parameter.kind.schema
            required.append(.string(parameter.name))
        }
        return [
            "type": "object", "properties": .object(properties), "required": .array(required),
            "additionalProperties": false,
        ]
    }
}

extension NativeSignature.Kind {
    fileprivate var schema: JSON {
        switch self {
        case .scalar(let scalar), .out(let scalar): scalar.schema
        case .text: ["type": "string"]
        case .bytes: ["type": "string", "contentEncoding": "base64"]
        case .array(let scalar), .outArray(let scalar, _): ["type": "array", "items": scalar.schema]
        }
    }
}
