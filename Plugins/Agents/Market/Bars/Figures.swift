// SPDX-License-Identifier: Apache-2.0

/// Numbers as people read them: `2,506.85`, `−12.4%`, `3.44 billion`.
///
/// Locale-independent on purpose: a report must be the same bytes wherever it is written, or replay would diverge.
package enum Figures {
    /// Fixed decimals with thousands separators; a real minus sign; `n/a` for what is not finite.
    package static func fixed(_ value: Double, _ digits: Int = 2) -> String {
        guard value.isFinite else { return "n/a" }
        let places = max(0, min(digits, 8))
        let scale = powerOfTen(places)
        // Above 2^53 a Double has no fractional digits left to print.
        guard abs(value) < 9e15 / scale, let scaled = Int(exactly: (abs(value) * scale).rounded()) else {
            return "\(value)"
        }
        let unit = Int(scale)
        let whole = grouped(scaled / unit)
        let sign = value < 0 && scaled != 0 ? "−" : ""
        guard places > 0 else { return sign + whole }
        let fraction = String(scaled % unit)
        return sign + whole + "." + String(repeating: "0", count: places - fraction.count) + fraction
    }

    /// As many decimals as the size of a price deserves: 0.00001234 and 2,506.85.
    package static func price(_ value: Double) -> String {
        switch abs(value) {
        case 0, 1...: return fixed(value, 2)
        case 0.01..<1: return fixed(value, 4)
        default: return fixed(value, 8)
        }
    }

    /// A ratio as per cent: 0.0123 is `1.2%`.
    package static func percent(_ ratio: Double, _ digits: Int = 1, signed: Bool = false) -> String {
        let text = fixed(ratio * 100, digits)
        guard text != "n/a" else { return text }
        let isPositive = signed && ratio > 0 && text.contains { $0 != "0" && $0 != "." }
        return (isPositive ? "+" : "") + text + "%"
    }

    /// Large amounts with a word: `3.44 billion`.
    package static func amount(_ value: Double) -> String {
        let steps: [(Double, String)] = [(1e12, " trillion"), (1e9, " billion"), (1e6, " million")]
        for (size, word) in steps where abs(value) >= size { return fixed(value / size, 2) + word }
        return fixed(value, abs(value) < 100 && value != value.rounded() ? 2 : 0)
    }

    /// Amounts short enough for an axis: `3.4B`, `250K`.
    package static func short(_ value: Double) -> String {
        let steps: [(Double, String)] = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")]
        for (size, letter) in steps where abs(value) >= size {
            let scaled = value / size
            return fixed(scaled, scaled == scaled.rounded() ? 0 : 1) + letter
        }
        return fixed(value, value == value.rounded() ? 0 : 2)
    }

    /// `1 row`, `5,031 rows`.
    package static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
        grouped(number) + " " + (number == 1 ? singular : plural ?? singular + "s")
    }

    package static func grouped(_ number: Int) -> String {
        var digits = Array(String(number.magnitude))
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: position)
            position -= 3
        }
        return (number < 0 ? "−" : "") + String(digits)
    }

    private static func powerOfTen(_ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { product, _ in product * 10 }
    }
}
