// SPDX-License-Identifier: Apache-2.0
// HeldText: a text that comes in pieces and goes on redacted, cut where no value can lie across the cut.
//
// All that is held is scanned, and what is let go ends at its last line break, or at a blank with more behind it than any
// value has that holds blanks, and never inside of what was found. What was found at the very end may go on in the next
// piece: it stays. So a value is let go whole or not at all, however the pieces were cut.

import CorralBase

package struct HeldText: Sendable {
    package private(set) var text = ""

    /// The longest value with blanks in one line: an IBAN has 42 bytes, a password behind its name some more.
    private static let overlapBytes = 256
    /// The longest value there is, a private key, and a line around it.
    private static let heldBytesMax = 48 << 10

    package init() {}

    package var isEmpty: Bool { text.isEmpty }
    /// Whether anything could be let go: else it need not be scanned.
    package var hasBorder: Bool { Self.border(Array(text.utf8)) > 0 }

    package mutating func append(_ piece: String) { text += piece }

    /// Lets go of what nothing that comes can change any more, or of everything at the end.
    /// - Parameter findings: of the whole text, by place.
    package mutating func release(_ findings: [Finding], isEnd: Bool) -> String {
        let bytes = Array(text.utf8)
        var cut = isEnd ? bytes.count : Self.border(bytes)
        for finding in findings.reversed() where !isEnd && finding.range.lowerBound < cut {
            if finding.range.upperBound > cut || finding.range.upperBound == bytes.count {
                cut = finding.range.lowerBound
            }
        }
        if bytes.count - cut > Self.heldBytesMax { cut = bytes.count }
        let gone = String(decoding: bytes[..<cut], as: UTF8.self)
        text = String(decoding: bytes[cut...], as: UTF8.self)
        return gone.redacted(findings.filter { $0.range.upperBound <= cut })
    }

    private static func border(_ bytes: [UInt8]) -> Int {
        if let line = bytes.lastIndex(of: 10) { return line + 1 }
        guard bytes.count > overlapBytes else { return 0 }
        if let blank = bytes[..<(bytes.count - overlapBytes)].lastIndex(of: 32) { return blank + 1 }
        // No blank for longer than any token is: a text that has none. It goes on whole.
        return bytes.count > Limits.heldTextBytesMax ? bytes.count : 0
    }
}
