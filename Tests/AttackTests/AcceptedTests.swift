// SPDX-License-Identifier: Apache-2.0
// AcceptedTests: what is accepted in code is what SECURITY.md says, word for word.

import CorralBase
import Foundation
import Testing

@testable import CorralCommand

@Suite struct AcceptedTests {
    @Test func securityPageRepeatsTheTable() throws {
        let text = try String(contentsOf: Products.repository.appending(path: "SECURITY.md"), encoding: .utf8)
        let section = try #require(text.components(separatedBy: "## What is accepted").dropFirst().first)
        let rows = section.components(separatedBy: "\n## ")[0].split(separator: "\n").filter { $0.hasPrefix("| `") }
            .map(String.init)
        let expected = AcceptedEscape.all.map { accepted in
            let attempts = accepted.attempts.map { "`\($0)`" }.joined(separator: ", ")
            return "| \(attempts) | \(accepted.levels.map(\.rawValue).joined(separator: ", ")) | \(accepted.reason) |"
        }
        #expect(rows == expected, "write this into SECURITY.md:\n\(expected.joined(separator: "\n"))")
    }
}
