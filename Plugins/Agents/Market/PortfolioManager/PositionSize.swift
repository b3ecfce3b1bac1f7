// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// How large a position may be: the smallest of three bounds, less what the score and the data leave open.
package struct PositionSize: Codable, Sendable, Equatable {
    /// The volatility a year that the position was measured with, and where it is from; absent when nobody measured one.
    package var volatility: Double?
    package var volatilityFrom: String?
    /// target / volatility.
    package var volatilityBound: Double?
    /// The taken share of the Kelly bet; absent without a mean return.
    package var kellyBound: Double?
    package var capBound: Double
    /// Which of them decides: `volatility`, `kelly` or `cap`.
    package var bound: String?
    /// 0 to 1: the score, where half a point is a full position.
    package var conviction: Double
    /// 0 to 1, by the grade of the data.
    package var quality: Double
    /// Share of the capital; below zero for a short position.
    package var weight: Double
    package var text: String

    enum CodingKeys: String, CodingKey {
        case volatility, bound, conviction, quality, weight, text
        case volatilityFrom = "volatility_from"
        case volatilityBound = "volatility_bound"
        case kellyBound = "kelly_bound"
        case capBound = "cap_bound"
    }

    /// - Parameter side: 1 for long, −1 for short.
    init(_ evidence: Evidence, _ parameters: PortfolioParameters, side: Double, score: Double, quality: Double) {
        self.quality = quality
        conviction = min(1, abs(score) / 0.5)
        capBound = parameters.weightMax
        (volatility, volatilityFrom) = Self.volatility(evidence)
        volatilityBound = volatility.map { parameters.targetVolatility / $0 }
        kellyBound = Self.kelly(evidence.risk, parameters, side: side)
        let bounds = [("volatility", volatilityBound), ("kelly", kellyBound), ("cap", Optional(capBound))]
            .compactMap { name, value in value.map { (name, $0) } }
        let smallest = bounds.min { $0.1 < $1.1 }
        // Without a volatility nothing says how much a position risks.
        let size = volatility == nil ? 0 : (smallest?.1 ?? 0)
        bound = volatility == nil ? nil : smallest?.0
        weight = side * (size * conviction * quality * 10_000).rounded() / 10_000
        text = ""
        text = words(parameters)
    }

    /// The higher of the long-run and the current one: a calm month is no reason to forget the crash before it.
    private static func volatility(_ evidence: Evidence) -> (Double?, String?) {
        let long = evidence.risk?.annualVolatility
        let current = evidence.regime?.periodsPerYear == nil ? nil : evidence.regime?.volatility?.measure
        let values = [(long, "the whole record"), (current, "the present")].compactMap { value, from in
            value.flatMap { $0 > 0 ? ($0, from) : nil }
        }
        guard let higher = values.max(by: { $0.0 < $1.0 }) else { return (nil, nil) }
        return (higher.0, higher.1)
    }

    /// J. L. Kelly, "A New Interpretation of Information Rate", 1956; for continuous returns (μ − r) / σ² (R. Merton 1969;
    /// E. O. Thorp, "The Kelly Criterion in Blackjack, Sports Betting and the Stock Market", 2006), with the arithmetic
    /// mean μ as the compound return + σ² / 2. Only a share of it is taken, for μ is never known well.
    private static func kelly(_ risk: Evidence.Risk?, _ parameters: PortfolioParameters, side: Double) -> Double? {
        guard let risk, let annual = risk.annualReturn, risk.annualVolatility > 0 else { return nil }
        let variance = risk.annualVolatility * risk.annualVolatility
        let excess = annual + variance / 2 - parameters.riskFree
        return parameters.kellyShare * max(0, side * excess) / variance
    }

    private func words(_ parameters: PortfolioParameters) -> String {
        guard let volatility, let volatilityBound else {
            return "no volatility is known, so nothing says how much a position would risk"
        }
        var text =
            "a volatility of \(Figures.percent(volatility)) a year (\(volatilityFrom ?? "?")) allows "
            + "\(Figures.percent(volatilityBound, 0)) for a target of \(Figures.percent(parameters.targetVolatility, 0))"
        if let kellyBound {
            text += ", \(Figures.percent(parameters.kellyShare, 0)) of Kelly's bet \(Figures.percent(kellyBound, 0))"
        }
        text += ", the cap \(Figures.percent(capBound, 0)); the smallest times conviction "
        return text + "\(Figures.fixed(conviction)) and data quality \(Figures.fixed(quality))"
    }
}
