// SPDX-License-Identifier: Apache-2.0
// EvaluatorOperators: arithmetic, order and equality. Integers never wrap: an overflow is an error.

extension Evaluator {
    mutating func apply(_ function: Function, _ operands: [CELValue], at offset: Int) throws(ExpressionError)
        -> CELValue
    {
        switch function {
        case .equal: return .bool(try areEqual(operands[0], operands[1], at: offset))
        case .notEqual: return .bool(try !areEqual(operands[0], operands[1], at: offset))
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return try compare(function, operands, at: offset)
        case .add: return try add(operands, at: offset)
        case .subtract, .multiply, .divide, .modulo: return try arithmetic(function, operands, at: offset)
        case .negate, .not: return try unary(function, operands[0], at: offset)
        case .isIn: return try isIn(operands[0], operands[1], at: offset)
        default: return try call(function, operands, at: offset)
        }
    }

    private func unary(_ function: Function, _ value: CELValue, at offset: Int) throws(ExpressionError) -> CELValue {
        switch (function, value) {
        case (.not, .bool(let flag)): return .bool(!flag)
        case (.negate, .double(let number)): return .double(-number)
        case (.negate, .int(let number)):
            guard number != .min else { throw .overflow("negation", at: offset) }
            return .int(-number)
        default: throw .noOverload(function.rawValue, [value], at: offset)
        }
    }

    // MARK: Arithmetic

    private mutating func add(_ operands: [CELValue], at offset: Int) throws(ExpressionError) -> CELValue {
        switch (operands[0], operands[1]) {
        case (.string(let a), .string(let b)):
            try charge((a.utf8.count + b.utf8.count) / 16, at: offset)
            return .string(a + b)
        case (.bytes(let a), .bytes(let b)):
            try charge((a.count + b.count) / 16, at: offset)
            return .bytes(a + b)
        case (.list(let a), .list(let b)):
            try charge(a.count + b.count, at: offset)
            if case .json(let a) = a, case .json(let b) = b { return .list(.json(a + b)) }
            return .list(.values(a.values + b.values))
        default: return try arithmetic(.add, operands, at: offset)
        }
    }

    private func arithmetic(
        _ function: Function, _ operands: [CELValue], at offset: Int
    ) throws(ExpressionError) -> CELValue {
        switch (operands[0], operands[1]) {
        case (.int(let a), .int(let b)): return .int(try exact(function, a, b, at: offset))
        case (.uint(let a), .uint(let b)): return .uint(try exact(function, a, b, at: offset))
        case (.double(let a), .double(let b)):
            switch function {
            case .add: return .double(a + b)
            case .subtract: return .double(a - b)
            case .multiply: return .double(a * b)
            case .divide: return .double(a / b)
            default: throw .noOverload(function.rawValue, operands, at: offset)
            }
        default: return try timeArithmetic(function, operands, at: offset)
        }
    }

    private func exact<Number: FixedWidthInteger>(
        _ function: Function, _ a: Number, _ b: Number, at offset: Int
    ) throws(ExpressionError) -> Number {
        if function == .divide || function == .modulo, b == 0 { throw .divisionByZero(function.rawValue, at: offset) }
        let (result, overflow) =
            switch function {
            case .add: a.addingReportingOverflow(b)
            case .subtract: a.subtractingReportingOverflow(b)
            case .multiply: a.multipliedReportingOverflow(by: b)
            case .divide: a.dividedReportingOverflow(by: b)
            default: a.remainderReportingOverflow(dividingBy: b)
            }
        if overflow { throw .overflow(function.rawValue, at: offset) }
        return result
    }

    private func timeArithmetic(
        _ function: Function, _ operands: [CELValue], at offset: Int
    ) throws(ExpressionError) -> CELValue {
        let result: CELValue?
        switch (function, operands[0], operands[1]) {
        case (.add, .timestamp(let time), .duration(let length)), (.add, .duration(let length), .timestamp(let time)):
            result = time.adding(length).map { .timestamp($0) }
        case (.subtract, .timestamp(let time), .duration(let length)):
            let negated = Int64(0).subtractingReportingOverflow(length.nanoseconds)
            result =
                negated.overflow
                ? nil : time.adding(CELDuration(nanoseconds: negated.partialValue)).map { .timestamp($0) }
        case (.subtract, .timestamp(let a), .timestamp(let b)): result = a.since(b).map { .duration($0) }
        case (.add, .duration(let a), .duration(let b)), (.subtract, .duration(let a), .duration(let b)):
            let sum = try exact(function, a.nanoseconds, b.nanoseconds, at: offset)
            return .duration(CELDuration(nanoseconds: sum))
        default: throw .noOverload(function.rawValue, operands, at: offset)
        }
        guard let result else { throw .overflow(function.rawValue, at: offset) }
        return result
    }

    // MARK: Order

    private mutating func compare(
        _ function: Function, _ operands: [CELValue], at offset: Int
    ) throws(ExpressionError) -> CELValue {
        guard let order = try order(operands[0], operands[1], at: offset) else {
            throw .noOverload(function.rawValue, operands, at: offset)
        }
        switch (function, order) {
        case (_, .unordered): return .bool(false)
        case (.less, _): return .bool(order == .less)
        case (.lessOrEqual, _): return .bool(order != .greater)
        case (.greater, _): return .bool(order == .greater)
        default: return .bool(order != .less)
        }
    }

    /// Nil when the two have no order.
    private mutating func order(_ a: CELValue, _ b: CELValue, at offset: Int) throws(ExpressionError) -> Order? {
        if a.isNumber, b.isNumber { return Order(a, b) }
        switch (a, b) {
        case (.bool(let a), .bool(let b)): return Order(a ? 1 : 0, b ? 1 : 0)
        case (.string(let a), .string(let b)):
            try charge(min(a.utf8.count, b.utf8.count) / 16, at: offset)
            // UTF-8 bytes sort as code points do; Swift's own order is that of canonical equivalence.
            return Order(a.utf8.lexicographicallyPrecedes(b.utf8), b.utf8.lexicographicallyPrecedes(a.utf8))
        case (.bytes(let a), .bytes(let b)):
            try charge(min(a.count, b.count) / 16, at: offset)
            return Order(a.lexicographicallyPrecedes(b), b.lexicographicallyPrecedes(a))
        case (.timestamp(let a), .timestamp(let b)): return Order(a, b)
        case (.duration(let a), .duration(let b)): return Order(a, b)
        default: return nil
        }
    }

    // MARK: Equality

    /// Values of different types are unequal, not an error; numbers are equal across types by value.
    mutating func areEqual(_ a: CELValue, _ b: CELValue, at offset: Int) throws(ExpressionError) -> Bool {
        try charge(1, at: offset)
        if a.isNumber, b.isNumber { return Order(a, b) == .equal }
        switch (a, b) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.string(let a), .string(let b)):
            guard a.utf8.count == b.utf8.count else { return false }
            try charge(a.utf8.count / 16, at: offset)
            return a.utf8.elementsEqual(b.utf8)
        case (.bytes(let a), .bytes(let b)): return a == b
        case (.timestamp(let a), .timestamp(let b)): return a == b
        case (.duration(let a), .duration(let b)): return a == b
        case (.type(let a), .type(let b)): return a == b
        case (.list(let a), .list(let b)): return try areEqual(a, b, at: offset)
        case (.map(let a), .map(let b)): return try areEqual(a, b, at: offset)
        default: return false
        }
    }

    private mutating func areEqual(_ a: CELList, _ b: CELList, at offset: Int) throws(ExpressionError) -> Bool {
        guard a.count == b.count else { return false }
        for index in 0..<a.count where try !areEqual(a[index], b[index], at: offset) { return false }
        return true
    }

    private mutating func areEqual(_ a: CELMap, _ b: CELMap, at offset: Int) throws(ExpressionError) -> Bool {
        guard a.count == b.count else { return false }
        try charge(a.count, at: offset)
        for key in a.keys {
            guard let left = a[key], let right = b[key], try areEqual(left, right, at: offset) else { return false }
        }
        return true
    }

    private mutating func isIn(_ value: CELValue, _ place: CELValue, at offset: Int) throws(ExpressionError) -> CELValue
    {
        switch place {
        case .list(let list):
            for index in 0..<list.count where try areEqual(value, list[index], at: offset) { return .bool(true) }
            return .bool(false)
        case .map(let map): return .bool(map[value] != nil)
        default: throw .noOverload("in", [value, place], at: offset)
        }
    }
}

enum Order {
    case less, equal, greater
    /// A NaN is on one side.
    case unordered

    init<Value: Comparable>(_ a: Value, _ b: Value) { self = a < b ? .less : a == b ? .equal : .greater }

    init(_ isLess: Bool, _ isGreater: Bool) { self = isLess ? .less : isGreater ? .greater : .equal }

    /// Exact across the three kinds of numbers: no integer is rounded to a double to be compared.
    init(_ a: CELValue, _ b: CELValue) {
        switch (a, b) {
        case (.int(let a), .int(let b)): self.init(a, b)
        case (.uint(let a), .uint(let b)): self.init(a, b)
        case (.int(let a), .uint(let b)): self = a < 0 ? .less : Order(UInt64(a), b)
        case (.uint, .int), (.int, .double), (.uint, .double): self = Order(b, a).reversed
        case (.double(let a), .double(let b)): self = a.isNaN || b.isNaN ? .unordered : Order(a, b)
        case (.double(let a), .int(let b)): self = Order.double(a, against: b)
        case (.double(let a), .uint(let b)): self = Order.double(a, against: b)
        default: self = .unordered
        }
    }

    private static func double<Number: FixedWidthInteger>(_ a: Double, against b: Number) -> Order {
        if a.isNaN { return .unordered }
        guard let whole = Number(exactly: a.rounded(.towardZero)) else { return a < 0 ? .less : .greater }
        let order = Order(whole, b)
        return order == .equal ? Order(a - a.rounded(.towardZero), 0) : order
    }

    private var reversed: Order {
        switch self {
        case .less: .greater
        case .greater: .less
        default: self
        }
    }
}
