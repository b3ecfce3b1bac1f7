// SPDX-License-Identifier: Apache-2.0
// ExpressionErrors: every error text of this module.

import CorralBase

extension ErrorCode {
    package static let expressionInvalid = ErrorCode(100, "expression_invalid")
    package static let expressionUnknownName = ErrorCode(101, "expression_unknown_name")
    package static let expressionTypeMismatch = ErrorCode(102, "expression_type_mismatch")
    package static let expressionMissingKey = ErrorCode(103, "expression_missing_key")
    package static let expressionArithmetic = ErrorCode(104, "expression_arithmetic")
    package static let expressionTooCostly = ErrorCode(105, "expression_too_costly")
    package static let expressionTooLarge = ErrorCode(106, "expression_too_large")
}

extension ExpressionError {
    // MARK: Reading

    static func syntax(_ message: String, at offset: Int, suggestion: String? = nil) -> ExpressionError {
        ExpressionError(.expressionInvalid, message, at: offset, suggestion: suggestion)
    }

    static func unsupported(_ what: String, at offset: Int, suggestion: String? = nil) -> ExpressionError {
        ExpressionError(.expressionInvalid, "\(what) is not supported", at: offset, suggestion: suggestion)
    }

    static func unknownFunction(_ name: String, known: [String], at offset: Int) -> ExpressionError {
        ExpressionError(
            .expressionUnknownName, "unknown function \"\(shown(name))\"", at: offset,
            suggestion: didYouMean(name, among: known))
    }

    static func wrongCall(_ name: String, _ rule: String, at offset: Int) -> ExpressionError {
        ExpressionError(.expressionInvalid, "\"\(name)\" is not called like this", at: offset, suggestion: rule)
    }

    static func tooLong(_ bytes: Int) -> ExpressionError {
        ExpressionError(
            .expressionTooLarge, "the expression has \(bytes) bytes, more than \(Limits.expressionBytesMax)", at: 0,
            suggestion: "compute the value in an agent")
    }

    static func tooDeep(at offset: Int) -> ExpressionError {
        ExpressionError(.expressionTooLarge, "the expression is nested too deeply", at: offset)
    }

    // MARK: Evaluating

    static func unknownName(_ name: String, at offset: Int) -> ExpressionError {
        ExpressionError(.expressionUnknownName, "unknown name \"\(shown(name))\"", at: offset)
    }

    static func noOverload(_ operation: String, _ operands: [CELValue], at offset: Int) -> ExpressionError {
        let types = operands.map(\.type.name)
        let isMixed = operands.count == 2 && operands.allSatisfy(\.isNumber) && types[0] != types[1]
        return ExpressionError(
            .expressionTypeMismatch, "\(operation) does not apply to \(types.joined(separator: " and "))", at: offset,
            suggestion: isMixed ? "convert one side with \(types.contains("double") ? "double" : "int")(…)" : nil)
    }

    static func notBool(_ place: String, _ value: CELValue, at offset: Int) -> ExpressionError {
        ExpressionError(
            .expressionTypeMismatch, "\(place) must be a bool, not \(value.type.name)", at: offset,
            suggestion: "compare it with something, for example `… != null`")
    }

    static func noMember(_ name: String, of value: CELValue, at offset: Int) -> ExpressionError {
        let suggestion = value.isNull ? "a skipped step is null; guard it with `… != null && …`" : nil
        return ExpressionError(
            .expressionTypeMismatch, "\(value.type.name) has no member \"\(shown(name))\"", at: offset,
            suggestion: suggestion)
    }

    static func noSuchKey(_ key: String, in map: CELMap, at offset: Int) -> ExpressionError {
        ExpressionError(
            .expressionMissingKey, "no such key \"\(shown(key))\"", at: offset, advice: .nearest(key, map))
    }

    static func outOfRange(_ index: String, count: Int, at offset: Int) -> ExpressionError {
        ExpressionError(
            .expressionMissingKey, "index \(index) is outside of a list of \(count)", at: offset)
    }

    static func duplicateKey(_ key: String, at offset: Int) -> ExpressionError {
        ExpressionError(.expressionMissingKey, "key \"\(shown(key))\" is given twice", at: offset)
    }

    static func overflow(_ operation: String, at offset: Int) -> ExpressionError {
        ExpressionError(.expressionArithmetic, "\(operation) overflows", at: offset)
    }

    static func divisionByZero(_ operation: String, at offset: Int) -> ExpressionError {
        ExpressionError(.expressionArithmetic, "\(operation) by zero", at: offset)
    }

    static func notConvertible(_ text: String, to type: String, at offset: Int) -> ExpressionError {
        ExpressionError(.expressionArithmetic, "\"\(shown(text))\" is not a valid \(type)", at: offset)
    }

    static func noJSON(_ value: String, at offset: Int) -> ExpressionError {
        ExpressionError(.expressionArithmetic, "\(value) has no JSON form", at: offset, suggestion: "use string(…)")
    }

    static func tooCostly(isShared: Bool, at offset: Int) -> ExpressionError {
        let what =
            isShared
            ? "the expressions of this step take more than \(Limits.stepExpressionCostMax)"
            : "the expression takes more than \(Limits.expressionCostMax)"
        return ExpressionError(
            .expressionTooCostly, "\(what) evaluation steps", at: offset, suggestion: "compute the value in an agent",
            isFatal: true)
    }
}

func shown(_ text: String) -> String {
    text.unicodeScalars.dropFirst(60).isEmpty ? text : String(text.unicodeScalars.prefix(59)) + "…"
}
