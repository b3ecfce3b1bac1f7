// SPDX-License-Identifier: Apache-2.0

/// A date cell cut into numbers, words and marks, and the small words dates are made of.
struct DateTokens {
    enum Token: Equatable {
        case number(Int, digits: Int)
        case word(String)
        case mark(UInt8)
    }

    private let tokens: [Token]
    private var position = 0

    /// Nil for text that cannot be a date: too long, not ASCII, without a digit.
    init?(_ cell: String) {
        let bytes = Array(cell.utf8)
        guard (4...48).contains(bytes.count) || (1...3).contains(bytes.count) else { return nil }
        guard bytes.contains(where: { (48...57).contains($0) }), bytes.allSatisfy({ $0 < 128 }) else { return nil }
        var tokens: [Token] = []
        var index = 0
        while index < bytes.count {
            let start = index
            if Self.isDigit(bytes[index]) {
                while index < bytes.count, Self.isDigit(bytes[index]) { index += 1 }
                guard let value = Int(String(decoding: bytes[start..<index], as: UTF8.self)) else { return nil }
                tokens.append(.number(value, digits: index - start))
            } else if Self.isLetter(bytes[index]) {
                while index < bytes.count, Self.isLetter(bytes[index]) { index += 1 }
                tokens.append(.word(String(decoding: bytes[start..<index], as: UTF8.self).lowercased()))
            } else {
                tokens.append(.mark(bytes[index]))
                index += 1
            }
        }
        self.tokens = tokens
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }

    var count: Int { tokens.count }
    var isAtEnd: Bool { position >= tokens.count }

    func peek() -> Token? { isAtEnd ? nil : tokens[position] }

    mutating func takeNumber() -> (value: Int, digits: Int)? {
        guard case .number(let value, let digits) = peek() else { return nil }
        position += 1
        return (value, digits)
    }

    mutating func take(mark: UInt8) -> Bool {
        guard peek() == .mark(mark) else { return false }
        position += 1
        return true
    }

    /// Blank, dash, slash, dot, comma, alone or as in `, `. At most three, so that `2000---1` is no date.
    @discardableResult
    mutating func skipSeparators() -> Bool {
        let start = position
        while case .mark(let byte) = peek(), position - start < 2, [32, 45, 47, 46, 44].contains(byte) { position += 1 }
        return position > start
    }

    mutating func skipWeekday() {
        guard case .word(let word) = peek(), Self.matches(word, Self.weekdays) != nil else { return }
        position += 1
        skipSeparators()
    }

    mutating func takeMonth() -> Int? {
        guard case .word(let word) = peek(), let index = Self.matches(word, Self.months) else { return nil }
        position += 1
        return index + 1
    }

    /// The `T`, blanks, `, ` or `at` between a day and a time.
    mutating func skipTimeMarker() {
        let start = position
        while !isAtEnd, position - start < 3 {
            switch peek() {
            case .mark(32), .mark(44), .word("t"), .word("at"): position += 1
            default: return
            }
        }
    }

    /// The hour on the 24-hour clock; nil when AM/PM contradicts it.
    mutating func takeHalfOfDay(_ hour: Int) -> Int? {
        let start = position
        while take(mark: 32) {}
        guard case .word(let word) = peek(), word == "am" || word == "pm" else {
            position = start
            return hour
        }
        position += 1
        guard (1...12).contains(hour) else { return nil }
        return hour % 12 + (word == "pm" ? 12 : 0)
    }

    /// `Z`, `+05:30`, `-0500`, `UTC`, `EST`; no zone reads as a nil offset, an unknown one as nil.
    mutating func takeZone() -> (seconds: Int?, Void)? {
        while take(mark: 32) {}
        guard let token = peek() else { return (nil, ()) }
        switch token {
        case .word(let word):
            guard let hours = Self.zones[word] else { return nil }
            position += 1
            // "UTC+02:00" is UTC with an offset; "UTC" alone is the end.
            guard hours == 0, !isAtEnd else { return (hours * 3600, ()) }
            return takeOffset().map { ($0, ()) }
        case .mark(43), .mark(45): return takeOffset().map { ($0, ()) }
        default: return nil
        }
    }

    private mutating func takeOffset() -> Int? {
        let sign: Int
        if take(mark: 43) { sign = 1 } else if take(mark: 45) { sign = -1 } else { return nil }
        guard let (value, digits) = takeNumber() else { return nil }
        var (hours, minutes) = digits == 4 ? (value / 100, value % 100) : (value, 0)
        if digits <= 2, take(mark: 58) {
            guard let (extra, _) = takeNumber() else { return nil }
            minutes = extra
        }
        guard (0...15).contains(hours), (0...59).contains(minutes) else { return nil }
        hours *= 3600
        return sign * (hours + minutes * 60)
    }

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
    private static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    /// Hours east of UTC. Only abbreviations with one meaning in market data.
    private static let zones = [
        "z": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "pst": -8, "pdt": -7, "cet": 1,
        "cest": 2,
        "jst": 9,
    ]

    /// Full names and prefixes of at least three letters: `Jan`, `Sept`.
    private static func matches(_ word: String, _ names: [String]) -> Int? {
        word.utf8.count >= 3 ? names.firstIndex { $0.hasPrefix(word) } : nil
    }
}
