// SPDX-License-Identifier: Apache-2.0

/// Indicators of speed: how fast prices rise or fall, whatever their level.
package enum Momentum {
    /// Relative strength index, 0 to 100 (Wilder 1978, section VI): 100 − 100 / (1 + average gain / average loss), both
    /// averaged Wilder's way. Where nothing moved at all his ratio is 0 / 0; that is neither strength nor weakness: 50.
    package static func relativeStrength(_ close: [Double], period: Int) -> IndicatorLine? {
        let changes = zip(close.dropFirst(), close).map { $0 - $1 }
        guard
            let gains = MovingAverages.wilder(changes.map { max($0, 0) }, period: period),
            let losses = MovingAverages.wilder(changes.map { max(-$0, 0) }, period: period)
        else { return nil }
        let line = IndicatorLine.zip(gains, losses) { gain, loss in
            gain + loss > 0 ? 100 * gain / (gain + loss) : 50
        }
        // Change 0 belongs to bar 1.
        return IndicatorLine(start: line.start + 1, values: line.values)
    }

    package struct ConvergenceDivergence: Equatable, Sendable {
        package let macd: IndicatorLine
        package let signal: IndicatorLine
        package let histogram: IndicatorLine
    }

    /// Moving average convergence/divergence (G. Appel, The Moving Average Convergence-Divergence Trading Method,
    /// 1979): fast EMA less slow EMA, its own EMA as the signal, and their difference (T. Aspray's histogram, 1986).
    package static func convergenceDivergence(
        _ close: [Double], fast: Int, slow: Int, signal: Int
    ) -> ConvergenceDivergence? {
        guard
            let fastLine = MovingAverages.exponential(close, period: fast),
            let slowLine = MovingAverages.exponential(close, period: slow)
        else { return nil }
        let macd = IndicatorLine.zip(fastLine, slowLine, -)
        guard let signalLine = MovingAverages.exponential(macd, period: signal) else { return nil }
        return ConvergenceDivergence(
            macd: macd, signal: signalLine, histogram: IndicatorLine.zip(macd, signalLine, -))
    }

    package struct Stochastic: Equatable, Sendable {
        package let k: IndicatorLine
        package let d: IndicatorLine
    }

    /// Slow stochastic, 0 to 100 (G. C. Lane, "Lane's Stochastics", Stocks & Commodities, 1984): where the close lies
    /// between the lowest low and the highest high of `period` bars, smoothed over `smoothing` bars (%K), and the
    /// average of that (%D). In a range of zero width the close is in the middle: 50.
    package static func stochastic(
        high: [Double], low: [Double], close: [Double], period: Int, smoothing: Int, signal: Int
    ) -> Stochastic? {
        guard period > 0, close.count >= period else { return nil }
        let raw = (period - 1..<close.count).map { end in
            let window = (end - period + 1)...end
            let top = high[window].reduce(high[end], max)
            let bottom = low[window].reduce(low[end], min)
            return top > bottom ? 100 * (close[end] - bottom) / (top - bottom) : 50
        }
        let fast = IndicatorLine(start: period - 1, values: raw)
        guard
            let k = MovingAverages.simple(fast, period: smoothing), let d = MovingAverages.simple(k, period: signal)
        else { return nil }
        return Stochastic(k: k, d: d)
    }
}
