// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// The decision, why it fell, what changed, and whether it may be carried out.
enum DecisionChapters {
    static func headlines(
        _ decision: DecisionFindings?, _ compliance: ComplianceFindings?, _ audit: AuditFindings?
    ) -> [Report.Headline] {
        guard let decision else { return [] }
        let isBlocked = compliance?.isBlocked == true
        var list = [
            Report.Headline(
                label: "Decision", value: isBlocked ? "Blocked" : capitalised(decision.action),
                note: isBlocked ? "proposed: \(decision.action)" : change(decision),
                trend: isBlocked ? .bearish : tone(decision.action)),
            Report.Headline(
                label: "Position", value: Figures.percent(compliance?.decision.weight ?? decision.weight, 0),
                note: isBlocked
                    ? "stays as it is; proposed \(Figures.percent(decision.weight, 0))" : "of the capital",
                trend: .neutral),
            Report.Headline(
                label: "Confidence", value: Figures.percent(decision.confidence, 0),
                note: "coverage, data, agreement", trend: .neutral),
            Report.Headline(
                label: "Score", value: signed(decision.score), note: "−1 sell to +1 buy",
                trend: direction(decision.score)),
        ]
        if let compliance {
            let broken = compliance.rules.count { $0.outcome == "block" }
            list.append(
                Report.Headline(
                    label: "Compliance", value: isBlocked ? "Block" : "Allow",
                    note: isBlocked
                        ? "\(Figures.count(broken, "rule")) broken"
                        : "\(Figures.count(compliance.rules.count, "rule")) checked",
                    trend: isBlocked ? .bearish : .neutral))
        }
        if let audit {
            list.append(
                Report.Headline(
                    label: "Data quality", value: audit.grade, note: "\(Figures.fixed(audit.score, 0)) of 100 points",
                    trend: .neutral))
        }
        return list
    }

    static func reasons(_ decision: DecisionFindings?) -> Chapter? {
        guard let decision, !decision.contributions.isEmpty else { return nil }
        let largest = decision.contributions.map { abs($0.contribution) }.max() ?? 0
        let rows = decision.contributions.map { part in
            [
                Chapter.Cell(capitalised(part.factor)),
                Chapter.Cell(
                    signed(part.contribution), tone: direction(part.contribution),
                    meter: largest > 0 ? part.contribution / largest : 0),
                Chapter.Cell(Figures.percent(part.weight, 0)), Chapter.Cell(capitalised(part.reason) + "."),
            ]
        }
        var parts: [Chapter.Part] = [
            .table(.init(header: ["Voice", "Moves the score by", "Weight", "Because"], rows: rows)),
            .text("The voices sum to the score of \(signed(decision.score)). \(sureness(decision))"),
        ]
        if let size = decision.size { parts.append(.text("Size: \(size.text).")) }
        if let overruled = decision.overruled { parts.append(.text("Overruled: \(overruled).")) }
        if let absences = decision.absences, !absences.isEmpty {
            parts.append(.text("Not heard: \(absences.joined(separator: ", "))."))
        }
        return Chapter(heading: "Why", parts: parts)
    }

    private static func sureness(_ decision: DecisionFindings) -> String {
        var text = "Confidence is \(Figures.percent(decision.confidence, 0))"
        if let coverage = decision.coverage, let clarity = decision.clarity {
            text +=
                ": \(Figures.percent(coverage, 0)) of the desk was heard and sure, "
                + "and clarity is \(Figures.percent(clarity, 0))"
        }
        return text + "."
    }

    static func changes(_ decision: DecisionFindings?) -> Chapter? {
        guard let decision, decision.changed != nil || decision.memory != nil else { return nil }
        var parts: [Chapter.Part] = []
        if let changed = decision.changed {
            parts.append(.text(changed.text))
            let movers = changed.movers ?? []
            if !movers.isEmpty {
                let rows = movers.map { mover in
                    [
                        Chapter.Cell(capitalised(mover.factor)), Chapter.Cell(signed(mover.before)),
                        Chapter.Cell(signed(mover.now)),
                        Chapter.Cell.signed(signed(mover.now - mover.before), mover.now - mover.before),
                    ]
                }
                parts.append(
                    .table(.init(header: ["Voice", "Before", "Now", "Change"], rows: rows, numbersFrom: 1)))
            }
        }
        if let memory = decision.memory, !memory.isEmpty { parts.append(.text(memory)) }
        return parts.isEmpty ? nil : Chapter(heading: "What changed since last time", parts: parts)
    }

    static func compliance(_ compliance: ComplianceFindings?) -> Chapter? {
        guard let compliance else { return nil }
        let words = ["pass": "pass", "block": "BLOCK", "not_applicable": "–"]
        let rows = compliance.rules.map { rule in
            [
                Chapter.Cell(spoken(rule.rule)),
                Chapter.Cell(
                    words[rule.outcome] ?? rule.outcome, tone: rule.outcome == "block" ? .bearish : .neutral),
                Chapter.Cell(rule.value), Chapter.Cell(rule.limit),
            ]
        }
        return Chapter(
            heading: "Compliance",
            parts: [
                .text(compliance.summary),
                .table(.init(header: ["Rule", "Verdict", "Value", "Limit"], rows: rows)),
            ])
    }

    // MARK: Words

    private static func change(_ decision: DecisionFindings) -> String {
        guard let changed = decision.changed else { return "no earlier decision known" }
        return changed.isFlip ? "was \(changed.previousAction ?? "another")" : "as last time"
    }

    static func tone(_ action: String) -> Analysis.Direction {
        action == "buy" ? .bullish : action == "sell" || action == "blocked" ? .bearish : .neutral
    }

    static func direction(_ value: Double) -> Analysis.Direction {
        value > 0.005 ? .bullish : value < -0.005 ? .bearish : .neutral
    }

    static func signed(_ value: Double) -> String { (value >= 0.005 ? "+" : "") + Figures.fixed(value) }

    static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// `value_at_risk` as people write it.
    static func spoken(_ name: String) -> String { capitalised(name.split(separator: "_").joined(separator: " ")) }
}
