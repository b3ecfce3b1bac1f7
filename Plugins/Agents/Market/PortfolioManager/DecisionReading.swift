// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// The decision in sentences.
enum DecisionReading {
    static func text(_ decision: Decision) -> String {
        guard !decision.contributions.isEmpty else {
            return "Hold \(decision.symbol): nobody had anything to say (\(decision.absences.joined(separator: ", ")))."
        }
        var text = headline(decision)
        text += " Score \(signed(decision.score)), confidence \(Figures.percent(decision.confidence, 0))."
        let loud = decision.contributions.filter { abs($0.contribution) >= 0.005 }
        let toward = loud.filter { ($0.contribution > 0) == (decision.score > 0) }
        let against = loud.filter { ($0.contribution > 0) != (decision.score > 0) }
        if !toward.isEmpty { text += " Mostly because \(reasons(toward.prefix(3)))." }
        if !against.isEmpty { text += " Against it: \(reasons(against.prefix(2)))." }
        if let overruled = decision.overruled { text += " Overruled: \(overruled)." }
        if !decision.absences.isEmpty { text += " Not heard: \(decision.absences.joined(separator: ", "))." }
        return text
    }

    private static func headline(_ decision: Decision) -> String {
        let share = Figures.percent(abs(decision.weight), 0)
        switch decision.action {
        case .buy: return "Buy \(decision.symbol) with \(share) of the capital."
        case .sell:
            return decision.weight < 0
                ? "Sell \(decision.symbol) short with \(share) of the capital." : "Sell \(decision.symbol): be out."
        case .hold:
            return decision.weight == 0
                ? "Hold \(decision.symbol): take no position."
                : "Hold \(decision.symbol): keep \(share) of the capital."
        }
    }

    private static func reasons(_ parts: ArraySlice<Decision.Contribution>) -> String {
        parts.map { "\($0.reason) (\(signed($0.contribution)))" }.joined(separator: "; ")
    }

    private static func signed(_ value: Double) -> String { (value > 0.005 ? "+" : "") + Figures.fixed(value) }
}
