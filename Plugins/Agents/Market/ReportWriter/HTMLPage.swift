// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// The report as one HTML file that needs nothing else: no script, no font, no request.
///
/// The content security policy says so to the browser too: what slips through escaping can neither load nor run.
struct HTMLPage {
    let report: Report

    func text() -> String {
        let parts = [
            head(), "<body>", "<main>", masthead(), figures(report.decision), chapters(report.chapters),
            prices(), signals(), charts("The recent bars", report.recentCharts),
            charts("The whole record", report.recordCharts), chapters(report.lastChapters), remarks(), quality(),
            methods(),
            "<footer><p>\(escape(Report.disclaimer))</p><p>Written by Corral’s report-writer.</p></footer>",
            "</main>", "</body>", "</html>", "",
        ]
        return parts.filter { !$0.isEmpty || $0 == parts.last }.joined(separator: "\n")
    }

    private func escape(_ text: String) -> String { HTMLText.escape(text) }

    // MARK: Top

    private func head() -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(escape(report.title)) · market review</title>
        <style>
        \(StyleSheet.text)</style>
        </head>
        """
    }

    private func masthead() -> String {
        let lead = report.lead.enumerated().map { index, text in
            "<p\(index == 0 ? " class=\"lead\"" : "")>\(escape(text))</p>"
        }
        return """
            <header>
            <p class="kicker">\(escape(report.kicker))</p>
            <h1>\(escape(report.title))</h1>
            \(banner())\(lead.joined(separator: "\n"))
            </header>
            """
    }

    /// Above the first sentence: a decision that was blocked must not be read as one that counts.
    private func banner() -> String {
        report.banner.map { "<p class=\"banner\" role=\"alert\">\(escape($0))</p>\n" } ?? ""
    }

    /// Below a decision the prices are a section of their own; without one they come first.
    private func prices() -> String {
        guard !report.decision.isEmpty else { return figures(report.headlines) }
        return "<section>\n<h2>The price</h2>\n\(figures(report.headlines))\n</section>"
    }

    private func chapters(_ chapters: [Chapter]) -> String {
        chapters.map { ChapterHTML(chapter: $0, figure: figure).text() }.joined(separator: "\n")
    }

    private func figures(_ headlines: [Report.Headline]) -> String {
        guard !headlines.isEmpty else { return "" }
        let items = headlines.map { item in
            let trend = item.trend == .neutral ? "" : " class=\"\(item.trend.rawValue)\""
            let isLong = item.value.count > 12 ? " class=\"long\"" : ""
            return "<div\(isLong)><dt>\(escape(item.label))</dt><dd><strong\(trend)>\(escape(item.value))</strong> "
                + "<span>\(escape(item.note))</span></dd></div>"
        }
        // Six fill two rows of three; in fours they would leave a hole.
        let columns = headlines.count.isMultiple(of: 3) && !headlines.count.isMultiple(of: 4) ? " three" : ""
        return "<dl class=\"figures\(columns)\">\n\(items.joined(separator: "\n"))\n</dl>"
    }

    // MARK: Signals

    private func signals() -> String {
        guard let technical = report.technical, !technical.signals.isEmpty else { return "" }
        let rows = technical.signals.map { signal in
            "<tr><th scope=\"row\">\(escape(signal.name))</th><td class=\"vote \(signal.direction.rawValue)\">"
                + "\(Self.arrow(signal.direction)) \(signal.direction.rawValue)</td><td>\(meter(signal))</td>"
                + "<td class=\"reading\">\(escape(signal.reading))</td></tr>"
        }
        return """
            <section>
            <h2>What the indicators say</h2>
            \(gauge(technical))
            <table class="signals">
            <thead><tr><th scope="col">Signal</th><th scope="col">Direction</th><th scope="col">Strength</th>
            <th scope="col">Reading</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </section>
            """
    }

    private func meter(_ signal: Analysis.Signal) -> String {
        guard signal.direction != .neutral else { return "<span class=\"quiet\">–</span>" }
        let strength = Self.unit(signal.strength)
        let width = ChartRenderer.number(strength * 48)
        return
            "<span class=\"strength\"><svg class=\"meter \(signal.direction.rawValue)\" "
            + "viewBox=\"0 0 48 6\" aria-hidden=\"true\">"
            + "<rect class=\"track\" width=\"48\" height=\"6\" rx=\"3\"/>"
            + "<rect width=\"\(width)\" height=\"6\" rx=\"3\"/></svg>"
            + "<span>\(Figures.percent(strength, 0))</span></span>"
    }

    private func gauge(_ technical: Analysis) -> String {
        let score = min(1, max(-1, technical.score.isFinite ? technical.score : 0))
        let place = ChartRenderer.number((score + 1) / 2 * 300 + 10)
        let words = "Score \(Figures.fixed(score)) on a scale from −1, bearish, to +1, bullish"
        return """
            <div class="gauge">
            <svg viewBox="0 0 320 34" role="img" aria-label="\(escape(words))">
            <line class="track" x1="10" x2="310" y1="12" y2="12"/>
            <line class="middle" x1="160" x2="160" y1="5" y2="19"/>
            <circle class="\(technical.direction.rawValue)" cx="\(place)" cy="12" r="7"/>
            <text class="tick" x="10" y="32">bearish</text><text class="tick middle" x="160" y="32">0</text>
            <text class="tick end" x="310" y="32">bullish</text>
            </svg>
            <p><strong class="\(technical.direction.rawValue)">\(Self.arrow(technical.direction)) \
            \(technical.direction.rawValue)</strong> score \(Figures.fixed(score)), confidence \
            \(Figures.percent(Self.unit(technical.confidence), 0))</p>
            </div>
            """
    }

    private static func arrow(_ direction: Analysis.Direction) -> String {
        switch direction {
        case .bullish: "▲"
        case .bearish: "▼"
        case .neutral: "●"
        }
    }

    private static func unit(_ value: Double) -> Double { value.isFinite ? min(1, max(0, value)) : 0 }

    // MARK: Charts

    private func charts(_ heading: String, _ charts: [Chart]) -> String {
        guard let dates = charts.first?.dates, let first = dates.first, let last = dates.last else { return "" }
        let span = "\(CalendarText.long(first)) to \(CalendarText.long(last))"
        let pictures = charts.map(figure).joined(separator: "\n")
        return "<section>\n<h2>\(heading)</h2>\n<p class=\"quiet\">\(escape(span))</p>\n\(pictures)\n</section>"
    }

    private func figure(_ chart: Chart) -> String {
        """
        <figure>
        <figcaption><h3>\(escape(chart.title))</h3>\(legend(chart))</figcaption>
        \(ChartRenderer(chart, .wide).svg())
        \(ChartRenderer(chart, .narrow).svg())
        <p class="caption">\(escape(chart.description))</p>
        \(numbers(chart))
        </figure>
        """
    }

    private func legend(_ chart: Chart) -> String {
        guard chart.layers.count > 1 else { return "" }
        let items = chart.layers.map { "<li>\(swatch($0))\(escape($0.name))</li>" }
        return "<ul class=\"legend\">\(items.joined())</ul>"
    }

    private func swatch(_ layer: Chart.Layer) -> String {
        let shape =
            switch layer {
            case .line(_, let style, _): "<path class=\"line \(style)\" d=\"M0 5H20\"/>"
            case .band(_, let style, _, _), .area(_, let style, _): "<path class=\"fill \(style)\" d=\"M0 1H20V9H0Z\"/>"
            case .columns(_, let up, let down, _):
                "<path class=\"columns \(up)\" stroke-width=\"4\" d=\"M6 9V1\"/>"
                    + "<path class=\"columns \(down)\" stroke-width=\"4\" d=\"M13 9V3\"/>"
            }
        return "<svg viewBox=\"0 0 20 10\" aria-hidden=\"true\">\(shape)</svg>"
    }

    private func numbers(_ chart: Chart) -> String {
        guard !chart.tableRows.isEmpty else { return "" }
        let columns = chart.layers.flatMap(\.columns)
        let format = chart.tableFormat ?? chart.format
        let header = columns.map { "<th scope=\"col\">\(escape($0.name))</th>" }.joined()
        let rows = chart.tableRows.map { row in
            let cells = columns.map { column in "<td>\(escape(column.values[row].map(format) ?? "–"))</td>" }
            return "<tr><th scope=\"row\">\(escape(CalendarText.short(chart.dates[row])))</th>\(cells.joined())</tr>"
        }
        return """
            <details><summary>Numbers</summary>
            <div class="scroll"><table class="numbers">
            <thead><tr><th scope="col">Date</th>\(header)</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table></div>
            </details>
            """
    }

    // MARK: Text

    private func remarks() -> String {
        report.remarks.map { remark in
            let paragraphs = remark.text.split(separator: "\n").map { "<p>\(escape(String($0)))</p>" }
            return "<section>\n<h2>\(escape(remark.heading))</h2>\n\(paragraphs.joined(separator: "\n"))\n</section>"
        }.joined(separator: "\n")
    }

    private func quality() -> String {
        guard let quality = report.quality else { return "" }
        let text = QualityText(quality)
        let facts = text.facts.map { "<li>\(escape($0))</li>" }.joined(separator: "\n")
        return """
            <section>
            <h2>Data quality</h2>
            <p>\(escape(text.verdict))</p>
            <ul>
            \(facts)
            </ul>
            \(table(text.issues, summary: text.issuesTitle))
            \(table(text.gaps, summary: text.gapsTitle))
            </section>
            """
    }

    private func table(_ table: QualityText.Table, summary: String) -> String {
        guard !table.rows.isEmpty else { return "" }
        let header = table.header.map { "<th scope=\"col\">\(escape($0))</th>" }.joined()
        // Open ones are printed; long ones wait for a click.
        let isOpen = table.rows.count <= 12 ? " open=\"open\"" : ""
        let rows = table.rows.map { cells in "<tr>\(cells.map { "<td>\(escape($0))</td>" }.joined())</tr>" }
        return """
            <details\(isOpen)><summary>\(escape(summary))</summary>
            <div class="scroll"><table>
            <thead><tr>\(header)</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table></div>
            </details>
            """
    }

    private func methods() -> String {
        let items = report.methods.map { "<dt>\(escape($0.heading))</dt><dd>\(escape($0.text))</dd>" }
        return """
            <section>
            <h2>How the numbers were computed</h2>
            <dl class="methods">
            \(items.joined(separator: "\n"))
            </dl>
            </section>
            """
    }
}
