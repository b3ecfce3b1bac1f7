// SPDX-License-Identifier: Apache-2.0
// ParserCalls: what a name before parentheses means: a function, or a macro, which is syntax that looks like a call.

extension Parser {
    mutating func globalCall(_ name: String, at offset: Int) throws(ExpressionError) -> Syntax {
        _ = take("(")
        let arguments = try list(closedBy: ")")
        if name == "has" { return try has(arguments, at: offset) }
        guard let function = Function.named[name], let form = function.form else {
            throw unknown(name, at: offset)
        }
        guard form.isGlobal, let first = arguments.first, form.arguments.contains(arguments.count - 1) else {
            throw .wrongCall(name, "write \(form.example)", at: offset)
        }
        return try call(function, first, Array(arguments.dropFirst()), at: offset)
    }

    mutating func methodCall(_ name: String, on receiver: Syntax, at offset: Int) throws(ExpressionError) -> Syntax {
        _ = take("(")
        let arguments = try list(closedBy: ")")
        if let macro = Comprehension.Macro(rawValue: name) {
            return try comprehension(macro, over: receiver, arguments, at: offset)
        }
        guard let function = Function.named[name], let form = function.form else {
            throw unknown(name, at: offset)
        }
        guard form.isMethod, form.arguments.contains(arguments.count) else {
            throw .wrongCall(name, "write \(form.example)", at: offset)
        }
        return try call(function, receiver, arguments, at: offset)
    }

    private func call(
        _ function: Function, _ receiver: Syntax, _ arguments: [Syntax], at offset: Int
    ) throws(ExpressionError) -> Syntax {
        if function == .matches, let pattern = arguments.first, case .literal(.string(let text)) = pattern.kind {
            return try node(.matches(receiver, try Pattern(text, at: pattern.offset)), offset)
        }
        return try node(.call(function, [receiver] + arguments), offset)
    }

    /// `has(a.b)`: whether the member is there; an error when `a` is no map.
    private func has(_ arguments: [Syntax], at offset: Int) throws(ExpressionError) -> Syntax {
        guard arguments.count == 1, case .select(let operand, let field) = arguments[0].kind else {
            throw .wrongCall("has", "write has(value.member)", at: offset)
        }
        return try node(.has(operand, field: field), offset)
    }

    private func comprehension(
        _ macro: Comprehension.Macro, over range: Syntax, _ arguments: [Syntax], at offset: Int
    ) throws(ExpressionError) -> Syntax {
        let allowed = macro == .map ? 2...3 : 2...2
        let example = macro == .map ? "list.map(x, x * 2)" : "list.\(macro.rawValue)(x, x > 1)"
        guard allowed.contains(arguments.count), case .name(let variable) = arguments[0].kind else {
            throw .wrongCall(macro.rawValue, "write \(example)", at: offset)
        }
        let hasCondition = macro != .map || arguments.count == 3
        let walk = Comprehension(
            macro: macro, range: range, variable: variable, condition: hasCondition ? arguments[1] : nil,
            transform: macro == .map ? arguments[arguments.count - 1] : nil)
        return try node(.comprehension(walk), offset)
    }

    private func unknown(_ name: String, at offset: Int) -> ExpressionError {
        .unknownFunction(
            name, known: Function.named.keys.sorted() + Comprehension.Macro.allCases.map(\.rawValue) + ["has"],
            at: offset)
    }
}
