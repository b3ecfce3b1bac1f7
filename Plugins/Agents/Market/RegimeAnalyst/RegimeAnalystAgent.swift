// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import MarketBars

/// corral/regime-analyst: bars in, the regimes they went through out.
package struct RegimeAnalystAgent: Agent {
    package static let card = AgentCard(
        "corral/regime-analyst", version: "1.0.0",
        role: "Says which trend, volatility and drawdown regime prices are in, and since when")

    package struct Input: Codable, Sendable {
        package var bars: Bars
        /// Periods and thresholds that differ from the usual ones.
        package var parameters: RegimeParameters.Changes?
    }

    package init() {}

    package func run(_ input: Input, _ context: AgentContext) async throws -> AgentResult<RegimeReport> {
        context.progress(nil, "finding regimes in \(Figures.count(input.bars.count, "bar"))")
        do {
            let report = try RegimeReport.find(in: input.bars, changes: input.parameters)
            return AgentResult(report, confidence: report.confidence)
        } catch let fault as DataFault {
            throw AgentError("unusable_bars", fault.description)
        }
    }
}
