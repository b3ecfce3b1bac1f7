// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Whether the rules allow a decision, rule by rule.
package struct ComplianceReport: Codable, Sendable, Equatable {
    package enum Verdict: String, Codable, CaseIterable, Sendable { case allow, block }

    package struct Rule: Codable, Sendable, Equatable {
        package enum Outcome: String, Codable, CaseIterable, Sendable {
            case pass, block
            /// The rule does not speak of such a decision.
            case notApplicable = "not_applicable"
        }

        package var rule: String
        package var outcome: Outcome
        /// What was found and what is allowed, in the rule's own unit, as text and where it is one as a number.
        package var value: String
        package var limit: String
        package var number: Double?
        package var limitNumber: Double?
        package var text: String

        enum CodingKeys: String, CodingKey {
            case rule, outcome, value, limit, number, text
            case limitNumber = "limit_number"
        }
    }

    /// The decision that counts after the rules: the proposed one, or `blocked` with the position as it was.
    package struct Effective: Codable, Sendable, Equatable {
        package var symbol: String
        package var action: String
        package var weight: Double
        package var proposedAction: String
        package var proposedWeight: Double

        enum CodingKeys: String, CodingKey {
            case symbol, action, weight
            case proposedAction = "proposed_action"
            case proposedWeight = "proposed_weight"
        }
    }

    package var verdict: Verdict
    package var decision: Effective
    package var rules: [Rule]
    package var limits: ComplianceRules
    package var summary: String
}

extension ComplianceReport {
    /// - Throws: `DataFault` when a number of the proposal is none.
    package static func check(_ proposal: Proposal, _ limits: ComplianceRules) throws -> ComplianceReport {
        try proposal.check()
        let rules = RuleBook(proposal, limits).rules
        let broken = rules.filter { $0.outcome == .block }
        let decision = proposal.decision
        let isBlocked = !broken.isEmpty
        let effective = Effective(
            symbol: decision.symbol, action: isBlocked ? "blocked" : decision.action,
            weight: isBlocked ? proposal.held : decision.weight, proposedAction: decision.action,
            proposedWeight: decision.weight)
        let asked = "\(decision.action) \(decision.symbol) with \(Figures.percent(decision.weight, 0)) of the capital"
        let summary =
            isBlocked
            ? "Blocked: \(asked). \(broken.map(\.text).joined(separator: " ")) The position stays at "
                + "\(Figures.percent(proposal.held, 0))."
            : "Allowed: \(asked). \(Figures.count(rules.count { $0.outcome == .pass }, "rule")) passed."
        return ComplianceReport(
            verdict: isBlocked ? .block : .allow, decision: effective, rules: rules, limits: limits, summary: summary)
    }
}
