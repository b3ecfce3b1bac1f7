// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What a user may set. Every field may be left out.
package struct RiskParameters: Codable, Sendable, Equatable {
    /// Below this the measures would say more about chance than about risk.
    static let barsMin = 20
    static let levelsMax = 8

    /// Confidence levels of value at risk, each at least 0.5 and below 1.
    package var levels = [0.95, 0.99]
    /// The yearly rate that money earns without risk, as a ratio.
    package var riskFree = 0.0

    enum CodingKeys: String, CodingKey {
        case levels
        case riskFree = "risk_free"
    }

    package init() {}

    package init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        levels = try values.decodeIfPresent([Double].self, forKey: .levels) ?? levels
        riskFree = try values.decodeIfPresent(Double.self, forKey: .riskFree) ?? riskFree
    }

    /// - Throws: `DataFault` naming the first parameter that makes no sense.
    func check() throws {
        guard (1...Self.levelsMax).contains(levels.count) else { throw RiskManagerErrors.levels(levels.count) }
        if let level = levels.first(where: { !($0 >= 0.5 && $0 < 1) }) { throw RiskManagerErrors.level(level) }
        guard riskFree > -0.5, riskFree < 1 else { throw RiskManagerErrors.riskFree(riskFree) }
    }
}
