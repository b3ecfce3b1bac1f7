// SPDX-License-Identifier: Apache-2.0
// EvaluatorFunctions: the named functions: size, texts, conversions and the fields of times.

extension Evaluator {
    mutating func call(_ function: Function, _ operands: [CELValue], at offset: Int) throws(ExpressionError) -> CELValue
    {
        // A conversion reads its text, and its error quotes it.
        if case .string(let text) = operands[0] { try charge(text.utf8.count / 16, at: offset) }
        switch function {
        case .size: return try size(operands[0], at: offset)
        case .contains, .startsWith, .endsWith, .matches: return try textFunction(function, operands, at: offset)
        case .int: return try int(operands[0], at: offset)
        case .uint: return try uint(operands[0], at: offset)
        case .double: return try double(operands[0], at: offset)
        case .string: return try string(operands[0], at: offset)
        case .bool: return try bool(operands[0], at: offset)
        case .bytes: return try bytes(operands[0], at: offset)
        case .timestamp: return try timestamp(operands[0], at: offset)
        case .duration: return try duration(operands[0], at: offset)
        case .type: return .type(operands[0].type)
        case .dyn: return operands[0]
        default: return try timeField(function, operands, at: offset)
        }
    }

    private mutating func size(_ value: CELValue, at offset: Int) throws(ExpressionError) -> CELValue {
        switch value {
        case .string(let text): return .int(Int64(text.unicodeScalars.count))
        case .bytes(let bytes): return .int(Int64(bytes.count))
        case .list(let list): return .int(Int64(list.count))
        case .map(let map): return .int(Int64(map.count))
        default: throw .noOverload("size", [value], at: offset)
        }
    }

    private mutating func textFunction(
        _ function: Function, _ operands: [CELValue], at offset: Int
    ) throws(ExpressionError) -> CELValue {
        guard case .string(let text) = operands[0], case .string(let part) = operands[1] else {
            throw .noOverload(function.rawValue, operands, at: offset)
        }
        try charge(part.utf8.count / 16, at: offset)
        switch function {
        case .startsWith: return .bool(text.utf8.starts(with: part.utf8))
        case .endsWith: return .bool(text.utf8.reversed().starts(with: part.utf8.reversed()))
        case .contains: return .bool(contains(Array(text.utf8), Array(part.utf8)))
        default:
            // A pattern from data is compiled each time; a small text can make a large program.
            try charge(1000, at: offset)
            let pattern = try Pattern(part, at: offset)
            try charge(pattern.program.count, at: offset)
            return .bool(try found(pattern, in: text, at: offset))
        }
    }

    // MARK: Conversions

    private func int(_ value: CELValue, at offset: Int) throws(ExpressionError) -> CELValue {
        switch value {
        case .int: return value
        case .uint(let number):
            guard let number = Int64(exactly: number) else { throw .overflow("int", at: offset) }
            return .int(number)
        case .double(let number):
            guard let number = Int64(exactly: number.rounded(.towardZero)) else { throw .overflow("int", at: offset) }
            return .int(number)
        case .string(let text):
            guard let number = Int64(text) else { throw .notConvertible(text, to: "int", at: offset) }
            return .int(number)
        case .timestamp(let time): return .int(time.seconds)
        default: throw .noOverload("int", [value], at: offset)
        }
    }

    private func uint(_ value: CELValue, at offset: Int) throws(ExpressionError) -> CELValue {
        switch value {
        case .uint: return value
        case .int(let number):
            guard let number = UInt64(exactly: number) else { throw .overflow("uint", at: offset) }
            return .uint(number)
        case .double(let number):
            guard let number = UInt64(exactly: number.rounded(.towardZero)) else { throw .overflow("uint", at: offset) }
            return .uint(number)
        case .string(let text):
            guard let number = UInt64(text) else { throw .notConvertible(text, to: "uint", at: offset) }
            return .uint(number)
        default: throw .noOverload("uint", [value], at: offset)
        }
    }

    private func double(_ value: CELValue, at offset: Int) throws(ExpressionError) -> CELValue {
        switch value {
        case .double: return value
        case .int(let number): return .double(Double(number))
        case .uint(let number): return .double(Double(number))
        case .string(let text):
            guard let number = doubleText(text) else { throw .notConvertible(text, to: "double", at: offset) }
            return .double(number)
        default: throw .noOverload("double", [value], at: offset)
        }
    }

    private mutating func string(_ value: CELValue, at offset: Int) throws(ExpressionError) -> CELValue {
        if case .bytes(let bytes) = value {
            try charge(bytes.count / 16, at: offset)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .notConvertible("these bytes", to: "UTF-8 text", at: offset)
            }
            return .string(text)
        }
        guard let text = value.text else { throw .noOverload("string", [value], at: offset) }
        return .string(text)
    }

    private func bool(_ value: CELValue, at offset: Int) throws(ExpressionError) -> CELValue {
        switch value {
        case .bool: return value
        case .string(let text):
            if ["1", "t", "T", "true", "TRUE", "True"].contains(text) { return .bool(true) }
            if ["0", "f", "F", "false", "FALSE", "False"].contains(text) { return .bool(false) }
            throw .notConvertible(text, to: "bool", at: offset)
        default: throw .noOverload("bool", [value], at: offset)
        }
    }

    private mutating func bytes(_ value: CELValue, at offset: Int) throws(ExpressionError) -> CELValue {
        switch value {
        case .bytes: return value
        case .string(let text): return .bytes(Array(text.utf8))
        default: throw .noOverload("bytes", [value], at: offset)
        }
    }

    private func timestamp(_ value: CELValue, at offset: Int) throws(ExpressionError) -> CELValue {
        switch value {
        case .timestamp: return value
        case .int(let seconds):
            guard let time = CELTimestamp(seconds: seconds) else { throw .overflow("timestamp", at: offset) }
            return .timestamp(time)
        case .string(let text):
            guard let time = CELTimestamp(text) else { throw .notConvertible(text, to: "timestamp", at: offset) }
            return .timestamp(time)
        default: throw .noOverload("timestamp", [value], at: offset)
        }
    }

    private func duration(_ value: CELValue, at offset: Int) throws(ExpressionError) -> CELValue {
        switch value {
        case .duration: return value
        case .string(let text):
            guard let length = CELDuration(text) else { throw .notConvertible(text, to: "duration", at: offset) }
            return .duration(length)
        default: throw .noOverload("duration", [value], at: offset)
        }
    }

    // MARK: Times

    private func timeField(
        _ function: Function, _ operands: [CELValue], at offset: Int
    ) throws(ExpressionError) -> CELValue {
        switch operands[0] {
        case .timestamp(let time):
            guard let zone = operands.count < 2 ? 0 : zone(operands[1]) else {
                throw ExpressionError.unsupported(
                    "this time zone", at: offset, suggestion: "write \"UTC\" or an offset such as \"+02:00\"")
            }
            return .int(field(function, time.civil(offset: zone)))
        case .duration(let length):
            guard operands.count == 1, let unit = durationUnits[function] else {
                throw .noOverload(function.rawValue, operands, at: offset)
            }
            let whole = length.nanoseconds / unit
            return .int(function == .getMilliseconds ? whole % 1000 : whole)
        default: throw .noOverload(function.rawValue, operands, at: offset)
        }
    }

    private func zone(_ value: CELValue) -> Int64? {
        if case .string(let name) = value { fixedOffset(name) } else { nil }
    }

    /// Months, days and weekdays count from zero, as CEL has it, except `getDate`.
    private func field(_ function: Function, _ time: CivilTime) -> Int64 {
        switch function {
        case .getFullYear: time.year
        case .getMonth: time.month - 1
        case .getDate: time.day
        case .getDayOfMonth: time.day - 1
        case .getDayOfWeek: time.dayOfWeek
        case .getDayOfYear: time.dayOfYear
        case .getHours: time.hour
        case .getMinutes: time.minute
        case .getSeconds: time.second
        default: time.millisecond
        }
    }
}

private let durationUnits: [Function: Int64] = [
    .getHours: 3_600_000_000_000, .getMinutes: 60_000_000_000, .getSeconds: 1_000_000_000, .getMilliseconds: 1_000_000,
]

/// Whether `part` occurs in `text`, in linear time (Knuth, Morris, Pratt 1977): both come from outside.
private func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard !part.isEmpty else { return true }
    guard part.count <= text.count else { return false }
    var failure = [Int](repeating: 0, count: part.count)
    var length = 0
    for index in 1..<part.count {
        while length > 0, part[index] != part[length] { length = failure[length - 1] }
        if part[index] == part[length] { length += 1 }
        failure[index] = length
    }
    length = 0
    for byte in text {
        while length > 0, byte != part[length] { length = failure[length - 1] }
        if byte == part[length] { length += 1 }
        if length == part.count { return true }
    }
    return false
}
