// SPDX-License-Identifier: Apache-2.0
// Quantities: the small notations inside configuration values. Each reads text from outside, so each checks overflow
// and answers nil instead of guessing.

import CorralBase

/// `500ms`, `5m`, `1h30m`, `7d`, `7_days`.
package enum DurationText {
    /// Names of a unit and its milliseconds. The long names exist because people write `7_days`.
    private static let units: [String: Int64] = [
        "ms": 1, "s": 1000, "second": 1000, "seconds": 1000, "m": 60_000, "min": 60_000, "minute": 60_000,
        "minutes": 60_000, "h": 3_600_000, "hour": 3_600_000, "hours": 3_600_000, "d": 86_400_000, "day": 86_400_000,
        "days": 86_400_000, "week": 604_800_000, "weeks": 604_800_000,
    ]

    /// The duration `text` says, or nil when it says none or one beyond 64 bits of milliseconds.
    package static func parse(_ text: String) -> Duration? {
        var rest = Substring(text).utf8
        var total: Int64 = 0
        guard !rest.isEmpty, rest.count <= 64 else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { isDigit($0) }
            rest = rest.dropFirst(digits.count)
            if rest.first == UInt8(ascii: "_") || rest.first == UInt8(ascii: " ") { rest = rest.dropFirst() }
            let unit = rest.prefix { isLetter($0) }
            rest = rest.dropFirst(unit.count)
            guard let count = Int64(Substring(digits)), let size = units[String(Substring(unit))] else { return nil }
            let (part, isTooLarge) = count.multipliedReportingOverflow(by: size)
            let (sum, overflows) = total.addingReportingOverflow(part)
            guard !isTooLarge, !overflows else { return nil }
            total = sum
        }
        return .milliseconds(total)
    }

    /// The shortest usual form, for documents and messages: `1h30m`, `250ms`.
    package static func write(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        var milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        guard milliseconds > 0 else { return "0s" }
        var text = ""
        for (unit, size) in [("d", Int64(86_400_000)), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
            guard milliseconds >= size else { continue }
            text += "\(milliseconds / size)\(unit)"
            milliseconds %= size
        }
        return text
    }
}

/// US dollars, `50.00`, `$50` or `50 USD`.
enum MoneyText {
    static func parse(_ text: String) -> Double? {
        var rest = Substring(text)
        if rest.hasPrefix("$") { rest = rest.dropFirst() } else if rest.hasSuffix(" USD") { rest = rest.dropLast(4) }
        return decimal(rest)
    }
}

/// `100/hour`.
enum RateText {
    static let periods = ["second", "minute", "hour", "day"]

    static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int64(parts[0]), parts[0].utf8.allSatisfy(isDigit) else { return false }
        return count > 0 && periods.contains(String(parts[1]))
    }

    /// `100/hour` for `100` and for `100/hours`.
    static func meant(by text: String) -> String? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let number = parts.first, let count = Int64(number), count > 0 else { return nil }
        let period = parts.count == 1 ? "hour" : nearestName(to: String(parts[1]), among: periods)
        return period.map { "\(count)/\($0)" }
    }
}

/// `metric operator value`, the value a number, a percentage, a duration or dollars.
enum ConditionText {
    static let operators = [">", ">=", "<", "<=", "==", "!="]

    /// The metric's name, or nil when `text` is no condition.
    static func metric(of text: String) -> String? {
        let words = text.split(separator: " ")
        guard words.count == 3, isName(words[0]), operators.contains(String(words[1])) else { return nil }
        return isQuantity(words[2]) ? String(words[0]) : nil
    }

    private static func isQuantity(_ text: Substring) -> Bool {
        if text.hasSuffix("%") { return decimal(text.dropLast()) != nil }
        return decimal(text) != nil || MoneyText.parse(String(text)) != nil || DurationText.parse(String(text)) != nil
    }
}

/// `field: value -> use: model`.
struct ModelRuleText: Equatable {
    /// What a rule may ask, with the values it may compare to; an empty list means any name.
    static let fields: [(name: String, values: [String])] = [
        ("task_complexity", ["low", "medium", "high"]), ("task_type", []),
    ]

    let field: String
    let value: String
    let model: String

    init?(_ text: String) {
        let sides = text.split(separator: " -> ", omittingEmptySubsequences: false)
        guard sides.count == 2, let condition = Self.pair(sides[0]), let action = Self.pair(sides[1]),
            action.name == "use"
        else { return nil }
        (field, value, model) = (condition.name, condition.value, action.value)
    }

    private static func pair(_ text: Substring) -> (name: String, value: String)? {
        let words = text.split(separator: " ")
        guard words.count == 2, words[0].hasSuffix(":"), isName(words[0].dropLast()), isName(words[1]) else {
            return nil
        }
        return (String(words[0].dropLast()), String(words[1]))
    }
}

/// `1-10`.
enum ScaleText {
    static func isValid(_ text: String) -> Bool {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let low = Int32(ends[0]), let high = Int32(ends[1]) else { return false }
        return ends.allSatisfy { $0.utf8.allSatisfy(isDigit) } && low < high
    }
}

enum AddressText {
    static func isValid(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return false }
        let rest = text.dropFirst(scheme.count)
        guard let first = rest.first, first != "/" else { return false }
        return rest.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
    }
}

/// A decimal without sign, exponent or separators; finite.
private func decimal(_ text: Substring) -> Double? {
    guard let first = text.utf8.first, isDigit(first), text.utf8.count <= 32,
        text.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }), let number = Double(text), number.isFinite
    else { return nil }
    return number
}

/// A name as users and plugins give them.
func isName(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.count <= 128
        && text.utf8.allSatisfy { isDigit($0) || isLetter($0) || "_-./".utf8.contains($0) }
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

private func isLetter(_ byte: UInt8) -> Bool {
    (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")) || (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z"))
}
