// SPDX-License-Identifier: Apache-2.0

/// Secrets that only their name gives away: `password=…`, `api_key: "…"`, `Authorization: Bearer …`. The value must look
/// like one, because people write about passwords more often than they write them down.
enum AssignedSecret {
    static let patterns = [
        Pattern(
            #"(?:password|passwd|passphrase|passwort|pwd)["'\\]{0,2}\s{0,3}(?:=|:=|=>|:)\s{0,3}"#, ignoresCase: true,
            check: password),
        Pattern(
            #"(?:api[_-]?key|access[_-]?key|secret[_-]?key|secret[_-]?access[_-]?key|client[_-]?secret|auth[_-]?token|access[_-]?token|refresh[_-]?token|accountkey|signing[_-]?secret)["'\\]{0,2}\s{0,3}(?:=|:=|=>|:)\s{0,3}"#,
            ignoresCase: true, check: key),
        Pattern(#"\bbearer\s{1,3}[a-z0-9._~+/-]"#, ignoresCase: true, check: bearer),
        Pattern(#"authorization["']?\s{0,3}[:=]\s{0,3}["']?basic\s{1,3}[a-z0-9+/]"#, ignoresCase: true, check: basic),
    ]

    private static let valueMax = 512
    private static let databaseWords: [StaticString] = [
        "jdbc:", "data source=", "server=", "initial catalog=", "host=", "dbname=",
    ]

    private static func password(_ pass: ScanPass, end: Int) {
        guard !pass.isCovered(end, for: .passwords), let value = value(pass, from: end) else { return }
        guard value.range.count >= 4, !Placeholder.is(pass, value.range), !isCode(pass, value.range) else { return }
        // Without quotes and behind a colon it may be prose: "password: must be changed".
        let isAssigned = value.isQuoted || pass.byte(end - 1) == UInt8(ascii: "=")
        guard isAssigned || hasSigns(pass, value.range) else { return }
        let isDatabase = pass.names(databaseWords, before: end, within: 160)
        pass.report(isDatabase ? .databaseCredentials : .passwords, value.range, confidence: isAssigned ? 0.8 : 0.6)
    }

    private static func key(_ pass: ScanPass, end: Int) {
        guard !pass.isCovered(end, for: .apiKeys), let value = value(pass, from: end) else { return }
        guard value.range.count >= 16, !Placeholder.is(pass, value.range), !isCode(pass, value.range),
            hasSigns(pass, value.range), Entropy.bits(pass, value.range) >= 3
        else { return }
        pass.report(.apiKeys, value.range, confidence: 0.8)
    }

    private static func bearer(_ pass: ScanPass, end: Int) {
        guard !pass.isCovered(end, for: .apiKeys) else { return }
        let stop = pass.end(of: .bearer, from: end - 1, most: 4_096)
        let range = end - 1..<stop
        guard range.count >= 20, hasSigns(pass, range), Entropy.bits(pass, range.prefix(128)) >= 3 else { return }
        pass.report(.apiKeys, range, confidence: 0.9)
    }

    private static func basic(_ pass: ScanPass, end: Int) {
        guard !pass.isCovered(end, for: .passwords) else { return }
        let stop = pass.end(of: .base64, from: end - 1, most: 1_024)
        guard stop - end >= 7 else { return }
        pass.report(.passwords, end - 1..<stop, confidence: 0.9)
    }

    /// What is assigned: in quotes to the next one, else to the next blank or separator.
    private static func value(_ pass: ScanPass, from start: Int) -> (range: Range<Int>, isQuoted: Bool)? {
        var start = start
        if pass.byte(start) == UInt8(ascii: "\\") { start += 1 }
        let quote = pass.byte(start)
        if ByteSet.quotes.contains(quote) {
            let end = pass.first(of: ByteSet([quote, 10, 92]), from: start + 1, most: valueMax)
            return end > start + 1 ? (start + 1..<end, true) : nil
        }
        let end = pass.first(of: .unquotedEnds, from: start, most: valueMax)
        return end > start ? (start..<end, false) : nil
    }

    /// A call or a look-up in a program: `getPassword()`, `os.environ["DB"]`, `config.password`.
    private static func isCode(_ pass: ScanPass, _ range: Range<Int>) -> Bool {
        let text = pass.lowercased(range.prefix(64))
        if text.contains("(") || text.contains("environ") || text.hasPrefix("process.env") || text.hasPrefix("self.") {
            return true
        }
        return text.hasPrefix("config.") || text.hasPrefix("settings.") || text.hasPrefix("env.")
    }

    /// Whether it is more than a word: a digit, or a sign that words do not have.
    private static func hasSigns(_ pass: ScanPass, _ range: Range<Int>) -> Bool {
        range.contains { index in
            let byte = pass.byte(index)
            return ByteSet.digits.contains(byte) || ByteSet.secretSigns.contains(byte)
        }
    }
}

/// Shannon's measure, bits a byte: English words have some 2.5 to 3 within a word's length, random letters over 3.5.
enum Entropy {
    static func bits(_ pass: ScanPass, _ range: Range<Int>) -> Double {
        var counts: [UInt8: Int] = [:]
        for index in range { counts[pass.byte(index), default: 0] += 1 }
        let total = Double(range.count)
        return counts.values.reduce(0) { sum, count in
            let share = Double(count) / total
            return sum - share * logarithm(share)
        }
    }

    /// log2, without Foundation: the exponent, and the fraction by squaring.
    private static func logarithm(_ value: Double) -> Double {
        var (result, fraction, weight) = (Double(value.exponent), value.significand, 0.5)
        for _ in 0..<20 {
            fraction *= fraction
            if fraction >= 2 {
                fraction /= 2
                result += weight
            }
            weight /= 2
        }
        return result
    }
}

extension ByteSet {
    fileprivate static let quotes = ByteSet("\"'`")
    fileprivate static let secretSigns = ByteSet("!@#$%^*?~+=")

    fileprivate init(_ bytes: [UInt8]) { self.init(String(decoding: bytes, as: UTF8.self)) }
}

extension Range<Int> {
    fileprivate func prefix(_ most: Int) -> Range<Int> { lowerBound..<Swift.min(upperBound, lowerBound + most) }
}
