// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// One voice in the decision.
struct Vote {
    let factor: Factor
    /// −1 (sell) to +1 (buy).
    let value: Double
    /// 0 to 1: how sure the specialist is.
    let confidence: Double
    let reason: String
}

/// What has a voice, and how much of one. The weights are a judgement, not an estimate: what follows prices (indicators,
/// trend, rules that were tried on the past) has three quarters, what measures the past has a quarter.
enum Factor: String, CaseIterable, Sendable {
    case technical, trend, backtests, risk, volatility, drawdown, seasonality

    var weight: Double {
        switch self {
        case .technical: 0.30
        case .trend: 0.25
        case .backtests: 0.20
        case .risk: 0.10
        case .volatility, .drawdown, .seasonality: 0.05
        }
    }

    /// Nil when the evidence for it is missing.
    func vote(_ evidence: Evidence) -> Vote? {
        switch self {
        case .technical: Voices.technical(evidence.technical)
        case .trend: Voices.trend(evidence.regime)
        case .backtests: Voices.backtests((evidence.backtests ?? []).compactMap(\.self))
        case .risk: Voices.risk(evidence.risk)
        case .volatility: Voices.volatility(evidence.regime)
        case .drawdown: Voices.drawdown(evidence.regime)
        case .seasonality: Voices.seasonality(evidence.seasonality)
        }
    }
}

/// How each kind of evidence becomes a number.
enum Voices {
    private static func bounded(_ value: Double) -> Double { min(1, max(-1, value)) }

    static func technical(_ technical: Evidence.Technical?) -> Vote? {
        technical.map {
            Vote(
                factor: .technical, value: bounded($0.score), confidence: $0.confidence ?? 1,
                reason: "the indicators score \(Figures.fixed($0.score)) between −1 and +1")
        }
    }

    /// Time series momentum (Moskowitz, Ooi & Pedersen 2012): a trend is followed either way.
    static func trend(_ regime: Evidence.Regime?) -> Vote? {
        guard let trend = regime?.trend, let value = ["up": 1.0, "sideways": 0, "down": -1][trend.current] else {
            return nil
        }
        return Vote(
            factor: .trend, value: value, confidence: regime?.confidence ?? 1,
            reason: "the trend is \(trend.current)\(since(trend))")
    }

    /// Turbulent markets pay less for each unit of risk (Moreira & Muir 2017), calm ones a little more.
    static func volatility(_ regime: Evidence.Regime?) -> Vote? {
        guard let volatility = regime?.volatility,
            let value = ["calm": 0.5, "normal": 0, "turbulent": -1][volatility.current]
        else { return nil }
        return Vote(
            factor: .volatility, value: value, confidence: regime?.confidence ?? 1,
            reason: "volatility is \(volatility.current)\(since(volatility))")
    }

    /// Nearness to the high goes on (George & Hwang 2004), deep falls take long.
    static func drawdown(_ regime: Evidence.Regime?) -> Vote? {
        let words = [
            "near_high": (0.5, "near its high"), "pullback": (0, "in a pullback"),
            "correction": (-0.5, "in a correction"), "bear": (-1, "in a bear market"),
        ]
        guard let drawdown = regime?.drawdown, let (value, text) = words[drawdown.current] else { return nil }
        return Vote(
            factor: .drawdown, value: value, confidence: regime?.confidence ?? 1,
            reason: "the price is \(text)\(since(drawdown))")
    }

    /// A rule votes with the side it is on, as much as its Sharpe ratio was above that of holding (half a point is a full
    /// voice) and as far as it traded often enough to tell. A rule that did not beat holding has no voice.
    static func backtests(_ backtests: [Evidence.Backtest]) -> Vote? {
        let rules = backtests.filter { $0.strategy.name != "buy_and_hold" }
        guard !rules.isEmpty else { return nil }
        var reasons: [String] = []
        let values = rules.map { rule -> Double in
            let name = rule.strategy.name.split(separator: "_").joined(separator: " ")
            guard let sharpe = rule.result.sharpe, let held = rule.buyAndHold.sharpe else {
                reasons.append("\(name) cannot be compared with holding")
                return 0
            }
            let place = rule.side > 0 ? "long" : rule.side < 0 ? "short" : "out"
            let ratios = "Sharpe ratio \(Figures.fixed(sharpe)) against \(Figures.fixed(held)) of holding"
            guard sharpe > held else {
                reasons.append("\(name) did not beat holding (\(ratios)) and has no voice")
                return 0
            }
            reasons.append("\(name) is \(place) (\(ratios))")
            return (rule.side > 0 ? 1 : -1) * min(1, (sharpe - held) / 0.5) * bounded(rule.confidence ?? 1)
        }
        let confidence = Moments.mean(rules.map { bounded($0.confidence ?? 1) })
        return Vote(
            factor: .backtests, value: bounded(Moments.mean(values)), confidence: max(0, confidence),
            reason: reasons.joined(separator: "; "))
    }

    /// What the past paid for its risk: a Sharpe ratio of 1 is a full voice.
    static func risk(_ risk: Evidence.Risk?) -> Vote? {
        guard let risk, let sharpe = risk.sharpe else { return nil }
        let length = risk.returns.map { " over \(Figures.count($0, "return"))" } ?? ""
        return Vote(
            factor: .risk, value: bounded(sharpe), confidence: risk.confidence ?? 1,
            reason: "the Sharpe ratio\(length) is \(Figures.fixed(sharpe))")
    }

    /// Only the coming month, and only when its effect held after correction: 3 % a month is a full voice.
    static func seasonality(_ seasonality: Evidence.Seasonality?) -> Vote? {
        guard let seasonality, (seasonality.tests ?? 1) > 0 else { return nil }
        let effects = (seasonality.families ?? []).filter { $0.name == "month" }.flatMap(\.effects)
        let ahead = effects.first { $0.name == seasonality.nextMonth && $0.isSignificant && $0.difference.isFinite }
        guard let ahead else {
            let month = seasonality.nextMonth.map { "\($0) does" } ?? "the coming month does"
            return Vote(
                factor: .seasonality, value: 0, confidence: seasonality.confidence ?? 1,
                reason: "\(month) not differ significantly from other months")
        }
        return Vote(
            factor: .seasonality, value: bounded(ahead.difference / 0.03), confidence: seasonality.confidence ?? 1,
            reason: "\(ahead.name) differed by \(Figures.percent(ahead.difference, 1, signed: true)) from other months")
    }

    private static func since(_ dimension: Evidence.Regime.Dimension) -> String {
        dimension.since.map { " since \(CalendarText.long($0))" } ?? ""
    }
}
