// SPDX-License-Identifier: Apache-2.0

/// US social security numbers, AAA-GG-SSSS, without those that the Social Security Administration never assigns.
enum SocialSecurityNumber {
    static let patterns = [
        Pattern("[0-9]{3}-[0-9]{2}-[0-9]{4}") { check($0, start: $1 - 11, end: $1, isCertain: true) },
        Pattern("[0-9]{3} [0-9]{2} [0-9]{4}") { check($0, start: $1 - 11, end: $1, isCertain: false) },
        Pattern(#"(?:ssn|social\s{0,2}security)[^0-9\n]{0,24}[0-9]{9}"#, ignoresCase: true) {
            check($0, start: $1 - 9, end: $1, isCertain: true)
        },
    ]

    private static let words: [StaticString] = ["ssn", "social sec", "soc sec", "taxpayer"]
    /// Printed in wallets and advertisements, and so used by thousands.
    private static let withdrawn: Set<Int> = [078_051_120, 219_099_999, 123_456_789]

    private static func check(_ pass: ScanPass, start: Int, end: Int, isCertain: Bool) {
        guard !pass.isCovered(end, for: .ssn), isAlone(pass, start, end), isAssignable(pass.digits(start..<end)) else {
            return
        }
        guard isCertain || pass.key.isSocialSecurity || pass.names(words, before: start) else { return }
        pass.report(.ssn, start..<end, confidence: isCertain ? 0.85 : 0.7)
    }

    private static func isAlone(_ pass: ScanPass, _ start: Int, _ end: Int) -> Bool {
        let (before, after) = (pass.byte(start - 1), pass.byte(end))
        if ByteSet.words.contains(before) || ByteSet.words.contains(after) { return false }
        // A point may end a sentence, or begin a file's ending; a hyphen joins.
        if (before == UInt8(ascii: ".") && ByteSet.digits.contains(pass.byte(start - 2)))
            || (before == UInt8(ascii: "-") && ByteSet.alphanumerics.contains(pass.byte(start - 2)))
        {
            return false
        }
        return !(after == UInt8(ascii: ".") && ByteSet.digits.contains(pass.byte(end + 1)))
            && !(after == UInt8(ascii: "-") && ByteSet.alphanumerics.contains(pass.byte(end + 1)))
    }

    /// SSA POMS RM 10201.035: no area 000, 666 or 900 to 999, no group 00, no serial 0000.
    static func isAssignable(_ digits: [UInt8]) -> Bool {
        guard digits.count == 9, Set(digits).count > 1 else { return false }
        let number = digits.reduce(0) { $0 * 10 + Int($1) }
        let (area, group, serial) = (number / 1_000_000, number / 10_000 % 100, number % 10_000)
        return area != 0 && area != 666 && area < 900 && group != 0 && serial != 0 && !withdrawn.contains(number)
    }
}
