// SPDX-License-Identifier: Apache-2.0
// CheckPageTests: the page of checks lists the checks there are, in their order.

import CorralConformance
import Foundation
import Testing

@Suite struct CheckPageTests {
    @Test func listsEveryCheckAndNoOther() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/plugins/check.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let names = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        #expect(names == Check.allCases.map(\.rawValue))
    }
}
