// SPDX-License-Identifier: Apache-2.0

/// International bank account numbers (ISO 13616): a country's length and structure from the SWIFT registry (release
/// 97), and check digits that leave 1 modulo 97.
enum BankAccount {
    static let patterns = [
        Pattern("[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4} ?[A-Z0-9]{3}") { check($0, end: $1) },
        Pattern("[a-z]{2}[0-9]{2}[a-z0-9]{7}") { check($0, end: $1) },
    ]

    /// The longest, 34 characters, printed in groups of four.
    private static let printedMax = 42

    private static func check(_ pass: ScanPass, end: Int) {
        guard !pass.isCovered(end, for: .iban), let start = start(pass, before: end) else { return }
        let country = pass.lowercased(start..<start + 2).uppercased()
        guard let structure = structures[country] else { return }
        let wanted = structure.count + 4
        guard let range = extent(pass, from: start, characters: wanted) else { return }
        let characters = Array(pass.lowercased(range).uppercased().utf8).filter { $0 != UInt8(ascii: " ") }
        guard fits(characters[4...], structure), remainder(characters) == 1 else { return }
        pass.report(.iban, range, confidence: 0.95)
    }

    /// The match is 11 characters and up to two blanks long.
    private static func start(_ pass: ScanPass, before end: Int) -> Int? {
        var (index, count) = (end, 0)
        while count < 11, index > 0 {
            index -= 1
            if pass.byte(index) != UInt8(ascii: " ") { count += 1 }
        }
        guard count == 11, !ByteSet.words.contains(pass.byte(index - 1)) else { return nil }
        return index
    }

    /// As many letters and digits, single blanks between them, and nothing behind that would make it longer.
    private static func extent(_ pass: ScanPass, from start: Int, characters: Int) -> Range<Int>? {
        var (index, count) = (start, 0)
        while count < characters, index - start < printedMax {
            let byte = pass.byte(index)
            if ByteSet.alphanumerics.contains(byte) {
                count += 1
            } else if byte != UInt8(ascii: " ") || !ByteSet.alphanumerics.contains(pass.byte(index + 1)) {
                return nil
            }
            index += 1
        }
        guard count == characters, !ByteSet.words.contains(pass.byte(index)) else { return nil }
        return start..<index
    }

    private static func fits(_ characters: ArraySlice<UInt8>, _ structure: [UInt8]) -> Bool {
        zip(characters, structure).allSatisfy { character, kind in
            switch kind {
            case UInt8(ascii: "n"): ByteSet.digits.contains(character)
            case UInt8(ascii: "a"): ByteSet.letters.contains(character)
            default: ByteSet.alphanumerics.contains(character)
            }
        }
    }

    /// ISO 7064 MOD 97-10 over the characters with the first four behind, A = 10 to Z = 35.
    private static func remainder(_ characters: [UInt8]) -> Int {
        (characters[4...] + characters[..<4]).reduce(0) { rest, character in
            ByteSet.digits.contains(character)
                ? (rest * 10 + Int(character - UInt8(ascii: "0"))) % 97
                : (rest * 100 + Int(character - UInt8(ascii: "A")) + 10) % 97
        }
    }

    /// n digits, a letters, c either.
    private static let structures: [String: [UInt8]] = [
        "AD": "8n12c", "AE": "19n", "AL": "8n16c", "AT": "16n", "AZ": "4a20c", "BA": "16n", "BE": "12n",
        "BG": "4a6n8c", "BH": "4a14c", "BI": "23n", "BR": "23n1a1c", "BY": "4c4n16c", "CH": "5n12c", "CR": "18n",
        "CY": "8n16c", "CZ": "20n", "DE": "18n", "DJ": "23n", "DK": "14n", "DO": "4c20n", "EE": "16n", "EG": "25n",
        "ES": "20n", "FI": "14n", "FK": "2a12n", "FO": "14n", "FR": "10n11c2n", "GB": "4a14n", "GE": "2a16n",
        "GI": "4a15c", "GL": "14n", "GR": "7n16c", "GT": "24c", "HN": "4a20n", "HR": "17n", "HU": "24n", "IE": "4a14n",
        "IL": "19n",
        "IQ": "4a15n", "IS": "22n", "IT": "1a10n12c", "JO": "4a4n18c", "KW": "4a22c", "KZ": "3n13c", "LB": "4n20c",
        "LC": "4a24c", "LI": "5n12c", "LT": "16n", "LU": "3n13c", "LV": "4a13c", "LY": "21n", "MC": "10n11c2n",
        "MD": "20c", "ME": "18n", "MK": "3n10c2n", "MN": "16n", "MR": "23n", "MT": "4a5n18c", "MU": "4a19n3a",
        "NI": "4a20n",
        "NL": "4a10n", "NO": "11n", "OM": "3n16c", "PK": "4a16c", "PL": "24n", "PS": "4a21c", "PT": "21n",
        "QA": "4a21c",
        "RO": "4a16c", "RS": "18n", "RU": "14n15c", "SA": "2n18c", "SC": "4a20n3a", "SD": "14n", "SE": "20n",
        "SI": "15n", "SK": "20n", "SM": "1a10n12c", "SO": "19n", "ST": "21n", "SV": "4a20n", "TL": "19n", "TN": "20n",
        "TR": "6n16c", "UA": "6n19c", "VA": "18n", "VG": "4a16n", "XK": "16n", "YE": "4a4n18c",
    ].mapValues(expanded)

    /// `4a6n` spelled out, one letter a character.
    private static func expanded(_ structure: String) -> [UInt8] {
        var (spelled, count): ([UInt8], Int) = ([], 0)
        for byte in structure.utf8 {
            if ByteSet.digits.contains(byte) {
                count = count * 10 + Int(byte - UInt8(ascii: "0"))
            } else {
                spelled += Array(repeating: byte, count: count)
                count = 0
            }
        }
        return spelled
    }
}
