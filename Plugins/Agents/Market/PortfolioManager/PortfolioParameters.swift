// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What a user may set. Every field may be left out.
package struct PortfolioParameters: Codable, Sendable, Equatable {
    package enum Direction: String, Codable, CaseIterable, Sendable {
        case longOnly = "long_only"
        case longShort = "long_short"
    }

    /// The volatility a year that the position may bring into the portfolio.
    package var targetVolatility = 0.10
    /// The part of the Kelly bet that is taken.
    package var kellyShare = 0.5
    /// The largest position, as a share of the capital.
    package var weightMax = 1.0
    /// A score above the first is bought, below the second sold.
    package var buyAbove = 0.15
    package var sellBelow = -0.15
    package var direction = Direction.longOnly
    /// The yearly rate that money earns without risk, as a ratio.
    package var riskFree = 0.0

    enum CodingKeys: String, CodingKey {
        case direction
        case targetVolatility = "target_volatility"
        case kellyShare = "kelly_share"
        case weightMax = "weight_max"
        case buyAbove = "buy_above"
        case sellBelow = "sell_below"
        case riskFree = "risk_free"
    }

    package init() {}

    package init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        targetVolatility = try values.decodeIfPresent(Double.self, forKey: .targetVolatility) ?? targetVolatility
        kellyShare = try values.decodeIfPresent(Double.self, forKey: .kellyShare) ?? kellyShare
        weightMax = try values.decodeIfPresent(Double.self, forKey: .weightMax) ?? weightMax
        buyAbove = try values.decodeIfPresent(Double.self, forKey: .buyAbove) ?? buyAbove
        sellBelow = try values.decodeIfPresent(Double.self, forKey: .sellBelow) ?? sellBelow
        direction = try values.decodeIfPresent(Direction.self, forKey: .direction) ?? direction
        riskFree = try values.decodeIfPresent(Double.self, forKey: .riskFree) ?? riskFree
    }

    /// - Throws: `DataFault` naming the first parameter that makes no sense.
    func check() throws {
        func expect(_ name: String, _ value: Double, _ isGood: Bool, _ range: String) throws {
            if !isGood { throw PortfolioManagerErrors.parameter(name, value, range) }
        }
        try expect(
            "target_volatility", targetVolatility, targetVolatility > 0 && targetVolatility <= 2,
            "more than 0 and at most 2")
        try expect("kelly_share", kellyShare, kellyShare > 0 && kellyShare <= 1, "more than 0 and at most 1")
        try expect("weight_max", weightMax, weightMax > 0 && weightMax <= 10, "more than 0 and at most 10")
        try expect("buy_above", buyAbove, buyAbove > 0 && buyAbove < 1, "more than 0 and less than 1")
        try expect("sell_below", sellBelow, sellBelow > -1 && sellBelow < 0, "more than −1 and less than 0")
        try expect("risk_free", riskFree, riskFree > -0.5 && riskFree < 1, "a yearly rate above −0.5 and below 1")
    }
}
