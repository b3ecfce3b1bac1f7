// SPDX-License-Identifier: Apache-2.0

/// Reads numbers by the custom of one file: `1,234.56` or `1.234,56`.
enum NumberText: String, Sendable {
    case point
    case comma

    enum Reading: Equatable {
        case number(Double)
        /// An empty cell or a word for it.
        case missing
        case malformed
    }

    /// Cells such as `12,5` prove a decimal comma, `12.5` a decimal point; `1,234` proves nothing.
    static func decide(_ cells: some Sequence<String>, delimiter: UInt8) -> NumberText {
        var points = 0
        var commas = 0
        for cell in cells {
            let bytes = Array(cell.utf8)
            guard let last = bytes.lastIndex(where: { $0 == 44 || $0 == 46 }) else { continue }
            let hasOther = bytes[..<last].contains(bytes[last] == 44 ? 46 : 44)
            let repeats = bytes[..<last].contains(bytes[last])
            let digitsAfter = bytes[(last + 1)...].prefix { (48...57).contains($0) }.count
            guard !repeats, hasOther || digitsAfter != 3 else { continue }
            if bytes[last] == 44 { commas += 1 } else { points += 1 }
        }
        if commas == points { return delimiter == 59 && commas > 0 ? .comma : .point }
        return commas > points ? .comma : .point
    }

    static func looksNumeric(_ cell: String) -> Bool {
        for custom in [NumberText.point, .comma] {
            if case .number = custom.read(cell) { return true }
        }
        return false
    }

    func read(_ cell: String) -> Reading {
        if cell.isEmpty || (cell.utf8.count <= 5 && Self.blanks.contains(cell.lowercased())) { return .missing }
        guard cell.utf8.count <= 40 else { return .malformed }
        // The common case first: plain digits and a point.
        if self == .point, cell.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 || $0 == 45 }) {
            return Double(cell).map { $0.isFinite ? .number($0) : .malformed } ?? .malformed
        }
        guard let (digits, scale) = canonical(cell), let value = Double(digits), (value * scale).isFinite else {
            return .malformed
        }
        return .number(value * scale)
    }

    /// `$1,234.5M` becomes ("1234.5", 1e6).
    private func canonical(_ cell: String) -> (String, Double)? {
        var scalars = Array(cell.unicodeScalars)
        scalars.removeAll { Self.currencies.contains($0) }
        while scalars.last == " " || scalars.last == "\u{A0}" { scalars.removeLast() }
        while scalars.first == " " || scalars.first == "\u{A0}" { scalars.removeFirst() }
        var scale = 1.0
        if let last = scalars.last, let factor = Self.suffixes[last], scalars.count > 1 {
            scale = factor
            scalars.removeLast()
        }
        guard let plain = ungrouped(scalars), plain.unicodeScalars.contains(where: { ("0"..."9").contains($0) }) else {
            return nil
        }
        return (plain, scale)
    }

    /// Without thousands separators, which must stand between digits with exactly three behind each.
    private func ungrouped(_ scalars: [Unicode.Scalar]) -> String? {
        let decimal: Unicode.Scalar = self == .point ? "." : ","
        let group: Unicode.Scalar = self == .point ? "," : "."
        let end = scalars.firstIndex { $0 == decimal || $0 == "e" || $0 == "E" } ?? scalars.count
        var plain = ""
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "0"..."9", "e", "E": plain.unicodeScalars.append(scalar)
            case "-" where index == 0 || scalars[index - 1] == "e" || scalars[index - 1] == "E": plain += "-"
            case "+" where index == 0 || scalars[index - 1] == "e" || scalars[index - 1] == "E": plain += "+"
            case "\u{2212}" where index == 0: plain += "-"
            case decimal where index == end: plain += "."
            case group, " ", "\u{A0}", "\u{202F}", "'", "\u{2019}":
                guard isGroup(scalars, index, end) else { return nil }
            default: return nil
            }
        }
        return plain
    }

    private func isGroup(_ scalars: [Unicode.Scalar], _ index: Int, _ end: Int) -> Bool {
        guard index > 0, index < end, ("0"..."9").contains(scalars[index - 1]) else { return false }
        let after = scalars[(index + 1)..<end].prefix { ("0"..."9").contains($0) }.count
        return after == 3
    }

    private static let blanks: Set<String> = ["-", "--", "—", ".", "null", "nan", "na", "n/a", "#n/a", "none", "nil"]
    private static let currencies: Set<Unicode.Scalar> = ["$", "€", "£", "¥", "₹"]
    private static let suffixes: [Unicode.Scalar: Double] = [
        "K": 1e3, "k": 1e3, "M": 1e6, "m": 1e6, "B": 1e9, "b": 1e9, "T": 1e12,
    ]
}
