// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// A chapter as Markdown. Charts leave their description, for the tables beside them have the numbers.
struct ChapterMarkdown {
    let chapter: Chapter

    func text() -> String {
        (["## \(MarkdownText.escape(chapter.heading))"] + chapter.parts.map(part)).joined(separator: "\n\n")
    }

    private func part(_ part: Chapter.Part) -> String {
        switch part {
        case .text(let text): MarkdownText.escape(text)
        case .list(let items): items.map { "- \(MarkdownText.escape($0))" }.joined(separator: "\n")
        case .chart(let chart): "*\(MarkdownText.escape("\(chart.title): \(chart.description)"))*"
        case .table(let table): self.table(table)
        }
    }

    private func table(_ table: Chapter.Table) -> String {
        let rule = table.header.indices.map { $0 >= table.numbersFrom ? "---:" : "---" }
        let rows = table.rows.map { row in row.map { MarkdownText.escape($0.text) } }
        let lines = [table.header.map(MarkdownText.escape), rule] + rows
        let text = lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
        return table.summary.map { "### \(MarkdownText.escape($0))\n\n\(text)" } ?? text
    }
}
