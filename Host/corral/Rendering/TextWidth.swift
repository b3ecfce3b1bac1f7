// SPDX-License-Identifier: Apache-2.0
// TextWidth: how many columns a text takes on a terminal, so that tables stay straight with names in any script.

extension StringProtocol {
    /// Columns on a terminal: 2 for East Asian wide characters and emoji, 0 for combining marks.
    var columns: Int { reduce(0) { $0 + $1.columns } }

    /// The text cut to a width, with `…` when something is missing.
    func fitted(to width: Int) -> String {
        guard columns > width else { return String(self) }
        guard width > 0 else { return "" }
        var result = ""
        var used = 0
        for character in self {
            guard used + character.columns <= width - 1 else { break }
            used += character.columns
            result.append(character)
        }
        return result + "…"
    }

    func padded(to width: Int) -> String { String(self) + String(repeating: " ", count: Swift.max(0, width - columns)) }

    func paddedLeft(to width: Int) -> String {
        String(repeating: " ", count: Swift.max(0, width - columns)) + String(self)
    }
}

extension Character {
    fileprivate var columns: Int {
        guard let first = unicodeScalars.first else { return 0 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: return first.isWide ? 2 : 1
        }
    }
}

extension Unicode.Scalar {
    /// The wide blocks of Unicode Standard Annex 11, near enough for names.
    fileprivate var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
            0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
