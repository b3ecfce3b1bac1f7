// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What a user may set. Every field may be left out.
package struct SeasonalityParameters: Codable, Sendable, Equatable {
    /// Of the confidence intervals; an effect is significant below 1 − level after correction.
    package var level = 0.95
    /// A season with fewer returns is not tested.
    package var observationsMin = 5
    /// The turn of the month: its last trading days and the first of the next (Lakonishok & Smidt 1988: −1 to +3).
    package var turnBefore = 1
    package var turnAfter = 3

    enum CodingKeys: String, CodingKey {
        case level
        case observationsMin = "observations_min"
        case turnBefore = "turn_before"
        case turnAfter = "turn_after"
    }

    package init() {}

    package init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        level = try values.decodeIfPresent(Double.self, forKey: .level) ?? level
        observationsMin = try values.decodeIfPresent(Int.self, forKey: .observationsMin) ?? observationsMin
        turnBefore = try values.decodeIfPresent(Int.self, forKey: .turnBefore) ?? turnBefore
        turnAfter = try values.decodeIfPresent(Int.self, forKey: .turnAfter) ?? turnAfter
    }

    /// - Throws: `DataFault` naming the first parameter that makes no sense.
    func check() throws {
        guard level >= 0.5, level < 1 else { throw SeasonalityAnalystErrors.level(level) }
        guard (2...1_000).contains(observationsMin) else {
            throw SeasonalityAnalystErrors.observations(observationsMin)
        }
        guard (0...5).contains(turnBefore), (0...5).contains(turnAfter), turnBefore + turnAfter > 0 else {
            throw SeasonalityAnalystErrors.turn(turnBefore, turnAfter)
        }
    }
}
