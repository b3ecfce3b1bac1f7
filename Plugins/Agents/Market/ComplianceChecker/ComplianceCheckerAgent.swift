// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import MarketBars

/// corral/compliance-checker: a decision in, whether the operator's rules allow it out.
///
/// The rules are configuration of the plugin, written by the operator beside the library. No input of a flow changes them:
/// who writes a flow must not be able to wave a decision through.
package struct ComplianceCheckerAgent: Agent {
    package static let card: AgentCard = {
        var card = AgentCard(
            "corral/compliance-checker", version: "1.0.0",
            role: "Blocks decisions that break the rules on position, leverage, concentration and data")
        card.config = ComplianceRules.fields
        return card
    }()

    package init() {}

    package func run(_ input: Proposal, _ context: AgentContext) async throws -> AgentResult<ComplianceReport> {
        do {
            let report = try ComplianceReport.check(input, try context.configuration(as: ComplianceRules.self))
            let blocked = report.verdict == .block
            return AgentResult(
                report, confidence: 1,
                changes: blocked ? [Change("decision_blocked", target: report.decision.symbol)] : [])
        } catch let fault as DataFault {
            throw AgentError("unusable_proposal", fault.description)
        }
    }
}
