// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Everything a report says, before it takes the form of HTML or Markdown.
///
/// Both forms are written from this one value, so they cannot contradict each other. It holds no clock reading: the
/// same input gives the same bytes.
package struct Report {
    struct Headline: Equatable {
        let label: String
        let value: String
        let note: String
        /// Colours the value; words and signs carry the meaning.
        let trend: Analysis.Direction
    }

    struct Remark {
        let heading: String
        let text: String
    }

    package let title: String
    package let symbol: String
    /// Date of the last bar.
    package let asOf: String
    let kicker: String
    let lead: [String]
    /// What must not be missed: that the decision was blocked.
    let banner: String?
    /// What to do, before what was found.
    let decision: [Headline]
    let headlines: [Headline]
    let technical: Analysis?
    let recentCharts: [Chart]
    let recordCharts: [Chart]
    /// What the desk found, before and after the charts.
    let chapters: [Chapter]
    let lastChapters: [Chapter]
    let remarks: [Remark]
    let quality: DataQuality?
    let methods: [Remark]
    /// Absent in a report on many symbols.
    package let statistics: Statistics?
    package let outcome: Outcome?

    /// The decision, for the next step; what compliance left of it.
    package struct Outcome: Codable, Sendable, Equatable {
        /// `buy`, `hold`, `sell` or `blocked`.
        package var action: String
        package var weight: Double
        package var confidence: Double
        package var isFlip: Bool

        enum CodingKeys: String, CodingKey {
            case action, weight, confidence
            case isFlip = "is_flip"
        }

        init?(_ decision: DecisionFindings?, _ compliance: ComplianceFindings?) {
            guard let decision else { return nil }
            action = compliance?.isBlocked == true ? "blocked" : decision.action
            weight = compliance?.decision.weight ?? decision.weight
            confidence = decision.confidence
            isFlip = decision.changed?.isFlip ?? false
        }
    }

    /// The numbers of the headlines, for the next step.
    package struct Statistics: Codable, Sendable, Equatable {
        package var close: Double
        package var change: Double?
        package var yearChange: Double?
        package var yearLow: Double?
        package var yearHigh: Double?
        package var growthPerYear: Double?
        package var volatilityPerYear: Double?
        package var deepestFall: Double?
        package var score: Double?
        package var direction: String?

        enum CodingKeys: String, CodingKey {
            case close, change, score, direction
            case yearChange = "year_change"
            case yearLow = "year_low"
            case yearHigh = "year_high"
            case growthPerYear = "growth_per_year"
            case volatilityPerYear = "volatility_per_year"
            case deepestFall = "deepest_fall"
        }
    }

    static let disclaimer =
        "This report describes past prices. It is no investment advice and no offer to buy or sell anything. Past prices "
        + "do not tell future ones. Check the numbers before you rely on them."

}

extension Report {
    /// - Throws: `DataFault` when there are no bars, or parts that do not hold together.
    package init(_ request: ReportRequest) throws {
        if let ranking = request.ranking {
            try self.init(ranking: ranking, title: request.title)
            return
        }
        guard let bars = request.data?.bars ?? request.bars else { throw ReportWriterErrors.noBars() }
        if let flaw = bars.flaw { throw ReportWriterErrors.bars(flaw) }
        try Self.check(request.technical?.series)
        let backtests = (request.backtests ?? []).compactMap(\.self)
        for curve in backtests.compactMap(\.curve) { try Self.check(curve) }
        let numbers = PriceStatistics(bars)
        let decision = request.decision
        self.init(
            title: request.title.flatMap { $0.isEmpty ? nil : $0 } ?? bars.symbol, symbol: bars.symbol,
            asOf: bars.date.last ?? "", kicker: Self.kicker(bars),
            lead: [decision.map { (request.compliance?.isBlocked == true ? "Proposed: " : "") + $0.summary }]
                .compactMap(\.self)
                + Narrative.lead(bars, numbers, technical: request.technical),
            banner: request.compliance.flatMap { $0.isBlocked ? $0.summary : nil },
            decision: DecisionChapters.headlines(decision, request.compliance, request.anomalies),
            headlines: Narrative.headlines(bars, numbers), technical: request.technical,
            recentCharts: ReportCharts.recent(bars, technical: request.technical),
            recordCharts: ReportCharts.record(bars, numbers),
            chapters: [
                DecisionChapters.reasons(decision), DecisionChapters.changes(decision),
                RiskChapter.chapter(request.risk),
                RegimeChapter.chapter(request.regime, bars), SeasonalityChapter.chapter(request.seasonality),
                BacktestChapter.chapter(backtests),
            ].compactMap(\.self),
            lastChapters: [
                AuditChapter.chapter(request.anomalies), DecisionChapters.compliance(request.compliance),
            ].compactMap(\.self),
            remarks: (request.sections ?? []).map { Remark(heading: $0.heading, text: $0.text) },
            quality: request.data?.quality,
            methods: Methods.list(bars, technical: request.technical, numbers)
                + Methods.desk(
                    hasDecision: decision != nil, hasRegimes: request.regime != nil,
                    hasSeasons: request.seasonality != nil, hasAudit: request.anomalies != nil),
            statistics: Statistics(
                close: numbers.close, change: numbers.change, yearChange: numbers.yearChange,
                yearLow: numbers.yearLow, yearHigh: numbers.yearHigh, growthPerYear: numbers.growth,
                volatilityPerYear: numbers.volatility, deepestFall: numbers.deepestFall?.depth,
                score: request.technical?.score, direction: request.technical?.direction.rawValue),
            outcome: Outcome(decision, request.compliance))
    }

    private static func check(_ curve: BacktestFindings.Curve) throws {
        for (name, values) in [("worth", curve.worth), ("buy_and_hold", curve.buyAndHold)]
        where values.count != curve.date.count {
            throw ReportWriterErrors.curve(name, values.count, curve.date.count)
        }
    }

    private static func kicker(_ bars: Bars) -> String {
        let words = ["irregular": "irregular bars", "single": "a single bar"]
        let kind = words[bars.interval] ?? "\(bars.interval) bars"
        return "Market review · \(kind) · to \(CalendarText.long(bars.date.last ?? ""))"
    }

    private static func check(_ series: Analysis.Series?) throws {
        guard let series else { return }
        let columns: [(String, Int?)] = [
            ("close", series.close.count), ("sma_short", series.smaShort?.count),
            ("sma_medium", series.smaMedium?.count),
            ("sma_long", series.smaLong?.count), ("bollinger_upper", series.bollingerUpper?.count),
            ("bollinger_lower", series.bollingerLower?.count), ("rsi", series.rsi?.count), ("macd", series.macd?.count),
            ("macd_signal", series.macdSignal?.count), ("macd_histogram", series.macdHistogram?.count),
        ]
        for (name, count) in columns {
            if let count, count != series.date.count { throw ReportWriterErrors.series(name, count, series.date.count) }
        }
    }
}

extension Report {
    /// One HTML file that needs nothing else.
    package var html: String { HTMLPage(report: self).text() }
    /// The same words and numbers without pictures.
    package var markdown: String { MarkdownPage(report: self).text() }
}
