// SPDX-License-Identifier: Apache-2.0
// ScalarType: the types a single value can have, with the words errors and documents use for them.

/// The type of a single value.
package enum ScalarType: Sendable {
    case bool
    case int(ClosedRange<Int64>)
    case number(ClosedRange<Double>)
    /// Any text; a plain number or bool counts as the text it was written as.
    case text
    /// Any single value, in its own type.
    case any
    /// One of these and nothing else.
    case choice([String])
    /// A name that plugins and users may add to. A near miss of a known one is a warning, not an error.
    case name(known: [String])
    /// `500ms`, `1h30m`, `7_days`, or one of `words`.
    case duration(ClosedRange<Duration>, words: [String])
    /// US dollars: `50.00` or `$50`.
    case money
    /// `100/hour`.
    case rate
    /// `error_rate > 5%`, `latency_p95 > 10s`, `cost_per_day > $100`.
    case condition(metrics: [String])
    /// `task_complexity: low -> use: haiku`.
    case modelRule
    /// `1-10`.
    case scale
    /// An http or https address.
    case url
    /// Text of a form of its own.
    case formed(Form)

    package struct Form: Sendable {
        /// What an error says was expected.
        package let expectation: String
        /// The short form for a table.
        package let title: String
        package let isValid: @Sendable (String) -> Bool

        package init(_ title: String, expectation: String, _ isValid: @escaping @Sendable (String) -> Bool) {
            self.title = title
            self.expectation = expectation
            self.isValid = isValid
        }
    }
}

extension ScalarType {
    /// What an error says was expected.
    package var expectation: String {
        switch self {
        case .bool: "true or false"
        case .int(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
        case .text: "text"
        case .any: "a single value"
        case .choice(let values): "one of " + values.joined(separator: ", ")
        case .name: "a name of letters, digits, '_', '-', '.' and '/'"
        case .duration(let range, let words):
            "a duration from \(DurationText.write(range.lowerBound)) to \(DurationText.write(range.upperBound))"
                + " such as 500ms, 5m, 1h30m or 7_days" + words.map { ", or \($0)" }.joined()
        case .money: "an amount in US dollars such as 50.00"
        case .rate: "a rate such as 100/hour (per second, minute, hour or day)"
        case .condition: "a condition such as error_rate > 5%"
        case .modelRule: "a rule such as \"task_complexity: low -> use: haiku\""
        case .scale: "a scale such as 1-10"
        case .url: "an http or https address"
        case .formed(let form): form.expectation
        }
    }

    /// The short form for a table.
    package var title: String {
        switch self {
        case .bool: "bool"
        case .int(let range): "int \(range.lowerBound)–\(range.upperBound)"
        case .number(let range): "number \(plain(range.lowerBound))–\(plain(range.upperBound))"
        case .text: "text"
        case .any: "any value"
        case .choice(let values): values.map { "`\($0)`" }.joined(separator: ", ")
        case .name(let known):
            known.isEmpty ? "name" : "name (known: " + known.map { "`\($0)`" }.joined(separator: ", ") + ")"
        case .duration(_, let words): (["duration"] + words.map { "`\($0)`" }).joined(separator: " or ")
        case .money: "US dollars"
        case .rate: "rate"
        case .condition: "condition"
        case .modelRule: "rule"
        case .scale: "scale"
        case .url: "http(s) address"
        case .formed(let form): form.title
        }
    }

    /// The same number in as few characters as possible: `5` for 5.0.
    private func plain(_ number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? number.description
    }
}
