// SPDX-License-Identifier: Apache-2.0
import CorralBase
import CorralExpression

/// Reads the members of a rule. What is there and cannot be read is a fault, never a default.
struct RuleReader {
    private let object: JSONObject

    init(_ object: JSONObject) { self.object = object }

    func expression(_ name: String) throws(RuleFault) -> Expression? {
        guard let value = object[name] else { return nil }
        guard let text = value.stringValue else { throw RuleFault("\"\(name)\" is no text") }
        return try parse(text, name)
    }

    /// - Parameter isCheck: an expression rule judges the value of `check` itself.
    func subject(isCheck: Bool) throws(RuleFault) -> Expression {
        guard isCheck else {
            if let of = try expression("of") { return of }
            return try parse("output", "of")
        }
        guard let check = try expression("check") else { throw RuleFault("it has no \"check\"") }
        return check
    }

    func schema() throws(RuleFault) -> JSON {
        guard let schema = object["schema"] else { throw RuleFault("it has no \"schema\"") }
        return schema
    }

    func flag(_ name: String) throws(RuleFault) -> Bool {
        guard let value = object[name] else { return false }
        guard let flag = value.boolValue else { throw RuleFault("\"\(name)\" is not true or false") }
        return flag
    }

    func texts() throws(RuleFault) -> [String] {
        let texts = (object["texts"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard !texts.isEmpty, texts.count == object["texts"]?.arrayValue?.count, !texts.contains("") else {
            throw RuleFault("\"texts\" is no list of texts")
        }
        guard texts.count <= Criterion.textsMax else { throw RuleFault("it has more than \(Criterion.textsMax) texts") }
        return texts
    }

    func span() throws(RuleFault) -> Span {
        guard let span = Span(least: try number("min"), most: try number("max")) else {
            throw RuleFault("it needs \"min\", \"max\" or both, the least first")
        }
        return span
    }

    func tolerance() throws(RuleFault) -> Double {
        let tolerance = try number("tolerance") ?? 0
        guard tolerance >= 0 else { throw RuleFault("\"tolerance\" is below 0") }
        return tolerance
    }

    func unit() throws(RuleFault) -> LengthUnit {
        guard let value = object["unit"] else { return .characters }
        guard let unit = value.stringValue.flatMap(LengthUnit.init(rawValue:)) else {
            let units = LengthUnit.allCases.map(\.rawValue).joined(separator: ", ")
            throw RuleFault("\"unit\" is none of \(units)")
        }
        return unit
    }

    private func number(_ name: String) throws(RuleFault) -> Double? {
        guard let value = object[name] else { return nil }
        guard let number = value.doubleValue, number.isFinite else { throw RuleFault("\"\(name)\" is no number") }
        return number
    }

    private func parse(_ text: String, _ name: String) throws(RuleFault) -> Expression {
        do throws(ExpressionError) {
            return try Expression(parsing: text)
        } catch {
            throw RuleFault("\"\(name)\", column \(error.offset + 1): \(error.message)")
        }
    }
}
