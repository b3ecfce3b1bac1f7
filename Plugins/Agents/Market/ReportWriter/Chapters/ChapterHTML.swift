// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// A chapter as HTML.
struct ChapterHTML {
    let chapter: Chapter
    /// The page's own way to show a chart.
    let figure: (Chart) -> String

    func text() -> String {
        let parts = chapter.parts.map(part).joined(separator: "\n")
        return "<section>\n<h2>\(HTMLText.escape(chapter.heading))</h2>\n\(parts)\n</section>"
    }

    private func part(_ part: Chapter.Part) -> String {
        switch part {
        case .text(let text): return "<p>\(HTMLText.escape(text))</p>"
        case .list(let items):
            return "<ul>\n\(items.map { "<li>\(HTMLText.escape($0))</li>" }.joined(separator: "\n"))\n</ul>"
        case .chart(let chart): return figure(chart)
        case .table(let table):
            guard let summary = table.summary else { return self.table(table) }
            return "<details><summary>\(HTMLText.escape(summary))</summary>\n\(self.table(table))\n</details>"
        }
    }

    private func table(_ table: Chapter.Table) -> String {
        let header = table.header.enumerated().map { column, text in
            "<th scope=\"col\"\(align(column, table))>\(HTMLText.escape(text))</th>"
        }
        let rows = table.rows.map { row in
            "<tr>\(row.enumerated().map { cell($1, column: $0, table) }.joined())</tr>"
        }
        return """
            <div class="scroll"><table class="facts">
            <thead><tr>\(header.joined())</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table></div>
            """
    }

    private func cell(_ cell: Chapter.Cell, column: Int, _ table: Chapter.Table) -> String {
        let tone = cell.tone == .neutral ? "" : "<strong class=\"\(cell.tone.rawValue)\">"
        let text = tone + HTMLText.escape(cell.text) + (tone.isEmpty ? "" : "</strong>")
        let content = cell.meter.map { "<span class=\"strength\">\(meter($0, cell.tone))\(text)</span>" } ?? text
        return column == 0
            ? "<th scope=\"row\">\(content)</th>" : "<td\(align(column, table))>\(content)</td>"
    }

    private func align(_ column: Int, _ table: Chapter.Table) -> String {
        column >= table.numbersFrom ? " class=\"number\"" : ""
    }

    /// A bar from the middle to the left or to the right.
    private func meter(_ value: Double, _ tone: Analysis.Direction) -> String {
        let share = value.isFinite ? min(1, max(-1, value)) : 0
        let width = abs(share) * 36
        let x = ChartRenderer.number(share < 0 ? 36 - width : 36)
        return
            "<svg class=\"meter middle \(tone.rawValue)\" viewBox=\"0 0 72 8\" aria-hidden=\"true\">"
            + "<rect class=\"track\" width=\"72\" height=\"8\" rx=\"2\"/>"
            + "<rect x=\"\(x)\" width=\"\(ChartRenderer.number(width))\" height=\"8\"/></svg>"
    }
}
