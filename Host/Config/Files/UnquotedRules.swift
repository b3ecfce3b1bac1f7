// SPDX-License-Identifier: Apache-2.0
// UnquotedRules: the one line of the product's files that is not YAML, `- task_complexity: low -> use: haiku`. It is
// read as if it were quoted, and `config check --fix` quotes it. Nothing else of the file is touched.

import CorralBase

/// A rule that stands in a file without its quotes.
package struct UnquotedRule: Sendable, Equatable {
    /// From 1.
    package let line: Int
    package let column: Int
    /// The rule without quotes.
    package let rule: String
}

/// A file's text with every such rule quoted.
package struct QuotedText: Sendable, Equatable {
    package let text: String
    package let rules: [UnquotedRule]

    /// Only lines under the key `cost_management.optimization.model_selection_rules` count, found by indentation, so
    /// that a text that happens to look like one stays what it is.
    package init(_ text: String) {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Line($0) }
        var rules: [UnquotedRule] = []
        var parents: [(indent: Int, key: Substring)] = []
        for index in lines.indices where !lines[index].isBlank {
            let line = lines[index]
            parents.removeAll { line.isItem ? $0.indent > line.indent : $0.indent >= line.indent }
            if line.isItem {
                guard parents.map(\.key) == Self.place, let rule = line.unquotedRule else { continue }
                rules.append(UnquotedRule(line: index + 1, column: line.ruleColumn, rule: rule))
                lines[index] = line.quoting(rule)
            } else if let key = line.key {
                parents.append((line.indent, key))
            }
        }
        self.rules = rules
        self.text = rules.isEmpty ? text : lines.map { String($0.text) }.joined(separator: "\n")
    }

    private static let place: [Substring] = ["cost_management", "optimization", "model_selection_rules"]
}

/// One line of a YAML file as far as this question needs it.
private struct Line {
    let text: Substring
    let indent: Int
    private let content: Substring

    init(_ bytes: Substring.UTF8View) { self.init(Substring(bytes)) }

    init(_ text: Substring) {
        self.text = text
        indent = text.utf8.prefix { $0 == UInt8(ascii: " ") }.count
        content = text[text.utf8.index(text.startIndex, offsetBy: indent)...]
    }

    var isBlank: Bool { content.allSatisfy(\.isWhitespace) || content.hasPrefix("#") }
    var isItem: Bool { content.hasPrefix("- ") }

    /// The key of a line that opens a map or list, `key:` with perhaps a comment.
    var key: Substring? {
        guard let colon = content.firstIndex(of: ":") else { return nil }
        let rest = content[content.index(after: colon)...].drop(while: \.isWhitespace)
        return rest.isEmpty || rest.hasPrefix("#") ? content[..<colon] : nil
    }

    private var item: Substring { content.dropFirst(1).drop { $0 == " " } }
    var ruleColumn: Int { text.unicodeScalars.count - item.unicodeScalars.count + 1 }

    /// The rule of this item without the comment and the blanks behind it, or nil when it is none or is quoted.
    var unquotedRule: String? {
        let item = item
        let comment = item.indices.first { item[$0].isWhitespace && item[$0...].dropFirst().first == "#" }
        var rule = item[..<(comment ?? item.endIndex)]
        while rule.last?.isWhitespace == true { rule.removeLast() }
        return ModelRuleText(String(rule)) == nil ? nil : String(rule)
    }

    func quoting(_ rule: String) -> Line {
        let start = item.startIndex
        let end = text.index(start, offsetBy: rule.count)
        return Line(Substring("\(text[..<start])\"\(text[start..<end])\"\(text[end...])"))
    }
}
