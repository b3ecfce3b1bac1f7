// SPDX-License-Identifier: Apache-2.0
import MarketBars

enum AuditChapter {
    /// A page lists fewer than the audit holds.
    static let rowsMax = 30

    static func chapter(_ audit: AuditFindings?) -> Chapter? {
        guard let audit else { return nil }
        var parts: [Chapter.Part] = [.text(audit.summary)]
        if !audit.counts.isEmpty {
            let rows = audit.counts.map { count in
                [
                    Chapter.Cell(DecisionChapters.spoken(count.rule)), Chapter.Cell(Figures.grouped(count.count)),
                    Chapter.Cell(count.worst), Chapter.Cell(Figures.fixed(count.points, 0)),
                ]
            }
            parts.append(.table(.init(header: ["Found", "Times", "Worst", "Points lost"], rows: rows)))
        }
        let shown = audit.findings.prefix(rowsMax)
        if !shown.isEmpty {
            let total = audit.findingsTotal ?? audit.findings.count
            let title = Figures.count(total, "finding")
            parts.append(
                .table(
                    .init(
                        header: ["Severity", "What"],
                        rows: shown.map { [Chapter.Cell($0.severity), Chapter.Cell($0.text)] },
                        summary: shown.count < total ? "\(title), \(shown.count) shown" : title)))
        }
        return Chapter(heading: "Anomalies", parts: parts)
    }
}
