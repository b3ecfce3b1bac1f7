// SPDX-License-Identifier: Apache-2.0
// Style: colours by meaning. Plain when output is no terminal or NO_COLOR is set; nothing is said by colour alone.

import CorralBase

struct Style: Sendable, Equatable {
    let isColoured: Bool

    static let plain = Style(isColoured: false)

    func bold(_ text: String) -> String { paint(text, "1") }
    func faint(_ text: String) -> String { paint(text, "2") }
    func good(_ text: String) -> String { paint(text, "32") }
    func bad(_ text: String) -> String { paint(text, "31") }
    func warn(_ text: String) -> String { paint(text, "33") }
    func accent(_ text: String) -> String { paint(text, "36") }

    /// The three lines of an error, their labels in colour.
    func error(_ error: CorralError) -> String {
        error.description.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.hasPrefix("error:") { return bad("error:") + printable(line.dropFirst(6)) }
            if line.hasPrefix("hint:") { return accent("hint:") + printable(line.dropFirst(5)) }
            if line.hasPrefix("code:") { return faint(String(line)) }
            return printable(line)
        }.joined(separator: "\n")
    }

    private func paint(_ text: String, _ code: String) -> String {
        isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// Text of a plugin or a file in a form that cannot move the cursor, change colours or turn the direction of writing:
/// control characters become visible, line breaks and tabs become spaces.
func printable(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D: result.append(" ")
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
            result += "\\u{\(String(scalar.value, radix: 16))}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
