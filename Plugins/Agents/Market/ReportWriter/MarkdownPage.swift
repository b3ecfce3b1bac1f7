// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// The report as Markdown: the same words and tables, without pictures.
struct MarkdownPage {
    let report: Report

    func text() -> String {
        let parts = [
            "# \(escape(report.title))", "*\(escape(report.kicker))*",
            report.banner.map { "> **\(escape($0))**" } ?? "",
            report.lead.map(escape).joined(separator: "\n\n"), headlines(report.decision),
            chapters(report.chapters), prices(), signals(), numbers(), chapters(report.lastChapters), remarks(),
            quality(), methods(), "---", "*\(escape(Report.disclaimer))*",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private func headlines(_ items: [Report.Headline]) -> String {
        items.isEmpty ? "" : table(["", "", ""], items.map { [$0.label, $0.value, $0.note] })
    }

    private func prices() -> String {
        let items = headlines(report.headlines)
        return report.decision.isEmpty || items.isEmpty ? items : "## The price\n\n\(items)"
    }

    private func chapters(_ chapters: [Chapter]) -> String {
        chapters.map { ChapterMarkdown(chapter: $0).text() }.joined(separator: "\n\n")
    }

    private func escape(_ text: String) -> String { MarkdownText.escape(text) }

    private func table(_ header: [String], _ rows: [[String]], numbersFrom: Int = .max) -> String {
        let rule = header.indices.map { $0 >= numbersFrom ? "---:" : "---" }
        let lines = [header.map(escape), rule] + rows.map { $0.map(escape) }
        return lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }

    private func signals() -> String {
        guard let technical = report.technical, !technical.signals.isEmpty else { return "" }
        let rows = technical.signals.map { signal in
            let strength = signal.direction == .neutral ? "–" : Figures.percent(signal.strength, 0)
            return [signal.name, signal.direction.rawValue, strength, signal.reading]
        }
        let verdict =
            "**\(technical.direction.rawValue)**, score \(Figures.fixed(technical.score)) on a scale from −1 to +1, "
            + "confidence \(Figures.percent(technical.confidence, 0))."
        return
            "## What the indicators say\n\n\(verdict)\n\n\(table(["Signal", "Direction", "Strength", "Reading"], rows))"
    }

    /// The newest bars and the year ends stand in for the charts.
    private func numbers() -> String {
        let charts = [report.recentCharts.first, report.recordCharts.first].compactMap(\.self)
        let headings = ["## The recent bars", "## The whole record"].suffix(charts.count)
        return zip(headings, charts).map { heading, chart in
            let columns = chart.layers.flatMap(\.columns)
            let format = chart.tableFormat ?? chart.format
            let rows = chart.tableRows.map { row in
                [CalendarText.short(chart.dates[row])] + columns.map { $0.values[row].map(format) ?? "–" }
            }
            return "\(heading)\n\n\(table(["Date"] + columns.map(\.name), rows, numbersFrom: 1))"
        }.joined(separator: "\n\n")
    }

    private func remarks() -> String {
        report.remarks.map { remark in
            let paragraphs = remark.text.split(separator: "\n").map { escape(String($0)) }
            return "## \(escape(remark.heading))\n\n\(paragraphs.joined(separator: "\n\n"))"
        }.joined(separator: "\n\n")
    }

    private func quality() -> String {
        guard let quality = report.quality else { return "" }
        let text = QualityText(quality)
        var parts = [
            "## Data quality", escape(text.verdict), text.facts.map { "- \(escape($0))" }.joined(separator: "\n"),
        ]
        if !text.issues.rows.isEmpty {
            parts += ["### \(text.issuesTitle)", table(text.issues.header, text.issues.rows)]
        }
        if !text.gaps.rows.isEmpty { parts += ["### \(text.gapsTitle)", table(text.gaps.header, text.gaps.rows)] }
        return parts.joined(separator: "\n\n")
    }

    private func methods() -> String {
        let items = report.methods.map { "- **\(escape($0.heading))**: \(escape($0.text))" }
        return "## How the numbers were computed\n\n\(items.joined(separator: "\n"))"
    }
}
