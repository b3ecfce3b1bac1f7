// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Many symbols on one page: a table of all, the best first, and a paragraph for each.
package enum RankingReport {
    /// Lists of what was found, one element for each symbol, in one order.
    package struct Request: Codable, Sendable {
        package struct History: Codable, Sendable {
            package var symbol: String
            package var count: Int
            package var last: String
            package var bars: Closes

            /// Only the last close is shown.
            package struct Closes: Codable, Sendable { package var close: [Double] }
        }

        package var histories: [History]
        package var decisions: [DecisionFindings]
        package var compliance: [ComplianceFindings?]?
        package var risks: [RiskFindings?]?
        package var regimes: [RegimeFindings?]?
        package var audits: [AuditFindings?]?
        /// Symbols that could not be researched, with the reason.
        package var leftOut: [String]?

        enum CodingKeys: String, CodingKey {
            case histories, decisions, compliance, risks, regimes, audits
            case leftOut = "left_out"
        }

        package init(histories: [History], decisions: [DecisionFindings], leftOut: [String]? = nil) {
            self.histories = histories
            self.decisions = decisions
            self.leftOut = leftOut
        }
    }

    /// One symbol and all that is known about it.
    struct Row {
        let history: Request.History
        let decision: DecisionFindings
        let compliance: ComplianceFindings?
        let risk: RiskFindings?
        let regime: RegimeFindings?
        let audit: AuditFindings?

        var isBlocked: Bool { compliance?.isBlocked == true }
        var action: String { isBlocked ? "blocked" : decision.action }
        var weight: Double { compliance?.decision.weight ?? decision.weight }
    }

    /// - Throws: `DataFault` when the lists are of different length.
    static func rows(_ request: Request) throws -> [Row] {
        let count = request.histories.count
        let lists: [(String, Int?)] = [
            ("decisions", request.decisions.count), ("compliance", request.compliance?.count),
            ("risks", request.risks?.count), ("regimes", request.regimes?.count), ("audits", request.audits?.count),
        ]
        for (name, length) in lists {
            if let length, length != count { throw ReportWriterErrors.ranking(name, length, count) }
        }
        let rows = request.histories.indices.map { place in
            Row(
                history: request.histories[place], decision: request.decisions[place],
                compliance: request.compliance?[place], risk: request.risks?[place], regime: request.regimes?[place],
                audit: request.audits?[place])
        }
        return rows.sorted { ($1.decision.score, $0.history.symbol) < ($0.decision.score, $1.history.symbol) }
    }

    static func table(_ rows: [Row]) -> Chapter.Table {
        func percent(_ value: Double?) -> Chapter.Cell { Chapter.Cell(value.map { Figures.percent($0) } ?? "–") }
        return Chapter.Table(
            header: [
                "Symbol", "Decision", "Position", "Score", "Sure", "Trend", "Volatility", "Return", "Deviation",
                "Sharpe",
                "Deepest fall", "Data",
            ],
            rows: rows.map { row in
                let trend = row.regime?.trend?.current
                let swing = row.regime?.volatility?.current
                return [
                    Chapter.Cell(row.history.symbol),
                    Chapter.Cell(row.action, tone: DecisionChapters.tone(row.action)),
                    Chapter.Cell(Figures.percent(row.weight, 0)),
                    Chapter.Cell(
                        DecisionChapters.signed(row.decision.score),
                        tone: DecisionChapters.direction(row.decision.score)),
                    Chapter.Cell(Figures.percent(row.decision.confidence, 0)),
                    Chapter.Cell(trend ?? "–", tone: trend.map(RegimeChapter.tone) ?? .neutral),
                    Chapter.Cell(swing ?? "–", tone: swing.map(RegimeChapter.tone) ?? .neutral),
                    percent(row.risk?.annualReturn), percent(row.risk?.annualVolatility),
                    Chapter.Cell(row.risk?.sharpe.map { Figures.fixed($0) } ?? "–"),
                    percent(row.risk?.maxDrawdown?.depth), Chapter.Cell(row.audit?.grade ?? "–"),
                ]
            }, numbersFrom: .max)
    }

    /// What one would read about each: the decision, what changed, what was blocked.
    static func chapter(_ row: Row) -> Chapter {
        var parts: [Chapter.Part] = [.text(row.decision.summary)]
        if row.isBlocked, let compliance = row.compliance { parts.append(.text(compliance.summary)) }
        if let changed = row.decision.changed { parts.append(.text(changed.text)) }
        if let regime = row.regime { parts.append(.text(regime.summary)) }
        let close = row.history.bars.close.last.map { Figures.price($0) } ?? "–"
        parts.append(
            .text(
                "\(Figures.count(row.history.count, "bar")) to \(CalendarText.long(row.history.last)), last close \(close)."
            ))
        return Chapter(heading: row.history.symbol, parts: parts)
    }
}

extension Report {
    /// - Throws: `DataFault` when the ranking does not hold together.
    init(ranking request: RankingReport.Request, title: String?) throws {
        let rows = try RankingReport.rows(request)
        let names = rows.map(\.history.symbol).joined(separator: ", ")
        let asOf = rows.map(\.history.last).max() ?? ""
        let counts = ["buy", "hold", "sell", "blocked"].compactMap { action -> String? in
            let count = rows.count { $0.action == action }
            return count == 0 ? nil : "\(Figures.grouped(count)) \(action)"
        }
        let invested = rows.map { abs($0.weight) }.reduce(0, +)
        var lead = [
            rows.isEmpty
                ? "No symbol could be researched."
                : "Of \(Figures.count(rows.count, "symbol")): \(counts.joined(separator: ", ")). "
                    + "The positions together are \(Figures.percent(invested, 0)) of the capital."
        ]
        if let leftOut = request.leftOut, !leftOut.isEmpty {
            lead.append("Left out: \(leftOut.joined(separator: "; ")).")
        }
        let ranking = Chapter(heading: "Ranking", parts: rows.isEmpty ? [] : [.table(RankingReport.table(rows))])
        self.init(
            title: title.flatMap { $0.isEmpty ? nil : $0 } ?? "Research on \(Figures.count(rows.count, "symbol"))",
            symbol: names, asOf: asOf, kicker: "Research · to \(CalendarText.long(asOf))", lead: lead, banner: nil,
            decision: [], headlines: [], technical: nil, recentCharts: [], recordCharts: [],
            chapters: rows.isEmpty ? [] : [ranking] + rows.map(RankingReport.chapter), lastChapters: [], remarks: [],
            quality: nil, methods: Methods.desk(hasDecision: true, hasRegimes: true, hasSeasons: false, hasAudit: true),
            statistics: nil, outcome: nil)
    }
}
