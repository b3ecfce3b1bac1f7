// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Each rule with its value and its limit, in the order in which they are read out.
struct RuleBook {
    let rules: [ComplianceReport.Rule]

    init(_ proposal: Proposal, _ limits: ComplianceRules) {
        let book = Book(proposal: proposal, limits: limits)
        rules = [
            book.restricted(), book.short(), book.position(), book.leverage(), book.concentration(), book.group(),
            book.valueAtRisk(), book.dataQuality(), book.confidence(),
        ]
    }
}

private struct Book {
    let proposal: Proposal
    let limits: ComplianceRules

    private var weight: Double { proposal.decision.weight }
    private var symbol: String { proposal.decision.symbol }

    // MARK: Who and how

    func restricted() -> ComplianceReport.Rule {
        let isListed = limits.restricted.contains(symbol)
        let text = "\(symbol) is \(isListed ? "" : "not ")on the list of restricted symbols."
        let list = limits.restricted.isEmpty ? "none" : limits.restricted.joined(separator: ", ")
        let blocks = isListed && proposal.isTrade && !proposal.reduces
        return rule("restricted", blocks ? .block : .pass, value: symbol, limit: list, text)
    }

    func short() -> ComplianceReport.Rule {
        let blocks = weight < 0 && !limits.allowShort && !proposal.reduces
        return rule(
            "short", blocks ? .block : .pass, value: percent(weight),
            limit: limits.allowShort ? "allowed" : "not allowed",
            number: weight, weight < 0 ? "The position is short." : "The position is not short.")
    }

    // MARK: How much

    func position() -> ComplianceReport.Rule {
        bounded(
            "position", abs(weight), limits.positionMax,
            "The position is \(percent(abs(weight))) of the capital, the limit \(percent(limits.positionMax)).")
    }

    func leverage() -> ComplianceReport.Rule {
        let value = proposal.others.map { abs($0.weight) }.reduce(abs(weight), +)
        return bounded(
            "leverage", value, limits.leverageMax,
            "All positions together are \(percent(value)) of the capital, the limit \(percent(limits.leverageMax)).")
    }

    func concentration() -> ComplianceReport.Rule {
        let value = proposal.others.map { $0.weight * $0.weight }.reduce(weight * weight, +)
        let (shown, limit) = (Figures.fixed(value, 3), Figures.fixed(limits.concentrationMax, 3))
        return bounded(
            "concentration", value, limits.concentrationMax, value: shown, limit: limit,
            "The sum of the squared positions is \(shown), the limit \(limit).")
    }

    func group() -> ComplianceReport.Rule {
        guard let group = proposal.group else {
            return rule(
                "group", .notApplicable, value: "no group", limit: percent(limits.groupMax), "The symbol has no group.")
        }
        let value = proposal.others.filter { $0.group == group }.map { abs($0.weight) }.reduce(abs(weight), +)
        return bounded(
            "group", value, limits.groupMax,
            "The group \(group) is \(percent(value)) of the capital, the limit \(percent(limits.groupMax)).")
    }

    /// A position of nothing risks nothing; a position whose risk nobody measured is not let through unmeasured.
    func valueAtRisk() -> ComplianceReport.Rule {
        let limit = percent(limits.valueAtRiskMax)
        guard weight != 0 else {
            return rule("value_at_risk", .pass, value: percent(0), limit: limit, number: 0, "There is no position.")
        }
        guard let risk = proposal.valueAtRisk else {
            return rule(
                "value_at_risk", proposal.reduces ? .pass : .block, value: "not measured", limit: limit,
                "Nobody measured the value at risk at 99%.")
        }
        let value = abs(weight) * max(0, risk)
        return bounded(
            "value_at_risk", value, limits.valueAtRiskMax,
            "In one day of a hundred the position loses more than \(percent(value)) of the capital, the limit \(limit)."
        )
    }

    // MARK: On what grounds

    func dataQuality() -> ComplianceReport.Rule {
        let limit = "\(limits.gradeMin) or better"
        guard proposal.isTrade else {
            return rule("data_quality", .notApplicable, value: "hold", limit: limit, "Nothing is traded.")
        }
        guard let grade = proposal.anomalies?.grade else {
            return rule(
                "data_quality", limits.requireAudit ? .block : .pass, value: "not audited", limit: limit,
                "Nobody audited the data.")
        }
        let rank = ComplianceRules.grades.firstIndex(of: grade) ?? ComplianceRules.grades.count
        let worst = ComplianceRules.grades.firstIndex(of: limits.gradeMin) ?? 0
        return rule(
            "data_quality", rank <= worst ? .pass : .block, value: grade, limit: limit,
            "The data has grade \(grade); to trade on it takes \(limit).")
    }

    func confidence() -> ComplianceReport.Rule {
        let limit = "at least \(percent(limits.confidenceMin))"
        guard proposal.isTrade else {
            return rule("confidence", .notApplicable, value: "hold", limit: limit, "Nothing is traded.")
        }
        guard let value = proposal.decision.confidence else {
            return rule(
                "confidence", limits.confidenceMin > 0 ? .block : .pass, value: "not stated", limit: limit,
                "The decision states no confidence.")
        }
        return rule(
            "confidence", value >= limits.confidenceMin ? .pass : .block, value: percent(value), limit: limit,
            number: value, limitNumber: limits.confidenceMin,
            "The decision is \(percent(value)) sure, it takes \(percent(limits.confidenceMin)).")
    }

    // MARK: Words

    /// A value against its upper limit. What only reduces a position passes, or nobody could leave one that is too large.
    private func bounded(
        _ name: String, _ value: Double, _ limit: Double, value shown: String? = nil, limit shownLimit: String? = nil,
        _ text: String
    ) -> ComplianceReport.Rule {
        // Shares are rounded to a hundredth of a per cent; a sum of them may miss its limit by less.
        let isWithin = value <= limit + 1e-9
        let words = !isWithin && proposal.reduces ? text + " It passes, for it reduces the position." : text
        return rule(
            name, isWithin || proposal.reduces ? .pass : .block, value: shown ?? percent(value),
            limit: shownLimit ?? "at most \(percent(limit))", number: value, limitNumber: limit, words)
    }

    private func rule(
        _ name: String, _ outcome: ComplianceReport.Rule.Outcome, value: String, limit: String, number: Double? = nil,
        limitNumber: Double? = nil, _ text: String
    ) -> ComplianceReport.Rule {
        ComplianceReport.Rule(
            rule: name, outcome: outcome, value: value, limit: limit, number: number, limitNumber: limitNumber,
            text: text)
    }

    private func percent(_ value: Double) -> String { Figures.percent(value) }
}
