// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// The account of the file's rows, in words and tables that HTML and Markdown share.
struct QualityText {
    struct Table {
        let header: [String]
        let rows: [[String]]
    }

    let verdict: String
    let facts: [String]
    let issues: Table
    let issuesTitle: String
    let gaps: Table
    let gapsTitle: String

    /// A page lists fewer than the data holds.
    static let rowsMax = 40

    init(_ quality: DataQuality) {
        let rows = quality.rows
        verdict = Self.verdict(rows)
        facts = Self.facts(quality)
        issues = Table(
            header: ["Line", "Kind", "Reason", "Used"],
            rows: quality.issues.prefix(Self.rowsMax).map {
                [String($0.line), $0.kind, $0.reason, $0.used ? "yes" : "no"]
            })
        issuesTitle = Self.title(quality.issuesTotal, shown: issues.rows.count, "remark", "remarks")
        gaps = Table(
            header: ["After", "Before", "Missing \(quality.gaps.unit)", "Line"],
            rows: quality.gaps.listed.prefix(Self.rowsMax).map {
                [
                    CalendarText.short($0.after), CalendarText.short($0.before), Figures.grouped($0.missing),
                    String($0.line),
                ]
            })
        gapsTitle = Self.title(quality.gaps.total, shown: gaps.rows.count, "gap", "gaps")
    }

    private static func verdict(_ rows: DataQuality.Rows) -> String {
        guard rows.used != rows.total else {
            return rows.total == 1 ? "The only row was used." : "All \(Figures.count(rows.total, "row")) were used."
        }
        let reasons = [
            (rows.bad, "unreadable"), (rows.impossible, "impossible"), (rows.duplicates, "repeated"),
            (rows.otherSymbols, "of other symbols"),
        ].filter { $0.0 > 0 }.map { "\(Figures.grouped($0.0)) \($0.1)" }
        return "\(Figures.grouped(rows.used)) of \(Figures.count(rows.total, "row")) were used; not used: "
            + "\(reasons.joined(separator: ", "))."
    }

    private static func facts(_ quality: DataQuality) -> [String] {
        let names = quality.columns
        let found = [
            ("date", names.date), ("time", names.time), ("open", names.open), ("high", names.high), ("low", names.low),
            ("close", names.close), ("adjusted close", names.adjustedClose), ("volume", names.volume),
            ("symbol", names.symbol),
        ]
        let columns = found.compactMap { role, name in name.map { "\(role) from “\($0)”" } }
        var facts = ["Columns: \(columns.joined(separator: ", ")); separated by \(quality.delimiter)."]
        facts.append(quality.dateOrder)
        if quality.rows.disordered > 0 {
            facts.append("\(Figures.count(quality.rows.disordered, "used row")) stood out of order and were sorted.")
        }
        if quality.rows.doubtful > 0 {
            facts.append("\(Figures.count(quality.rows.doubtful, "used row")) hold a doubtful value.")
        }
        if quality.gaps.missing == 0 { facts.append("No bars are missing between the first and the last.") }
        if quality.gaps.total > 0 {
            facts.append("\(Figures.count(quality.gaps.total, "gap")) between bars; the list below has the lines.")
        }
        return facts + quality.notes.filter { !$0.isEmpty }
    }

    private static func title(_ total: Int, shown: Int, _ singular: String, _ plural: String) -> String {
        let count = Figures.count(total, singular, plural)
        return shown < total ? "\(count), \(shown) shown" : count
    }
}
