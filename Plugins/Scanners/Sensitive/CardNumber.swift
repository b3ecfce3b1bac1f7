// SPDX-License-Identifier: Apache-2.0

/// Numbers of payment cards: 13 to 19 digits in the usual groups, of a known issuer (ISO/IEC 7812), whose check digit
/// is right (Luhn).
enum CardNumber {
    static let patterns = [Pattern("[0-9](?:[ -]?[0-9]){12}", check: check)]

    /// How the digits are printed on cards, besides without any separator.
    private static let groupings: [[Int]] = [
        [4, 4, 4, 4, 3], [4, 4, 4, 4, 2], [4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [4, 4, 4, 1], [4, 5, 6],
    ]
    /// Numbers side by side are a table; a card has at most five groups, with a date and a code behind it eight.
    private static let groupsMax = 8

    private static func check(_ pass: ScanPass, end: Int) {
        guard !pass.isCovered(end, for: .creditCards) else { return }
        let run = run(pass, around: end)
        pass.cover(run.upperBound, for: .creditCards)
        guard isAlone(pass, run) else { return }
        let groups = groups(pass, run)
        guard groups.count <= groupsMax else { return }
        var first = 0
        while first < groups.count {
            if let last = card(pass, groups, from: first) {
                let range = groups[first].lowerBound..<groups[last].upperBound
                pass.report(.creditCards, range, confidence: last == first ? 0.9 : 0.95)
                first = last + 1
            } else {
                first += 1
            }
        }
    }

    /// Digits with single blanks and hyphens between them.
    private static func run(_ pass: ScanPass, around end: Int) -> Range<Int> {
        var start = end - 1
        while isJoined(pass, start - 1) { start -= 1 }
        var stop = end
        while isJoined(pass, stop) { stop += 1 }
        while stop > end, !ByteSet.digits.contains(pass.byte(stop - 1)) { stop -= 1 }
        while start < end - 1, !ByteSet.digits.contains(pass.byte(start)) { start += 1 }
        return start..<stop
    }

    private static func isJoined(_ pass: ScanPass, _ index: Int) -> Bool {
        let byte = pass.byte(index)
        if ByteSet.digits.contains(byte) { return true }
        guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-") else { return false }
        return ByteSet.digits.contains(pass.byte(index - 1)) && ByteSet.digits.contains(pass.byte(index + 1))
    }

    /// Neither part of a word nor of a number with a fraction.
    private static func isAlone(_ pass: ScanPass, _ run: Range<Int>) -> Bool {
        let (before, after) = (pass.byte(run.lowerBound - 1), pass.byte(run.upperBound))
        if ByteSet.words.contains(before) || ByteSet.words.contains(after) { return false }
        let point = UInt8(ascii: ".")
        if before == point, ByteSet.digits.contains(pass.byte(run.lowerBound - 2)) { return false }
        return !(after == point && ByteSet.digits.contains(pass.byte(run.upperBound + 1)))
    }

    private static func groups(_ pass: ScanPass, _ run: Range<Int>) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var index = run.lowerBound
        while index < run.upperBound, groups.count <= groupsMax {
            let end = pass.end(of: .digits, from: index)
            groups.append(index..<end)
            index = end + 1
        }
        return groups
    }

    /// The last group of a card that begins with a group.
    private static func card(_ pass: ScanPass, _ groups: [Range<Int>], from first: Int) -> Int? {
        if isCard(pass, groups[first], isGrouped: false) { return first }
        for grouping in groupings where first + grouping.count <= groups.count {
            let last = first + grouping.count - 1
            guard zip(groups[first...last], grouping).allSatisfy({ $0.count == $1 }) else { continue }
            if isCard(pass, groups[first].lowerBound..<groups[last].upperBound, isGrouped: true) { return last }
        }
        return nil
    }

    private static func isCard(_ pass: ScanPass, _ range: Range<Int>, isGrouped: Bool) -> Bool {
        guard (13...24).contains(range.count) else { return false }
        let digits = pass.digits(range)
        guard isIssued(digits), Luhn.isValid(digits), Set(digits).count > 1 else { return false }
        // Thirteen digits in a row are a time in milliseconds or an article number far more often.
        return digits.count > 13 || isGrouped || pass.key.isCard
            || pass.names(["card", "visa"], before: range.lowerBound)
    }

    /// Ranges of issuer numbers and the lengths they use.
    private static func isIssued(_ digits: [UInt8]) -> Bool {
        func prefix(_ length: Int) -> Int { digits.prefix(length).reduce(0) { $0 * 10 + Int($1) } }
        let count = digits.count
        switch prefix(1) {
        case 4: return [13, 16, 18, 19].contains(count)
        case 5:
            return (51...55).contains(prefix(2)) ? count == 16 : [50, 56, 57, 58].contains(prefix(2)) && count >= 16
        case 2: return (2_221...2_720).contains(prefix(4)) && count == 16
        case 3:
            if [34, 37].contains(prefix(2)) { return count == 15 }
            if (3_528...3_589).contains(prefix(4)) { return (16...19).contains(count) }
            return ((300...305).contains(prefix(3)) || [36, 38, 39].contains(prefix(2))) && (14...19).contains(count)
        case 6:
            let isKnown = [60, 62, 63, 64, 65, 67].contains(prefix(2))
            return isKnown && (16...19).contains(count)
        default: return false
        }
    }
}

/// ISO/IEC 7812-1 annex B: the sum of all digits, every second one from the right doubled, ends in 0.
enum Luhn {
    static func isValid(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = place % 2 == 1 ? Int(digit) * 2 : Int(digit)
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0
    }
}
