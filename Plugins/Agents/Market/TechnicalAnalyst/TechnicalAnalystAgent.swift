// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import MarketBars

/// corral/technical-analyst: bars in, indicators, signals and a reading out.
package struct TechnicalAnalystAgent: Agent {
    package static let card = AgentCard(
        "corral/technical-analyst", version: "1.0.0", role: "Computes indicators and reads them in plain language")

    package struct Input: Codable, Sendable {
        package var bars: Bars
        /// Periods that differ from the usual ones.
        package var parameters: AnalysisParameters?
    }

    package init() {}

    package func run(_ input: Input, _ context: AgentContext) async throws -> AgentResult<Analysis> {
        context.progress(nil, "computing indicators over \(Figures.count(input.bars.count, "bar"))")
        do {
            let analysis = try Analyst.analyse(input.bars, parameters: input.parameters ?? AnalysisParameters())
            return AgentResult(analysis, confidence: analysis.confidence)
        } catch let fault as DataFault {
            throw AgentError("unusable_bars", fault.description)
        }
    }
}
