// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import MarketBars

/// corral/anomaly-auditor: bars in, what is odd about them out.
package struct AnomalyAuditorAgent: Agent {
    package static let card = AgentCard(
        "corral/anomaly-auditor", version: "1.0.0",
        role: "Looks for outliers, stale prices, splits, holes and impossible bars, and grades the data")

    package struct Input: Codable, Sendable {
        package var bars: AuditedBars
        /// What corral/market-data said about the file: rows that never became bars count for the grade.
        package var quality: FileQuality?
        package var parameters: AuditParameters?
    }

    package init() {}

    package func run(_ input: Input, _ context: AgentContext) async throws -> AgentResult<AuditReport> {
        context.progress(nil, "auditing \(Figures.count(input.bars.count, "bar"))")
        do {
            let report = try AuditReport.audit(
                input.bars, quality: input.quality, parameters: input.parameters ?? AuditParameters())
            return AgentResult(report, confidence: report.confidence)
        } catch let fault as DataFault {
            throw AgentError("unusable_bars", fault.description)
        }
    }
}
