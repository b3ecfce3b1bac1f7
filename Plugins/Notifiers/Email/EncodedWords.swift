// SPDX-License-Identifier: Apache-2.0

/// Header texts that are not plain ASCII, as encoded words (RFC 2047), and texts of a body as quoted-printable (RFC 2045,
/// section 6.7). Both give lines that any server takes.
enum EncodedWords {
    /// RFC 2047, section 2.
    static let wordBytesMax = 75
    private static let opening = "=?UTF-8?B?"

    /// One header field with its line end. Control characters become spaces: nothing in a value can begin another field.
    /// - Parameter name: of this program's own.
    static func field(_ name: String, _ value: String) -> String {
        let clean = String(String.UnicodeScalarView(value.unicodeScalars.map { isControl($0) ? " " : $0 }))
        let isPlain = clean.utf8.allSatisfy { $0 < 0x7F } && !clean.contains("=?") && clean.utf8.count <= 900
        let words = isPlain ? folded(clean) : encoded(clean)
        return "\(name): " + words.joined(separator: "\r\n ") + "\r\n"
    }

    /// Words of at most 75 bytes that each hold whole characters: one cut in two would be two broken ones.
    static func encoded(_ text: String) -> [String] {
        let most = (wordBytesMax - opening.utf8.count - 2) / 4 * 3
        var words: [String] = []
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            let next = Array(String(scalar).utf8)
            if bytes.count + next.count > most {
                words.append(opening + Base64Text.of(bytes) + "?=")
                bytes = []
            }
            bytes += next
        }
        words.append(opening + Base64Text.of(bytes) + "?=")
        return words
    }

    /// Lines of at most some 76 bytes, broken at spaces; a word that is longer stays whole.
    private static func folded(_ text: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            if !line.isEmpty, line.utf8.count + 1 + word.utf8.count > 66 {
                lines.append(line)
                line = String(word)
            } else {
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        lines.append(line)
        return lines
    }

    /// A body whose lines end with CR and LF and have at most 76 characters.
    static func quotedPrintable(_ text: String) -> String {
        var lines: [String] = []
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            lines += quoted(Array(line.utf8))
        }
        return lines.map { $0 + "\r\n" }.joined()
    }

    private static func quoted(_ bytes: [UInt8]) -> [String] {
        let digits = Array("0123456789ABCDEF".utf8)
        var lines: [String] = []
        var line: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            let isLast = index == bytes.count - 1
            let isSpace = byte == 0x20 || byte == 0x09
            let isPlain = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=") || isSpace && !isLast
            let piece = isPlain ? [byte] : [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            if line.count + piece.count > 75 {
                lines.append(String(decoding: line, as: UTF8.self) + "=")
                line = []
            }
            line += piece
        }
        return lines + [String(decoding: line, as: UTF8.self)]
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}

/// RFC 4648 with padding.
enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func of(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let bits = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - part.count))
            for digit in 0..<4 {
                text.append(
                    digit <= part.count ? alphabet[Int(bits >> UInt32(18 - 6 * digit)) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
