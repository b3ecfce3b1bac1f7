// SPDX-License-Identifier: Apache-2.0
// Evaluator: one evaluation of a tree over bindings, with a count of the steps taken. Every loop below charges before it
// works, so no expression runs or grows beyond `Limits.expressionCostMax`.

import CorralBase

/// Where the names of an expression come from.
package protocol ExpressionBindings {
    /// The value of a name, or nil when there is none; asked only for names that the evaluation reaches.
    func value(named name: String) -> CELValue?
}

extension Dictionary: ExpressionBindings where Key == String, Value == JSON {
    package func value(named name: String) -> CELValue? { self[name].map { CELValue($0) } }
}

extension Limits {
    /// Evaluation steps of all expressions of one step of a flow, its items together: some seconds of one core.
    package static let stepExpressionCostMax = 20_000_000
}

/// What is left to spend on the expressions that share a bound.
package struct ExpressionMeter: Sendable, Hashable {
    package private(set) var left: Int

    package init(left: Int = Limits.stepExpressionCostMax) { self.left = left }

    mutating func spend(_ cost: Int) { left = max(0, left - cost) }
}

struct Evaluator {
    private let bindings: any ExpressionBindings
    private let costMax: Int
    private var scope: [(name: String, value: CELValue)] = []
    private(set) var cost = 0

    init(_ bindings: any ExpressionBindings, _ meter: ExpressionMeter) {
        self.bindings = bindings
        costMax = min(Limits.expressionCostMax, meter.left)
    }

    mutating func evaluate(_ syntax: Syntax) throws(ExpressionError) -> CELValue {
        try charge(1, at: syntax.offset)
        switch syntax.kind {
        case .literal(let value): return value
        case .name(let name): return try value(named: name, at: syntax.offset)
        case .select(let operand, let field): return try member(field, of: evaluate(operand), at: syntax.offset)
        case .has(let operand, let field): return try hasMember(field, evaluate(operand), at: syntax.offset)
        case .index(let operand, let index):
            return try element(of: evaluate(operand), at: evaluate(index), syntax.offset)
        case .list(let elements): return .list(.values(try evaluateAll(elements)))
        case .map(let entries): return try map(entries)
        case .and(let operands): return .bool(try fold(operands, until: false, name: "&&"))
        case .or(let operands): return .bool(try fold(operands, until: true, name: "||"))
        case .conditional(let condition, let yes, let no):
            return try isTrue(condition, "the condition of ?:") ? evaluate(yes) : evaluate(no)
        case .call(let function, let operands):
            return try apply(function, evaluateAll(operands), at: syntax.offset)
        case .matches(let operand, let pattern):
            return try matches(evaluate(operand), pattern, at: syntax.offset)
        case .comprehension(let walk): return try comprehension(walk, at: syntax.offset)
        }
    }

    /// Adds to the cost; the error cannot be absorbed.
    mutating func charge(_ steps: Int, at offset: Int) throws(ExpressionError) {
        cost += steps
        if cost > costMax { throw .tooCostly(isShared: costMax < Limits.expressionCostMax, at: offset) }
    }

    private mutating func evaluateAll(_ operands: [Syntax]) throws(ExpressionError) -> [CELValue] {
        var values: [CELValue] = []
        values.reserveCapacity(operands.count)
        for operand in operands { values.append(try evaluate(operand)) }
        return values
    }

    // MARK: Names and members

    private func value(named name: String, at offset: Int) throws(ExpressionError) -> CELValue {
        if let local = scope.last(where: { $0.name == name }) { return local.value }
        if let value = bindings.value(named: name) { return value }
        if let type = CELType(rawValue: name) { return .type(type) }
        throw .unknownName(name, at: offset)
    }

    private func member(_ field: String, of value: CELValue, at offset: Int) throws(ExpressionError) -> CELValue {
        guard case .map(let map) = value else { throw .noMember(field, of: value, at: offset) }
        guard let member = map[.string(field)] else { throw .noSuchKey(field, in: map, at: offset) }
        return member
    }

    private func hasMember(_ field: String, _ value: CELValue, at offset: Int) throws(ExpressionError) -> CELValue {
        guard case .map(let map) = value else { throw .noMember(field, of: value, at: offset) }
        return .bool(map[.string(field)] != nil)
    }

    private func element(of value: CELValue, at key: CELValue, _ offset: Int) throws(ExpressionError) -> CELValue {
        switch value {
        case .map(let map):
            guard CELEntries.isKey(key) || key.isNumber else { throw .noOverload("[]", [value, key], at: offset) }
            guard let member = map[key] else { throw .noSuchKey(key.shownText, in: map, at: offset) }
            return member
        case .list(let list):
            guard let index = key.wholeNumber else { throw .noOverload("[]", [value, key], at: offset) }
            guard index >= 0, index < list.count else {
                throw .outOfRange(String(index), count: list.count, at: offset)
            }
            return list[index]
        default: throw .noOverload("[]", [value, key], at: offset)
        }
    }

    private mutating func map(_ entries: [(key: Syntax, value: Syntax)]) throws(ExpressionError) -> CELValue {
        var map = CELEntries()
        for entry in entries {
            let key = try evaluate(entry.key)
            guard CELEntries.isKey(key) else { throw .noOverload("a map's key", [key], at: entry.key.offset) }
            guard map.insert(try evaluate(entry.value), for: key) else {
                throw .duplicateKey(key.shownText, at: entry.key.offset)
            }
        }
        return .map(.entries(map))
    }

    // MARK: Logic

    /// `&&` and `||`: an operand that decides wins over errors on either side, whatever the order; otherwise the first
    /// error counts.
    private mutating func fold(
        _ operands: [Syntax], until decision: Bool, name: String
    ) throws(ExpressionError) -> Bool {
        var failure: ExpressionError?
        for operand in operands {
            do throws(ExpressionError) {
                if try isTrue(operand, "an operand of \(name)") == decision { return decision }
            } catch {
                if error.isFatal { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return !decision
    }

    private mutating func isTrue(_ syntax: Syntax, _ place: String) throws(ExpressionError) -> Bool {
        let value = try evaluate(syntax)
        guard case .bool(let flag) = value else { throw .notBool(place, value, at: syntax.offset) }
        return flag
    }

    // MARK: Macros

    private mutating func comprehension(_ walk: Comprehension, at offset: Int) throws(ExpressionError) -> CELValue {
        let range = try evaluate(walk.range)
        let list: CELList
        switch range {
        case .list(let elements): list = elements
        case .map(let map):
            try charge(map.count, at: offset)
            list = .values(map.keys)
        default: throw .noOverload(walk.macro.rawValue, [range], at: offset)
        }
        let depth = scope.count
        scope.append((walk.variable, .null))
        defer { scope.removeLast(scope.count - depth) }
        switch walk.macro {
        case .all: return .bool(try quantify(walk, list, until: false))
        case .exists: return .bool(try quantify(walk, list, until: true))
        case .existsOne: return .bool(try collect(walk, list).count == 1)
        case .filter, .map: return .list(.values(try collect(walk, list)))
        }
    }

    /// `all` and `exists` absorb errors as `&&` and `||` do.
    private mutating func quantify(
        _ walk: Comprehension, _ list: CELList, until decision: Bool
    ) throws(ExpressionError) -> Bool {
        guard let condition = walk.condition else { return !decision }
        var failure: ExpressionError?
        for index in 0..<list.count {
            try bind(list[index], at: condition.offset)
            do throws(ExpressionError) {
                if try isTrue(condition, "the condition of \(walk.macro.rawValue)") == decision { return decision }
            } catch {
                if error.isFatal { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return !decision
    }

    private mutating func collect(_ walk: Comprehension, _ list: CELList) throws(ExpressionError) -> [CELValue] {
        var result: [CELValue] = []
        for index in 0..<list.count {
            let element = list[index]
            try bind(element, at: walk.range.offset)
            if let condition = walk.condition, try !isTrue(condition, "the condition of \(walk.macro.rawValue)") {
                continue
            }
            if let transform = walk.transform { result.append(try evaluate(transform)) } else { result.append(element) }
        }
        return result
    }

    private mutating func bind(_ value: CELValue, at offset: Int) throws(ExpressionError) {
        try charge(1, at: offset)
        scope[scope.count - 1].value = value
    }

    private mutating func matches(
        _ value: CELValue, _ pattern: Pattern, at offset: Int
    ) throws(ExpressionError) -> CELValue {
        guard case .string(let text) = value else { throw .noOverload("matches", [value], at: offset) }
        return .bool(try found(pattern, in: text, at: offset))
    }

    mutating func found(_ pattern: Pattern, in text: String, at offset: Int) throws(ExpressionError) -> Bool {
        try charge(text.utf8.count / 16 + 1, at: offset)
        return try pattern.matches(text) { steps throws(ExpressionError) in try charge(steps, at: offset) }
    }
}
