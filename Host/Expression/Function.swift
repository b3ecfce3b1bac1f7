// SPDX-License-Identifier: Apache-2.0
// Function: the operators and functions of the language, with how each is called. The parser refuses every other call,
// so a misspelt function is found when a flow is checked and not when it runs.

enum Function: String, Sendable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case negate = "unary -"
    case not = "!"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"

    case size, contains, startsWith, endsWith, matches
    case int, uint, double, string, bool, bytes, timestamp, duration, type, dyn
    case getFullYear, getMonth, getDate, getDayOfMonth, getDayOfWeek, getDayOfYear
    case getHours, getMinutes, getSeconds, getMilliseconds
}

extension Function {
    /// How a named function may be called: `f(x)`, `x.f()`, and the number of arguments besides the receiver.
    struct Form {
        let isGlobal: Bool
        let isMethod: Bool
        let arguments: ClosedRange<Int>
        let example: String
    }

    /// Nil for operators, which have no name to call.
    var form: Form? {
        switch self {
        case .size: Form(isGlobal: true, isMethod: true, arguments: 0...0, example: "size(list) or list.size()")
        case .contains, .startsWith, .endsWith:
            Form(isGlobal: false, isMethod: true, arguments: 1...1, example: "text.\(rawValue)(\"part\")")
        case .matches:
            Form(isGlobal: true, isMethod: true, arguments: 1...1, example: "text.matches(\"^a+$\")")
        case .int, .uint, .double, .string, .bool, .bytes, .timestamp, .duration, .type, .dyn:
            Form(isGlobal: true, isMethod: false, arguments: 0...0, example: "\(rawValue)(value)")
        case .getFullYear, .getMonth, .getDate, .getDayOfMonth, .getDayOfWeek, .getDayOfYear, .getHours, .getMinutes,
            .getSeconds, .getMilliseconds:
            Form(isGlobal: false, isMethod: true, arguments: 0...1, example: "time.\(rawValue)()")
        default: nil
        }
    }

    static let named: [String: Function] = Dictionary(
        uniqueKeysWithValues: allCases.filter { $0.form != nil }.map { ($0.rawValue, $0) })

    /// Binary operators with their precedence, from weak to strong. `&&`, `||` and `?:` are not functions.
    static let binary: [String: (precedence: Int, function: Function)] = [
        "==": (1, .equal), "!=": (1, .notEqual), "<": (1, .less), "<=": (1, .lessOrEqual), ">": (1, .greater),
        ">=": (1, .greaterOrEqual), "in": (1, .isIn), "+": (2, .add), "-": (2, .subtract), "*": (3, .multiply),
        "/": (3, .divide), "%": (3, .modulo),
    ]
}
