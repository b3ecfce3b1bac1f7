// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import MarketBars

/// corral/seasonality-analyst: bars in, what the calendar has to do with them out.
package struct SeasonalityAnalystAgent: Agent {
    package static let card = AgentCard(
        "corral/seasonality-analyst", version: "1.0.0",
        role: "Tests whether months, weekdays and turns of months differ, and says so when they do not")

    package struct Input: Codable, Sendable {
        package var bars: Bars
        package var parameters: SeasonalityParameters?
    }

    package init() {}

    package func run(_ input: Input, _ context: AgentContext) async throws -> AgentResult<SeasonalityReport> {
        context.progress(nil, "comparing seasons over \(Figures.count(input.bars.count, "bar"))")
        do {
            let report = try SeasonalityReport.compare(input.bars, parameters: input.parameters ?? .init())
            return AgentResult(report, confidence: report.confidence)
        } catch let fault as DataFault {
            throw AgentError("unusable_bars", fault.description)
        }
    }
}
