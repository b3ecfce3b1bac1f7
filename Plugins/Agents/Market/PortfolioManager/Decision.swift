// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What to do about one symbol, how large, how sure, and why.
package struct Decision: Codable, Sendable, Equatable {
    package enum Action: String, Codable, CaseIterable, Sendable {
        /// Be invested with `weight`.
        case buy
        /// Leave the position as it is.
        case hold
        /// Be out; or short, where that is allowed.
        case sell
    }

    package struct Contribution: Codable, Sendable, Equatable {
        package var factor: String
        /// −1 to +1.
        package var value: Double
        /// Its share among the voices that could be heard; they sum to 1.
        package var weight: Double
        /// value × weight; they sum to the score.
        package var contribution: Double
        package var confidence: Double
        package var reason: String
    }

    package var symbol: String
    package var asOf: String?
    package var close: Double?
    package var action: Action
    /// The position to have, as a share of the capital.
    package var weight: Double
    /// −1 to +1.
    package var score: Double
    /// 0 to 1: coverage × data quality × (½ + ½ clarity).
    package var confidence: Double
    /// Σ weight × confidence of the voices that were heard, of all.
    package var coverage: Double
    /// Buy, sell: |Σ contributions| / Σ |contributions|, so 1 when nobody disagrees. Hold: how far the score is from both
    /// thresholds.
    package var clarity: Double
    /// Absent for a hold.
    package var size: PositionSize?
    /// The strongest first.
    package var contributions: [Contribution]
    /// Voices that were not heard.
    package var absences: [String]
    /// Rules that turned the score's action into a hold.
    package var overruled: String?
    /// Against the last decision; absent when none is known.
    package var changed: DecisionChange?
    /// Where the last decision came from and whether this one was kept, as a sentence.
    package var memory: String
    package var parameters: PortfolioParameters
    package var summary: String

    enum CodingKeys: String, CodingKey {
        case symbol, close, action, weight, score, confidence, coverage, clarity, size, contributions, absences
        case overruled, changed, memory, parameters, summary
        case asOf = "as_of"
    }
}

extension Decision {
    /// - Throws: `DataFault` when the evidence contradicts itself or a number in it cannot be.
    package static func make(_ evidence: Evidence, previous: PreviousDecision? = nil) throws -> Decision {
        try evidence.check()
        let parameters = evidence.parameters ?? PortfolioParameters()
        let symbol = try evidence.subject()
        let votes = Factor.allCases.compactMap { $0.vote(evidence) }
        let total = votes.map(\.factor.weight).reduce(0, +)
        let parts = votes.map { vote in
            let weight = vote.factor.weight / total
            return Contribution(
                factor: vote.factor.rawValue, value: vote.value, weight: weight, contribution: weight * vote.value,
                confidence: vote.confidence, reason: vote.reason)
        }.sorted { abs($0.contribution) > abs($1.contribution) }
        let quality = DataQualityFactor(evidence.anomalies?.grade)
        let score = parts.map(\.contribution).reduce(0, +)
        let choice = Choice(evidence, parameters, score: score, quality: quality, held: previous?.weight ?? 0)
        let coverage = votes.reduce(0) { $0 + $1.factor.weight * $1.confidence }
        let clarity = Self.clarity(choice.action, score, parts, parameters)
        var decision = Decision(
            symbol: symbol, asOf: evidence.asOf, close: evidence.technical?.close.flatMap { $0.isFinite ? $0 : nil },
            action: choice.action, weight: choice.weight, score: score,
            confidence: Self.rounded(coverage * quality.value * (0.5 + 0.5 * clarity)),
            coverage: Self.rounded(coverage),
            clarity: Self.rounded(clarity), size: choice.size, contributions: parts,
            absences: Factor.allCases.filter { factor in !votes.contains { $0.factor == factor } }.map(\.rawValue)
                + (evidence.anomalies == nil ? ["data quality"] : []),
            overruled: choice.overruled, changed: nil, memory: "", parameters: parameters, summary: "")
        decision.changed = previous.flatMap { DecisionChange(decision, $0) }
        decision.summary = DecisionReading.text(decision)
        return decision
    }

    private static func clarity(
        _ action: Action, _ score: Double, _ parts: [Contribution], _ parameters: PortfolioParameters
    ) -> Double {
        if action == .hold {
            let limit = score >= 0 ? parameters.buyAbove : -parameters.sellBelow
            return max(0, 1 - abs(score) / limit)
        }
        let loudness = parts.map { abs($0.contribution) }.reduce(0, +)
        return loudness > 0 ? abs(score) / loudness : 0
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}

/// What a grade of the data is worth: it scales size and confidence.
struct DataQualityFactor {
    let value: Double
    let isUsable: Bool

    /// - Parameter grade: nil when nobody audited the data.
    init(_ grade: String?) {
        value = grade.map { ["A": 1, "B": 0.9, "C": 0.75, "D": 0.5][$0] ?? 0 } ?? 0.8
        isUsable = value > 0
    }
}

/// The action that follows from the score, and what stands in its way.
private struct Choice {
    let action: Decision.Action
    let weight: Double
    let size: PositionSize?
    let overruled: String?

    init(
        _ evidence: Evidence, _ parameters: PortfolioParameters, score: Double, quality: DataQualityFactor, held: Double
    ) {
        let wanted: Decision.Action =
            score > parameters.buyAbove ? .buy : score < parameters.sellBelow ? .sell : .hold
        guard wanted != .hold else {
            (action, weight, size, overruled) = (.hold, held, nil, nil)
            return
        }
        guard quality.isUsable else {
            (action, weight, size) = (.hold, held, nil)
            overruled = "the data has grade \(evidence.anomalies?.grade ?? "?"): nothing is decided on it"
            return
        }
        if wanted == .sell, parameters.direction == .longOnly {
            (action, weight, size, overruled) = (.sell, 0, nil, nil)
            return
        }
        let size = PositionSize(
            evidence, parameters, side: wanted == .buy ? 1 : -1, score: score, quality: quality.value)
        if wanted == .buy, size.weight == 0 {
            (action, weight, self.size) = (.hold, held, size)
            overruled = "the score says buy, the size says nothing: \(size.text)"
        } else {
            (action, weight, self.size, overruled) = (wanted, size.weight, size, nil)
        }
    }
}
