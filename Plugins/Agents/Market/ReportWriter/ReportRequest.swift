// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What a report is made of. Every part may be missing, but bars must come from somewhere.
package struct ReportRequest: Codable, Sendable {
    /// A remark of another agent, placed into the report as plain text.
    package struct Section: Codable, Sendable {
        package var heading: String
        package var text: String

        package init(heading: String, text: String) {
            self.heading = heading
            self.text = text
        }
    }

    /// The heading; the symbol when absent.
    package var title: String?
    /// The whole output of corral/market-data: bars and their quality.
    package var data: PriceHistory?
    /// Bars alone, when there is no such output.
    package var bars: Bars?
    /// The whole output of corral/technical-analyst.
    package var technical: Analysis?
    package var sections: [Section]?
    /// The outputs of corral/portfolio-manager, compliance-checker, risk-manager, regime-analyst, seasonality-analyst and
    /// anomaly-auditor.
    package var decision: DecisionFindings?
    package var compliance: ComplianceFindings?
    package var risk: RiskFindings?
    package var regime: RegimeFindings?
    package var seasonality: SeasonalityFindings?
    package var anomalies: AuditFindings?
    /// Of corral/backtester; null for a rule that could not be traded.
    package var backtests: [BacktestFindings?]?
    /// Many symbols on one page, instead of everything above.
    package var ranking: RankingReport.Request?

    package init(
        title: String? = nil, data: PriceHistory? = nil, bars: Bars? = nil, technical: Analysis? = nil,
        sections: [Section]? = nil, ranking: RankingReport.Request? = nil
    ) {
        self.title = title
        self.data = data
        self.bars = bars
        self.technical = technical
        self.sections = sections
        self.ranking = ranking
    }
}
