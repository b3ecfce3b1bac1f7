// SPDX-License-Identifier: Apache-2.0
// Table: columns of text, straight and never wider than the terminal.

struct Table: Sendable {
    struct Column: Sendable {
        let title: String
        var isRight = false
        /// The column that gives way when the table is too wide. One a table.
        var yields = false
        /// How the cell is coloured once it has its width.
        var paint: @Sendable (Style, String) -> String = { _, text in text }
    }

    let columns: [Column]
    var rows: [[String]] = []
    var indent = 0

    init(_ columns: [Column], indent: Int = 0) {
        self.columns = columns
        self.indent = indent
    }

    mutating func add(_ cells: [String]) { rows.append(cells.map { printable($0) }) }

    /// Lines without trailing spaces. The header is left out when no column has a title.
    func text(width: Int, style: Style) -> String {
        let widths = self.widths(total: width)
        var lines: [String] = []
        if columns.contains(where: { !$0.title.isEmpty }) {
            lines.append(style.faint(line(columns.map(\.title), widths, nil)))
        }
        for row in rows { lines.append(line(row, widths, style)) }
        return lines.map { $0 + "\n" }.joined()
    }

    private func widths(total: Int) -> [Int] {
        var widths = columns.indices.map { column in
            max(columns[column].title.columns, rows.map { column < $0.count ? $0[column].columns : 0 }.max() ?? 0)
        }
        let used = indent + widths.reduce(0, +) + 2 * (columns.count - 1)
        if used > total, let yielding = columns.firstIndex(where: \.yields) {
            widths[yielding] = max(8, widths[yielding] - (used - total))
        }
        return widths
    }

    private func line(_ cells: [String], _ widths: [Int], _ style: Style?) -> String {
        var line = String(repeating: " ", count: indent)
        for (index, column) in columns.enumerated() {
            let cell = (index < cells.count ? cells[index] : "").fitted(to: widths[index])
            let isLast = index == columns.count - 1 || cells.dropFirst(index + 1).allSatisfy(\.isEmpty)
            let placed =
                column.isRight ? cell.paddedLeft(to: widths[index]) : isLast ? cell : cell.padded(to: widths[index])
            line += style.map { column.paint($0, placed) } ?? placed
            if isLast { break }
            line += "  "
        }
        return line
    }
}
