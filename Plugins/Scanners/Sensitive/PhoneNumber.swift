// SPDX-License-Identifier: Apache-2.0

/// Telephone numbers: international with `+` and a country code that the ITU assigned, North American in their printed
/// form, and any other behind a word that announces one. Digits alone are numbers.
enum PhoneNumber {
    static let patterns = [
        Pattern(#"\+[ (]{0,2}[1-9](?:[ ().-]{0,2}[0-9]){6}"#, check: international),
        Pattern(#"\([2-9][0-9]{2}\) ?[0-9]{3}[-. ][0-9]{4}"#) { northAmerican($0, end: $1, isCertain: true) },
        Pattern("[2-9][0-9]{2}-[0-9]{3}-[0-9]{4}") { northAmerican($0, end: $1, isCertain: true) },
        Pattern(#"[2-9][0-9]{2}\.[0-9]{3}\.[0-9]{4}"#) { northAmerican($0, end: $1, isCertain: true) },
        Pattern("[2-9][0-9]{2} [0-9]{3}[ -][0-9]{4}") { northAmerican($0, end: $1, isCertain: false) },
        Pattern(
            #"\b(?:phone|telephone|tel|mobile|cell|fax|telefon|handy|whatsapp|(?:call|text) (?:me|us))(?: (?:no|number|nr|is|at))?[ .:#="']{0,4}[+(0-9]"#,
            ignoresCase: true, check: announced),
    ]

    private static let words: [StaticString] = ["phone", "tel:", "tel.", "mobile", "fax", "call me", "call us"]
    /// ITU-T E.164: at most 15 digits.
    private static let digitsMax = 15
    /// Printed with separators, parentheses and blanks: as long as any.
    private static let printedMax = 32
    private static let joins = ByteSet(" ().-/")

    // MARK: +

    private static func international(_ pass: ScanPass, end: Int) {
        guard !pass.isCovered(end, for: .phoneNumbers) else { return }
        var plus = end - 1
        while plus > end - printedMax, pass.byte(plus) != UInt8(ascii: "+") { plus -= 1 }
        if ByteSet.words.contains(pass.byte(plus - 1)) { return }
        let stop = extent(pass, from: plus + 1)
        let digits = pass.digits(plus + 1..<stop)
        let isPlain = pass.end(of: .digits, from: plus + 1, most: printedMax) == stop
        // A signed number is as long as it likes; a telephone number printed without a blank is complete.
        guard (isPlain ? 10...digitsMax : 8...digitsMax).contains(digits.count), CallingCode.isAssigned(digits) else {
            return
        }
        if isFollowed(pass, stop) || (digits[0] == 1 && !isNorthAmerican(digits.dropFirst())) { return }
        pass.report(.phoneNumbers, plus..<stop, confidence: isPlain ? 0.8 : 0.9)
    }

    /// Where digits with at most three separators in a row between them end.
    private static func extent(_ pass: ScanPass, from start: Int) -> Int {
        var (index, stop) = (start, start)
        while index - start < printedMax {
            let next = pass.end(of: joins, from: index, most: 3)
            guard ByteSet.digits.contains(pass.byte(next)) else { break }
            index = next + 1
            stop = index
        }
        return stop
    }

    /// Whether a number goes on as one with a fraction, as a percentage or as a word.
    private static func isFollowed(_ pass: ScanPass, _ end: Int) -> Bool {
        let after = pass.byte(end)
        if ByteSet.words.contains(after) || after == UInt8(ascii: "%") { return true }
        return ByteSet(".,:-").contains(after) && ByteSet.digits.contains(pass.byte(end + 1))
    }

    // MARK: North America

    private static func northAmerican(_ pass: ScanPass, end: Int, isCertain: Bool) {
        guard !pass.isCovered(end, for: .phoneNumbers), !isFollowed(pass, end) else { return }
        var start = end
        var count = 0
        while count < 10 {
            start -= 1
            if ByteSet.digits.contains(pass.byte(start)) { count += 1 }
        }
        if pass.byte(start - 1) == UInt8(ascii: "(") { start -= 1 }
        guard isNorthAmerican(pass.digits(start..<end)[...]) else { return }
        start = withCountryCode(pass, start)
        let before = pass.byte(start - 1)
        if ByteSet.words.contains(before) || ByteSet("-./").contains(before) { return }
        guard isCertain || pass.names(words, before: start, within: 24) else { return }
        pass.report(.phoneNumbers, start..<end, confidence: isCertain ? 0.8 : 0.7)
    }

    /// With a `1` and its separator before it.
    private static func withCountryCode(_ pass: ScanPass, _ start: Int) -> Int {
        let separators = ByteSet(" -.")
        guard separators.contains(pass.byte(start - 1)), pass.byte(start - 2) == UInt8(ascii: "1"),
            !ByteSet.words.contains(pass.byte(start - 3)),
            !separators.contains(pass.byte(start - 3))
                || pass.byte(start - 3) == UInt8(ascii: " ")
        else { return start }
        return start - 2
    }

    /// NANP: neither an area nor an exchange begins with 0 or 1, or is a service code such as 911.
    private static func isNorthAmerican(_ digits: ArraySlice<UInt8>) -> Bool {
        let digits = Array(digits)
        guard digits.count == 10, digits[0] >= 2, digits[3] >= 2 else { return false }
        return !(digits[1] == 1 && digits[2] == 1) && !(digits[4] == 1 && digits[5] == 1)
    }

    // MARK: A word before it

    private static func announced(_ pass: ScanPass, end: Int) {
        let start = end - 1
        guard !pass.isCovered(end, for: .phoneNumbers) else { return }
        let stop = extent(pass, from: ByteSet.digits.contains(pass.byte(start)) ? start : end)
        let range = start..<max(stop, end)
        guard (7...digitsMax).contains(pass.digits(range).count), !isFollowed(pass, stop), !isDate(pass, range) else {
            return
        }
        pass.report(.phoneNumbers, range, confidence: 0.75)
    }

    /// YYYY-MM-DD and the like.
    private static func isDate(_ pass: ScanPass, _ range: Range<Int>) -> Bool {
        let digits = pass.digits(range)
        guard digits.count == 8, range.count == 10 else { return false }
        let year = digits.prefix(4).reduce(0) { $0 * 10 + Int($1) }
        let isFirst = !ByteSet.digits.contains(pass.byte(range.lowerBound + 4))
        return isFirst ? (1_900...2_100).contains(year) : !ByteSet.digits.contains(pass.byte(range.lowerBound + 2))
    }
}

/// ITU-T E.164 annex: the country codes that are assigned, by their first two digits where those are enough.
enum CallingCode {
    private static let two: Set<Int> = Set(
        [20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41] + [43, 44, 45, 46, 47, 48, 49] + Array(51...58) + Array(60...66)
            + [81, 82, 84, 86] + Array(90...95) + [98])
    private static let three: Set<Int> = Set(
        [211, 212, 213, 216, 218] + Array(220...258) + [260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 290, 291]
            + [297, 298, 299] + Array(350...359) + Array(370...383) + [385, 386, 387, 389] + [420, 421, 423]
            + Array(500...509) + Array(590...599) + [670, 672, 673, 674, 675, 676, 677, 678, 679] + Array(680...692)
            + [800, 808] + [850, 852, 853, 855, 856] + [870, 878, 880, 881, 882, 883, 886, 888]
            + [960, 961, 962, 963, 964, 965, 966, 967, 968] + Array(970...977) + [979, 992, 993, 994, 995, 996, 998])

    static func isAssigned(_ digits: [UInt8]) -> Bool {
        guard digits.count > 3 else { return false }
        if digits[0] == 1 || digits[0] == 7 { return digits.count == 11 }
        let leading = digits.prefix(3).reduce(0) { $0 * 10 + Int($1) }
        return two.contains(leading / 10) || three.contains(leading)
    }
}
