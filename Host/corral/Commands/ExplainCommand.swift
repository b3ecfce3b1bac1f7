// SPDX-License-Identifier: Apache-2.0
// ExplainCommand: `corral explain CODE`: the page of an error. Runs alone.

import ArgumentParser
import CorralBase
import CorralHome

package struct ExplainCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Explain an error code, or list them all.",
        discussion: examples("corral explain CRL-0323", "corral explain 323", "corral explain plugin_crashed"))

    @Argument(help: "A code, its number, or its name.")
    var code: String?
    @OptionGroup var jsonOption: JSONOption

    package init() {}

    package func run() throws {
        let pages = try ErrorPages(folder: Installation.current().errorPages)
        let terminal = Terminal.current()
        guard let code else { return list(pages, terminal) }
        let page = try pages.page(code)
        if jsonOption.json {
            terminal.print([
                "code": .string(page.code), "name": .string(page.name), "page": .string(try pages.text(page)),
            ])
        } else {
            terminal.print(ErrorPages.drawn(try pages.text(page), style: terminal.output))
        }
    }

    private func list(_ pages: ErrorPages, _ terminal: Terminal) {
        if jsonOption.json {
            return terminal.print(.array(pages.pages.map { ["code": .string($0.code), "name": .string($0.name)] }))
        }
        var table = Table([.init(title: "CODE"), .init(title: "NAME")])
        for page in pages.pages { table.add([page.code, page.name]) }
        terminal.print(table.text(width: terminal.width, style: terminal.output))
    }
}

/// The folder of pages `CRL-nnnn.md`, each headed `# CRL-nnnn name`.
struct ErrorPages {
    struct Page: Sendable, Equatable {
        let code: String
        let name: String
        let path: String
    }

    let pages: [Page]

    /// - Throws: `file_unreadable` when the folder has none.
    init(folder: String) throws {
        pages = Path.entries(folder).compactMap { entry in
            guard entry.hasPrefix("CRL-"), entry.hasSuffix(".md"), let text = try? InputFile.read("\(folder)/\(entry)"),
                let heading = text.split(separator: "\n").first
            else { return nil }
            let words = heading.drop { $0 == "#" || $0 == " " }.split(separator: " ")
            guard words.count >= 2 else { return nil }
            return Page(code: String(words[0]), name: String(words[1]), path: "\(folder)/\(entry)")
        }
        if pages.isEmpty { throw CorralError.fileUnreadable(folder, "no page of an error is there") }
    }

    /// - Throws: `error_code_unknown`, with the nearest.
    func page(_ asked: String) throws -> Page {
        let code = Self.normalised(asked)
        if let page = pages.first(where: { $0.code == code || $0.name == asked.lowercased() }) { return page }
        let near = nearestName(to: asked, among: pages.map(\.name)) ?? nearestName(to: code, among: pages.map(\.code))
        throw CorralError.errorCodeUnknown(asked, near: near)
    }

    func text(_ page: Page) throws -> String { try InputFile.read(page.path) }

    /// `312`, `0312`, `crl-312` → `CRL-0312`.
    private static func normalised(_ asked: String) -> String {
        let digits = asked.uppercased().hasPrefix("CRL-") ? asked.dropFirst(4) : asked[...]
        guard let number = Int(digits), number >= 0 else { return asked.uppercased() }
        return ErrorCode(number, "").text
    }

    /// Headings and bold words in bold, code lines as they are.
    static func drawn(_ text: String, style: Style) -> String {
        guard style.isColoured else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.hasPrefix("# ") { return style.bold(String(line.dropFirst(2))) }
            return String(line).replacing(/\*\*(.+?)\*\*/) { style.bold(String($0.1)) }
        }.joined(separator: "\n")
    }
}
