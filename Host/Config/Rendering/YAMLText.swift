// SPDX-License-Identifier: Apache-2.0
// YAMLText: one value as YAML, quoted only where it would otherwise be read as something else.

import CorralBase
import CorralDocument

enum YAMLText {
    static func write(_ value: JSON) -> String {
        switch value {
        case .string(let text): write(text)
        default: value.text()
        }
    }

    static func write(_ text: String) -> String { isPlain(text) ? text : JSON.string(text).text() }

    /// Narrower than YAML, so that no reader disagrees; also `yes` and `no`, which older readers take for bools.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetterOrUnderscore(first), text.utf8.allSatisfy(isPlain) else {
            return digits(text)
        }
        return !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    }

    /// `24h`, `7_days`, `100/hour`, `1-10`: no number, because a letter or a sign follows the digits.
    private static func digits(_ text: String) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return DurationText.parse(text) != nil || RateText.isValid(text) || ScaleText.isValid(text)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        isLetterOrUnderscore(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || "-./ ".utf8.contains(byte)
    }

    private static func isLetterOrUnderscore(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
}
