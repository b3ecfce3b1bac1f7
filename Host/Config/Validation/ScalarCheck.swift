// SPDX-License-Identifier: Apache-2.0
// ScalarCheck: one value against its type. The answer is the value in its own JSON type, or the mistake with what was
// expected, what was given and what was probably meant.

import CorralBase

/// What is wrong with a value.
struct ScalarMistake: Error, Equatable {
    let code: ErrorCode
    let message: String
    let suggestion: String?
    var severity: Diagnostic.Severity = .error
}

/// A checked value, perhaps with a warning.
struct CheckedScalar: Equatable {
    let value: JSON
    var warning: ScalarMistake?
}

extension ScalarType {
    /// - Parameters:
    ///   - text: the value as it was written, without quotes.
    ///   - value: what the text means as YAML.
    func check(_ text: String, _ value: JSON) throws(ScalarMistake) -> CheckedScalar {
        switch self {
        case .bool: return try bool(text, value)
        case .int(let range): return try int(range, text, value)
        case .number(let range): return try number(range, text, value)
        case .text: return try anyText(text, value)
        case .any: return CheckedScalar(value: value)
        case .choice(let values): return try choice(values, text, value)
        case .name(let known): return try name(known, text, value)
        case .duration(let range, let words): return try duration(range, words, text, value)
        case .money: return try money(text, value)
        case .condition(let metrics): return try condition(metrics, text, value)
        case .modelRule: return try rule(text, value)
        case .rate: return try rate(text, value)
        case .scale: return try form(ScaleText.isValid, text, value)
        case .url: return try form(AddressText.isValid, text, value)
        case .formed(let form): return try self.form(form.isValid, text, value)
        }
    }

    private func bool(_ text: String, _ value: JSON) throws(ScalarMistake) -> CheckedScalar {
        if case .bool = value { return CheckedScalar(value: value) }
        let meant = ["yes": "true", "on": "true", "no": "false", "off": "false"][text.lowercased()]
        throw wrongType(text, value, meant ?? nearestName(to: text, among: ["true", "false"]))
    }

    private func int(_ range: ClosedRange<Int64>, _ text: String, _ value: JSON) throws(ScalarMistake) -> CheckedScalar
    {
        guard case .int(let number) = value else { throw wrongType(text, value, Int64(text).map(String.init)) }
        guard range.contains(number) else { throw outOfRange(text) }
        return CheckedScalar(value: value)
    }

    private func number(
        _ range: ClosedRange<Double>, _ text: String, _ value: JSON
    ) throws(ScalarMistake) -> CheckedScalar {
        guard let number = value.doubleValue else { throw wrongType(text, value, percentage(text)) }
        guard range.contains(number) else { throw outOfRange(text) }
        return CheckedScalar(value: value)
    }

    /// "80%" where 0.8 is expected.
    private func percentage(_ text: String) -> String? {
        guard text.hasSuffix("%"), let number = Double(text.dropLast()), number.isFinite else {
            return Double(text).map { _ in text }
        }
        return (number / 100).description
    }

    private func anyText(_ text: String, _ value: JSON) throws(ScalarMistake) -> CheckedScalar {
        guard value != .null else { throw wrongType(text, value, "\"\"") }
        return CheckedScalar(value: .string(text))
    }

    private func choice(_ values: [String], _ text: String, _ value: JSON) throws(ScalarMistake) -> CheckedScalar {
        guard value != .null else { throw wrongType(text, value, nil) }
        guard values.contains(text) else {
            throw ScalarMistake(
                code: .configUnknownValue, message: "expected \(expectation), got \"\(shown(text))\"",
                suggestion: didYouMean(text, among: values) ?? completion(of: text, among: values))
        }
        return CheckedScalar(value: .string(text))
    }

    /// "bearer" for "bearer_token" is too far for an edit distance and plain to a person.
    private func completion(of text: String, among values: [String]) -> String? {
        let fitting = values.filter { text.count >= 2 && $0.hasPrefix(text) }
        return fitting.count == 1 ? "did you mean \"\(fitting[0])\"?" : nil
    }

    private func name(_ known: [String], _ text: String, _ value: JSON) throws(ScalarMistake) -> CheckedScalar {
        guard value != .null, isName(text) else { throw wrongType(text, value, nil) }
        var checked = CheckedScalar(value: .string(text))
        if !known.contains(text), let near = didYouMean(text, among: known) {
            checked.warning = ScalarMistake(
                code: .configUnknownValue, message: "\"\(text)\" is not a name Corral knows", suggestion: near,
                severity: .warning)
        }
        return checked
    }

    private func duration(
        _ range: ClosedRange<Duration>, _ words: [String], _ text: String, _ value: JSON
    ) throws(ScalarMistake) -> CheckedScalar {
        if words.contains(text) { return CheckedScalar(value: .string(text)) }
        guard case .string = value, let duration = DurationText.parse(text) else {
            throw wrongType(text, value, Int64(text).map { "\($0)s" } ?? nearestName(to: text, among: words))
        }
        guard range.contains(duration) else { throw outOfRange(text) }
        return CheckedScalar(value: value)
    }

    private func money(_ text: String, _ value: JSON) throws(ScalarMistake) -> CheckedScalar {
        if let amount = value.doubleValue {
            guard amount >= 0 else { throw outOfRange(text) }
            return CheckedScalar(value: value)
        }
        guard case .string = value, let amount = MoneyText.parse(text) else { throw wrongType(text, value, nil) }
        return CheckedScalar(value: .double(amount))
    }

    private func condition(_ metrics: [String], _ text: String, _ value: JSON) throws(ScalarMistake) -> CheckedScalar {
        guard case .string = value, let metric = ConditionText.metric(of: text) else {
            throw wrongType(text, value, nil)
        }
        guard metrics.contains(metric) else {
            throw ScalarMistake(
                code: .configUnknownValue, message: "there is no metric \"\(metric)\" to compare",
                suggestion: didYouMean(metric, among: metrics) ?? "the metrics are " + metrics.joined(separator: ", "))
        }
        return CheckedScalar(value: value)
    }

    private func rule(_ text: String, _ value: JSON) throws(ScalarMistake) -> CheckedScalar {
        guard case .string = value, let rule = ModelRuleText(text) else { throw wrongType(text, value, nil) }
        guard let field = ModelRuleText.fields.first(where: { $0.name == rule.field }) else {
            let names = ModelRuleText.fields.map(\.name)
            throw ScalarMistake(
                code: .configUnknownValue, message: "a rule cannot ask \"\(rule.field)\"",
                suggestion: didYouMean(rule.field, among: names) ?? "it can ask " + names.joined(separator: ", "))
        }
        guard field.values.isEmpty || field.values.contains(rule.value) else {
            throw ScalarMistake(
                code: .configUnknownValue,
                message: "\(field.name) is one of \(field.values.joined(separator: ", ")), got \"\(rule.value)\"",
                suggestion: didYouMean(rule.value, among: field.values))
        }
        return CheckedScalar(value: value)
    }

    private func rate(_ text: String, _ value: JSON) throws(ScalarMistake) -> CheckedScalar {
        guard case .string = value, RateText.isValid(text) else {
            throw wrongType(text, value, RateText.meant(by: text))
        }
        return CheckedScalar(value: value)
    }

    private func form(
        _ isValid: (String) -> Bool, _ text: String, _ value: JSON
    ) throws(ScalarMistake) -> CheckedScalar {
        guard case .string = value, isValid(text) else { throw wrongType(text, value, nil) }
        return CheckedScalar(value: value)
    }

    private func wrongType(_ text: String, _ value: JSON, _ meant: String?) -> ScalarMistake {
        let given = value.isNull ? "nothing" : "\"\(shown(text))\""
        let kind = if case .string = value { "" } else { value.isNull ? "" : " (\(value.typeName))" }
        return ScalarMistake(
            code: .configWrongType, message: "expected \(expectation), got \(given)\(kind)",
            suggestion: meant.map { "write \($0)" + ($0 == text ? " without quotes" : "") })
    }

    private func outOfRange(_ text: String) -> ScalarMistake {
        ScalarMistake(
            code: .configOutOfRange, message: "expected \(expectation), got \"\(shown(text))\"", suggestion: nil)
    }
}
