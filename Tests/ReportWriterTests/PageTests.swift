// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import ReportWriter

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct PageTests {
    @Test func saysTheSameInBothForms() throws {
        let report = try Sample.report()
        for text in [report.html, report.markdown] {
            #expect(text.contains("2,506.85") && text.contains("31 December 2018") && text.contains("−56.8%"))
            #expect(text.contains("It is no investment advice"))
            #expect(text.contains("All 5,031 rows were used."))
            for signal in try #require(report.technical).signals { #expect(text.contains(signal.name)) }
        }
        #expect(report.html.contains("S&amp;P 500") && report.markdown.contains("S&amp;P 500"))
    }

    /// For looking at it: `REPORT_OUT=folder swift test --filter PageTests` leaves the page there.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["REPORT_OUT"] != nil)) func writesThePage() throws {
        let folder = URL(filePath: ProcessInfo.processInfo.environment["REPORT_OUT"] ?? ".")
        let report = try Sample.report()
        try Data(report.html.utf8).write(to: folder.appending(path: "report.html"))
        try Data(report.markdown.utf8).write(to: folder.appending(path: "report.md"))
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: "report.html").path))
    }

    @Test func givesTheSameBytesTwice() throws {
        let (first, second) = (try Sample.report(), try Sample.report())
        #expect(first.html == second.html)
        #expect(first.markdown == second.markdown)
    }

    @Test func needsNothingFromOutside() throws {
        let page = try Sample.report().html
        for word in ["http:", "https:", "src=", "href=", "url(", "@import", "<script", "<link", "<iframe"] {
            #expect(!page.contains(word), "\(word)")
        }
        #expect(page.contains("default-src 'none'"))
        #expect(page.utf8.count < 200_000)
    }

    @Test func wellFormedWithUniqueIds() throws {
        let page = try Sample.report().html
        #expect(XMLCheck.problem(page) == nil)
        let ids = page.matches(of: /id="([^"]+)"/).map { String($0.1) }
        #expect(ids.count == Set(ids).count && ids.count == 6 * 2 * 2)
        for label in page.matches(of: /aria-labelledby="([^"]+)"/) {
            #expect(Set(ids).isSuperset(of: label.1.split(separator: " ").map(String.init)))
        }
    }

    @Test func followsDarkPhoneAndPaper() throws {
        let page = try Sample.report().html
        for rule in ["prefers-color-scheme: dark", "max-width: 640px", "@media print", "name=\"viewport\""] {
            #expect(page.contains(rule))
        }
    }

    static let hostile = "</title><script>alert('x')</script><img src=x onerror=\"y\">&amp;\u{202E}\u{0}\n| `*_[a](b)"

    @Test func treatsInputAsText() throws {
        let text = Self.hostile
        var bars = try Sample.bars((0..<300).map { 100 + Double($0 % 17) }, symbol: text)
        bars.date[299] = text
        var analysis = Analysis(
            symbol: text, interval: text, asOf: text, count: 1, close: 1, parameters: .init(), latest: .init(),
            absences: [.init(indicator: text, reason: text)], series: .init(date: [text, text], close: [1, 2]),
            signals: [.init(name: text, direction: .bullish, strength: .infinity, reading: text)], score: .nan,
            direction: .bullish, confidence: 7, summary: text)
        analysis.series.rsi = [nil, 50]
        let quality = DataQuality(
            rows: .init(), issues: [.init(line: 1, kind: text, reason: text, used: true)], issuesTotal: 1,
            gaps: .init(
                missing: 1, unit: text, total: 1, listed: [.init(after: text, before: text, line: 1, missing: 1)]),
            columns: ColumnNames(date: text), delimiter: text, dateOrder: text, decimals: text, notes: [text])
        let report = try Report(
            ReportRequest(
                title: text, data: PriceHistory(bars: bars, quality: quality), technical: analysis,
                sections: [.init(heading: text, text: text)]))
        #expect(XMLCheck.problem(report.html) == nil)
        for form in [report.html, report.markdown] {
            #expect(
                !form.contains("<script") && !form.contains("<img") && !form.contains("\u{202E}")
                    && !form.contains("\u{0}"))
        }
        #expect(!report.markdown.contains("[a](b)") && report.markdown.contains(#"\[a\](b)"#))
    }
}

/// HTML here is written so that, void elements closed, it is also XML; that makes nesting testable.
enum XMLCheck {
    static func problem(_ page: String) -> String? {
        var text = page.replacing("<!doctype html>", with: "")
        text = text.replacing(/<meta[^>]*>/) { String($0.0.dropLast()) + "/>" }
        let parser = XMLParser(data: Data(text.utf8))
        guard !parser.parse() else { return nil }
        return "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "?")"
    }
}
