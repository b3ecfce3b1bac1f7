// SPDX-License-Identifier: Apache-2.0

/// A set of bytes.
struct ByteSet: Sendable {
    private var low: (UInt64, UInt64) = (0, 0)
    private var high: (UInt64, UInt64) = (0, 0)

    init(_ text: String) { for byte in text.utf8 { insert(byte) } }

    init(_ ranges: ClosedRange<UInt8>..., and text: String = "") {
        for range in ranges { for byte in range { insert(byte) } }
        for byte in text.utf8 { insert(byte) }
    }

    func contains(_ byte: UInt8) -> Bool {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        return switch byte >> 6 {
        case 0: low.0 & bit != 0
        case 1: low.1 & bit != 0
        case 2: high.0 & bit != 0
        default: high.1 & bit != 0
        }
    }

    private mutating func insert(_ byte: UInt8) {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: low.0 |= bit
        case 1: low.1 |= bit
        case 2: high.0 |= bit
        default: high.1 |= bit
        }
    }

    private static let digit: ClosedRange<UInt8> = UInt8(ascii: "0")...UInt8(ascii: "9")
    private static let upper: ClosedRange<UInt8> = UInt8(ascii: "A")...UInt8(ascii: "Z")
    private static let lower: ClosedRange<UInt8> = UInt8(ascii: "a")...UInt8(ascii: "z")
    /// Every byte of a character outside of ASCII.
    private static let beyond: ClosedRange<UInt8> = 0x80...0xff

    static let digits = ByteSet(digit)
    static let letters = ByteSet(upper, lower)
    static let alphanumerics = ByteSet(digit, upper, lower)
    static let words = ByteSet(digit, upper, lower, and: "_")
    static let tokens = ByteSet(digit, upper, lower, and: "_-")
    static let base32 = ByteSet(upper, UInt8(ascii: "2")...UInt8(ascii: "7"))
    static let hexadecimal = ByteSet(digit, UInt8(ascii: "a")...UInt8(ascii: "f"))
    static let base64 = ByteSet(digit, upper, lower, and: "+/=_-")
    static let bearer = ByteSet(digit, upper, lower, and: "._~+/=-")
    static let webhookPath = ByteSet(digit, upper, lower, and: "/")
    static let mailboxes = ByteSet(digit, upper, lower, beyond, and: "._%+-'")
    static let domains = ByteSet(digit, upper, lower, beyond, and: ".-")
    static let spaces = ByteSet(" \t\r\n")
    static let keyBody = ByteSet(digit, upper, lower, and: "+/=\r\n\t \\")
    /// What ends a URL or an unquoted value.
    static let unquotedEnds = ByteSet(0...32, and: "\"'`<>,;&|")
    static let urlEnds = ByteSet(0...32, and: "\"'`<>|\\^{}")
}
