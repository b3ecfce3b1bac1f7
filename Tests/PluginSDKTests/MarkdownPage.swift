// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The code of a page in docs/plugins. A comment before a block says what it is:
///
///     <!-- same as: Templates/swift-agent/plugin.map -->       the text of that file of the SDK
///     <!-- compiled: Sources/Greeter/Weather.swift -->  laid over the template under that name and compiled
struct MarkdownPage {
    enum Role: Equatable {
        case sameAs(String)
        case compiled(String)
        case unmarked
    }

    struct Block {
        var language: String
        var role: Role
        var text: String
    }

    let blocks: [Block]

    init(named name: String) throws {
        let text = try String(contentsOf: Repository.pages.appending(path: name), encoding: .utf8)
        var blocks: [Block] = []
        var open: Block?
        var role = Role.unmarked
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if var block = open {
                if line == "```" {
                    blocks.append(block)
                    (open, role) = (nil, .unmarked)
                } else {
                    block.text += line + "\n"
                    open = block
                }
            } else if line.hasPrefix("```") {
                open = Block(language: String(line.dropFirst(3)), role: role, text: "")
            } else if let marked = Self.role(line) {
                role = marked
            }
        }
        self.blocks = blocks
    }

    private static func role(_ line: Substring) -> Role? {
        guard line.hasPrefix("<!-- "), line.hasSuffix(" -->") else { return nil }
        let words = line.dropFirst(5).dropLast(4)
        if words.hasPrefix("same as: ") { return .sameAs(String(words.dropFirst(9))) }
        if words.hasPrefix("compiled: ") { return .compiled(String(words.dropFirst(10))) }
        return nil
    }

    /// The blocks that must compile, by file name.
    var compiled: [String: String] {
        blocks.reduce(into: [:]) { files, block in
            if case .compiled(let name) = block.role { files[name] = block.text }
        }
    }
}
