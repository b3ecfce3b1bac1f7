// SPDX-License-Identifier: Apache-2.0
// PageTests: what docs/flows.md shows is a flow that can be read.

import CorralBase
import CorralFlow
import Foundation
import Testing

@Suite struct FlowPageTests {
    @Test func everyExampleOfThePageIsASoundFlow() throws {
        let blocks = try yamlBlocks()
        #expect(blocks.count >= 6)
        for block in blocks {
            let (definition, diagnostics) = FlowDefinition.check(block.text, file: "docs/flows.md", catalogue: nil)
            #expect(definition != nil && diagnostics.isEmpty, "block at line \(block.line): \(diagnostics)")
        }
    }

    @Test func thePageNamesEveryKey() throws {
        let page = try text()
        for key in ["after", "with", "when", "for_each", "as", "max_parallel", "timeout", "retry"] {
            #expect(page.contains("`\(key)`"), "\(key)")
        }
        for type in InputType.allCases { #expect(page.contains("`\(type.rawValue)`"), "\(type)") }
        for mode in Durability.allCases { #expect(page.contains("`\(mode.rawValue)`"), "\(mode)") }
    }

    private func text() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/flows.md"), encoding: .utf8)
    }

    private func yamlBlocks() throws -> [(line: Int, text: String)] {
        var blocks: [(line: Int, text: String)] = []
        var open: (line: Int, text: String)?
        for (index, line) in try text().split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let block = open {
                open = line == "```" ? nil : (block.line, block.text + line + "\n")
                if line == "```" { blocks.append(block) }
            } else if line == "```yaml" {
                open = (index + 2, "")
            }
        }
        return blocks
    }
}
