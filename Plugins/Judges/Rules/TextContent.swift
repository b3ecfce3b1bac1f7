// SPDX-License-Identifier: Apache-2.0
import CorralBase

/// The text inside a value: a text itself, or every text and number anywhere in a list or a map, in order.
struct TextContent {
    private let texts: [String]
    private let ignoresCase: Bool

    init(_ value: JSON, ignoresCase: Bool) {
        self.ignoresCase = ignoresCase
        var texts: [String] = []
        Self.collect(value, &texts)
        self.texts = ignoresCase ? texts.map { $0.lowercased() } : texts
    }

    /// Whether one of the texts has it inside. Compared by bytes: what looks alike and is written otherwise is not found.
    func contains(_ wanted: String) -> Bool {
        let needle = Array((ignoresCase ? wanted.lowercased() : wanted).utf8)
        return texts.contains { Self.find(needle, in: $0) }
    }

    /// Nil where the unit means nothing: items are a list's or a map's, words and characters a text's.
    static func length(of value: JSON, in unit: LengthUnit) -> Int? {
        switch (unit, value) {
        case (.items, .array(let elements)): elements.count
        case (.items, .object(let object)): object.count
        case (.characters, .string(let text)): text.count
        case (.words, .string(let text)): text.split(whereSeparator: \.isWhitespace).count
        default: nil
        }
    }

    private static func collect(_ value: JSON, _ texts: inout [String]) {
        switch value {
        case .string(let text): texts.append(text)
        case .int(let number): texts.append(String(number))
        case .double(let number): texts.append(NumberText.of(number))
        case .array(let elements): for element in elements { collect(element, &texts) }
        case .object(let object): for member in object.members { collect(member.value, &texts) }
        case .null, .bool: break
        }
    }

    /// Knuth, Morris and Pratt: linear, whatever the texts.
    private static func find(_ needle: [UInt8], in text: String) -> Bool {
        guard !needle.isEmpty else { return true }
        var shorter = [Int](repeating: 0, count: needle.count)
        var matched = 0
        for index in 1..<max(1, needle.count) {
            while matched > 0, needle[index] != needle[matched] { matched = shorter[matched - 1] }
            if needle[index] == needle[matched] { matched += 1 }
            shorter[index] = matched
        }
        matched = 0
        for byte in text.utf8 {
            while matched > 0, byte != needle[matched] { matched = shorter[matched - 1] }
            if byte == needle[matched] { matched += 1 }
            if matched == needle.count { return true }
        }
        return false
    }
}
