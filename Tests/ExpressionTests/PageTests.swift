// SPDX-License-Identifier: Apache-2.0
// PageTests: every line of CEL in docs/expressions.md is true.

import CorralBase
import CorralExpression
import Foundation
import Testing

@Suite struct ExpressionPageTests {
    @Test func everyLineOfThePageIsTrue() throws {
        let page = try text()
        let sample = try #require(blocks("json", in: page).first)
        let bindings = try #require(try JSON(parsing: sample).objectValue)
        let values = Dictionary(uniqueKeysWithValues: bindings.members.map { ($0.key, $0.value) })
        let expressions = blocks("cel", in: page).flatMap(expressions)
        #expect(expressions.count > 20)
        for expression in expressions {
            #expect(try Expression(parsing: expression).json(values) == true, "\(expression)")
        }
    }

    /// One a line, except that a triple quote goes on until it is closed.
    private func expressions(_ block: String) -> [String] {
        var found: [String] = []
        for line in block.split(separator: "\n") {
            if let last = found.last, last.components(separatedBy: "\"\"\"").count.isMultiple(of: 2) {
                found[found.count - 1] = last + "\n" + line
            } else {
                found.append(String(line))
            }
        }
        return found
    }

    private func blocks(_ language: String, in page: String) -> [String] {
        page.components(separatedBy: "```\(language)\n").dropFirst().compactMap { rest in
            rest.components(separatedBy: "\n```").first
        }
    }

    private func text() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/expressions.md"), encoding: .utf8)
    }
}
