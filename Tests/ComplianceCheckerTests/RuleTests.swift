// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import Foundation
import MarketBars
import Testing

@testable import ComplianceChecker

@Suite struct RuleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var proposal = Self.proposal()
        var change: @Sendable (inout ComplianceRules) -> Void = { _ in }
        /// The rules that block, in order; empty: allowed.
        var blocks: [String]

        /// A buy of 40 % on good data, with nothing else held.
        static func proposal(_ change: (inout Proposal) -> Void = { _ in }) -> Proposal {
            var risk = Proposal.Risk()
            risk.valueAtRisk = [.init(level: 0.95, historical: 0.5), .init(level: 0.99, historical: 0.04)]
            var proposal = Proposal(
                .init(symbol: "X", action: "buy", weight: 0.4, confidence: 0.5), risk: risk,
                anomalies: .init(grade: "B"))
            change(&proposal)
            return proposal
        }
    }

    static let cases: [Case] = [
        Case(testDescription: "allowed", blocks: []),
        Case(testDescription: "position", change: { $0.positionMax = 0.39 }, blocks: ["position"]),
        Case(testDescription: "position at its limit", change: { $0.positionMax = 0.4 }, blocks: []),
        Case(
            testDescription: "leverage",
            proposal: Case.proposal {
                $0.portfolio = [
                    .init(symbol: "Y", weight: 0.5), .init(symbol: "Z", weight: -0.2), .init(symbol: "X", weight: 0.1),
                ]
            },
            blocks: ["leverage"]),
        Case(
            testDescription: "concentration", change: { $0.concentrationMax = 0.15 }, blocks: ["concentration"]),
        Case(
            testDescription: "group",
            proposal: Case.proposal {
                $0.group = "tech"
                $0.portfolio = [.init(symbol: "Y", weight: 0.3, group: "tech"), .init(symbol: "Z", weight: 0.2)]
            },
            change: { $0.groupMax = 0.6 }, blocks: ["group"]),
        Case(testDescription: "value at risk", change: { $0.valueAtRiskMax = 0.015 }, blocks: ["value_at_risk"]),
        Case(
            testDescription: "the same loss in a month is less in a day",
            proposal: Case.proposal { $0.risk?.periodsPerYear = .init(value: 12) },
            change: { $0.valueAtRiskMax = 0.0035 }, blocks: []),
        Case(
            testDescription: "risk that nobody measured", proposal: Case.proposal { $0.risk = nil },
            blocks: ["value_at_risk"]),
        Case(
            testDescription: "grade", proposal: Case.proposal { $0.anomalies = .init(grade: "D") },
            blocks: ["data_quality"]),
        Case(
            testDescription: "a grade nobody knows", proposal: Case.proposal { $0.anomalies = .init(grade: "Z") },
            blocks: ["data_quality"]),
        Case(
            testDescription: "data that nobody audited", proposal: Case.proposal { $0.anomalies = nil },
            blocks: ["data_quality"]),
        Case(
            testDescription: "data that need not be audited", proposal: Case.proposal { $0.anomalies = nil },
            change: { $0.requireAudit = false }, blocks: []),
        Case(testDescription: "confidence", change: { $0.confidenceMin = 0.6 }, blocks: ["confidence"]),
        Case(
            testDescription: "confidence that nobody stated", proposal: Case.proposal { $0.decision.confidence = nil },
            change: { $0.confidenceMin = 0.1 }, blocks: ["confidence"]),
        Case(testDescription: "restricted", change: { $0.restricted = ["Y", "X"] }, blocks: ["restricted"]),
        Case(
            testDescription: "short", proposal: Case.proposal { $0.decision.weight = -0.2 }, blocks: ["short"]),
        Case(
            testDescription: "short where it is allowed", proposal: Case.proposal { $0.decision.weight = -0.2 },
            change: { $0.allowShort = true }, blocks: []),
        Case(
            testDescription: "several at once", change: { ($0.positionMax, $0.valueAtRiskMax) = (0.1, 0.01) },
            blocks: ["position", "value_at_risk"]),
        Case(
            testDescription: "reducing what is too large",
            proposal: Case.proposal {
                $0.decision.action = "sell"
                $0.portfolio = [.init(symbol: "X", weight: 0.9)]
            },
            change: { ($0.positionMax, $0.valueAtRiskMax, $0.restricted) = (0.1, 0.01, ["X"]) }, blocks: []),
        Case(
            testDescription: "a hold on bad data",
            proposal: Case.proposal {
                $0.decision.action = "hold"
                $0.anomalies = nil
            }, change: { $0.confidenceMin = 1 }, blocks: []),
    ]

    @Test(arguments: cases) func applies(_ item: Case) throws {
        var rules = ComplianceRules()
        item.change(&rules)
        let report = try ComplianceReport.check(item.proposal, rules)
        #expect(report.rules.filter { $0.outcome == .block }.map(\.rule) == item.blocks, "\(report.summary)")
        #expect(report.verdict == (item.blocks.isEmpty ? .allow : .block) && report.rules.count == 9)
        #expect(report.rules.allSatisfy { !$0.value.isEmpty && !$0.limit.isEmpty && !$0.text.isEmpty })
        _ = try JSONEncoder().encode(report)
    }

    @Test func aBlockedDecisionLeavesThePositionAsItWas() throws {
        var rules = ComplianceRules()
        rules.positionMax = 0.2
        let proposal = Case.proposal { $0.portfolio = [.init(symbol: "X", weight: 0.15)] }
        let report = try ComplianceReport.check(proposal, rules)
        #expect(report.decision.action == "blocked" && report.decision.weight == 0.15)
        #expect(report.decision.proposedAction == "buy" && report.decision.proposedWeight == 0.4)
        #expect(report.summary.hasPrefix("Blocked: buy X with 40% of the capital. The position is 40.0%"))
        let allowed = try ComplianceReport.check(proposal, ComplianceRules())
        #expect(allowed.decision.action == "buy" && allowed.decision.weight == 0.4)
    }

    @Test func refusesNumbersThatAreNone() {
        for change: (inout Proposal) -> Void in [
            { $0.decision.weight = .nan }, { $0.decision.confidence = 7 },
            { $0.portfolio = [.init(symbol: "Y", weight: .infinity)] },
            { $0.portfolio = Array(repeating: .init(symbol: "Y", weight: 0), count: 10_001) },
        ] {
            let proposal = Case.proposal(change)
            #expect(throws: DataFault.self) { try ComplianceReport.check(proposal, ComplianceRules()) }
        }
    }

    /// What the manifest declares is what the code falls back to.
    @Test func theDeclaredDefaultsAreTheRealOnes() throws {
        let declared = Dictionary(
            uniqueKeysWithValues: ComplianceRules.fields.map { ($0.name, $0.defaultValue ?? .null) })
        let coded = try JSONDecoder().decode(JSON.self, from: JSONEncoder().encode(ComplianceRules()))
        let read = try JSONDecoder().decode(ComplianceRules.self, from: JSONEncoder().encode(JSON.object(declared)))
        #expect(read == ComplianceRules())
        guard case .object(let members) = coded else { return #expect(Bool(false), "not an object") }
        #expect(Set(members.keys) == Set(declared.keys))
    }
}
