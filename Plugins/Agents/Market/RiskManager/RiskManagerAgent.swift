// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import MarketBars

/// corral/risk-manager: bars in, what could be lost with them out.
package struct RiskManagerAgent: Agent {
    package static let card = AgentCard(
        "corral/risk-manager", version: "1.0.0", role: "Measures what could be lost, and what was earned for it")

    package struct Input: Codable, Sendable {
        package var bars: Bars
        /// What beta is measured against; dates that both have are used.
        package var benchmark: Bars?
        package var parameters: RiskParameters?
    }

    package init() {}

    package func run(_ input: Input, _ context: AgentContext) async throws -> AgentResult<RiskReport> {
        context.progress(nil, "measuring risk over \(Figures.count(input.bars.count, "bar"))")
        do {
            let report = try RiskReport.measure(
                input.bars, benchmark: input.benchmark, parameters: input.parameters ?? RiskParameters())
            return AgentResult(report, confidence: report.confidence)
        } catch let fault as DataFault {
            throw AgentError("unusable_bars", fault.description)
        }
    }
}
