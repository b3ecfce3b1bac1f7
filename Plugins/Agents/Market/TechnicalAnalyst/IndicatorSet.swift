// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// All indicators of one price history; what cannot be computed is nil and its reason is kept.
struct IndicatorSet {
    let smaShort: IndicatorLine?
    let smaMedium: IndicatorLine?
    let smaLong: IndicatorLine?
    let emaFast: IndicatorLine?
    let emaSlow: IndicatorLine?
    let rsi: IndicatorLine?
    let macd: Momentum.ConvergenceDivergence?
    let bollinger: Volatility.Bands?
    let atr: IndicatorLine?
    let adx: DirectionalMovement.Lines?
    let stochastic: Momentum.Stochastic?
    let absences: [Analysis.Absence]

    init(_ bars: Bars, _ parameters: AnalysisParameters) {
        let close = bars.close
        smaShort = MovingAverages.simple(close, period: parameters.smaShort)
        smaMedium = MovingAverages.simple(close, period: parameters.smaMedium)
        smaLong = MovingAverages.simple(close, period: parameters.smaLong)
        emaFast = MovingAverages.exponential(close, period: parameters.macdFast)
        emaSlow = MovingAverages.exponential(close, period: parameters.macdSlow)
        rsi = Momentum.relativeStrength(close, period: parameters.rsi)
        macd = Momentum.convergenceDivergence(
            close, fast: parameters.macdFast, slow: parameters.macdSlow, signal: parameters.macdSignal)
        bollinger = Volatility.bollinger(close, period: parameters.bollinger, width: parameters.bollingerWidth)
        if let high = bars.high, let low = bars.low {
            atr = Volatility.averageTrueRange(high: high, low: low, close: close, period: parameters.atr)
            adx = DirectionalMovement.lines(high: high, low: low, close: close, period: parameters.adx)
            stochastic = Momentum.stochastic(
                high: high, low: low, close: close, period: parameters.stochastic,
                smoothing: parameters.stochasticSmoothing, signal: parameters.stochasticSignal)
        } else {
            (atr, adx, stochastic) = (nil, nil, nil)
        }
        absences = Self.absences(bars, parameters)
    }

    private static func absences(_ bars: Bars, _ parameters: AnalysisParameters) -> [Analysis.Absence] {
        let needs: [(name: String, bars: Int, needsRange: Bool)] = [
            ("sma_short", parameters.smaShort, false), ("sma_medium", parameters.smaMedium, false),
            ("sma_long", parameters.smaLong, false), ("ema_fast", parameters.macdFast, false),
            ("ema_slow", parameters.macdSlow, false), ("rsi", parameters.rsi + 1, false),
            ("macd", parameters.macdSlow + parameters.macdSignal - 1, false),
            ("bollinger", parameters.bollinger, false), ("atr", parameters.atr + 1, true),
            ("adx", 2 * parameters.adx, true),
            (
                "stochastic", parameters.stochastic + parameters.stochasticSmoothing + parameters.stochasticSignal - 2,
                true
            ),
        ]
        return needs.compactMap { need in
            if need.needsRange, bars.high == nil || bars.low == nil {
                return Analysis.Absence(indicator: need.name, reason: "the bars have no high and low")
            }
            guard bars.count < need.bars else { return nil }
            return Analysis.Absence(
                indicator: need.name,
                reason: "needs \(Figures.count(need.bars, "bar")), these are \(Figures.grouped(bars.count))")
        }
    }
}
