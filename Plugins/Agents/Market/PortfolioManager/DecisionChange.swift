// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What is different since the last decision, and what made it so.
package struct DecisionChange: Codable, Sendable, Equatable {
    package struct Mover: Codable, Sendable, Equatable {
        package var factor: String
        package var before: Double
        package var now: Double
    }

    package var previousAction: String
    package var previousWeight: Double
    package var previousAsOf: String?
    /// Another action than before.
    package var isFlip: Bool
    package var weightChange: Double
    package var scoreChange: Double?
    /// Voices that changed by more than a hundredth of the score, the largest change first.
    package var movers: [Mover]
    package var text: String

    enum CodingKeys: String, CodingKey {
        case movers, text
        case previousAction = "previous_action"
        case previousWeight = "previous_weight"
        case previousAsOf = "previous_as_of"
        case isFlip = "is_flip"
        case weightChange = "weight_change"
        case scoreChange = "score_change"
    }

    /// Nil when the last decision is about a later day: then this one looks back, and nothing changed.
    init?(_ decision: Decision, _ previous: PreviousDecision) {
        if let now = decision.asOf.flatMap(CivilDate.init(iso:)),
            let then = previous.asOf.flatMap(CivilDate.init(iso:)),
            then > now
        {
            return nil
        }
        guard previous.weight.isFinite else { return nil }
        previousAction = previous.action
        previousWeight = previous.weight
        previousAsOf = previous.asOf
        isFlip = previous.action != decision.action.rawValue
        weightChange = decision.weight - previous.weight
        scoreChange = previous.score.map { decision.score - $0 }
        let before = Dictionary(
            (previous.contributions ?? []).map { ($0.factor, $0.contribution) }, uniquingKeysWith: { first, _ in first }
        )
        let now = Dictionary(uniqueKeysWithValues: decision.contributions.map { ($0.factor, $0.contribution) })
        // A caller that gives no contributions knows nothing of the voices of before.
        let factors = before.isEmpty ? [] : Factor.allCases.map(\.rawValue)
        movers = factors.map { Mover(factor: $0, before: before[$0] ?? 0, now: now[$0] ?? 0) }
            .filter { abs($0.now - $0.before) > 0.01 }
            .sorted { abs($0.now - $0.before) > abs($1.now - $1.before) }
        text = ""
        text = words(decision)
    }

    private func words(_ decision: Decision) -> String {
        let when = previousAsOf.map { " of \(CalendarText.long($0))" } ?? ""
        let action = decision.action.rawValue
        var text =
            isFlip
            ? "The decision\(when) was \(previousAction); it is now \(action)."
            : "The decision\(when) was \(previousAction) too."
        if abs(weightChange) >= 0.005 {
            text += " The position goes from \(Figures.percent(previousWeight, 0)) to "
            text += "\(Figures.percent(decision.weight, 0)) of the capital."
        }
        if !movers.isEmpty {
            let parts = movers.prefix(3).map {
                "\($0.factor) (\(Figures.fixed($0.before)) to \(Figures.fixed($0.now)))"
            }
            text += " What moved: \(parts.joined(separator: ", "))."
        } else if !isFlip {
            text += " Nothing moved."
        }
        return text
    }
}
