// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Wilder's directional system: which side moves the range, and how much of the movement has a direction.
enum DirectionalMovement {
    struct Lines: Equatable, Sendable {
        /// +DI, −DI and ADX, each 0 to 100.
        let plus: IndicatorLine
        let minus: IndicatorLine
        let average: IndicatorLine
    }

    /// Wilder 1978, section IV. +DM is the part of today's range above yesterday's, −DM the part below; the larger one
    /// counts, equal ones cancel. DI = 100 × smoothed DM / smoothed true range; DX = 100 × |+DI − −DI| / (+DI + −DI);
    /// ADX is Wilder's average of DX, so it needs twice the period.
    static func lines(high: [Double], low: [Double], close: [Double], period: Int) -> Lines? {
        let ranges = Volatility.trueRange(high: high, low: low, close: close)
        let moves = high.indices.dropFirst().map { bar in
            move(up: high[bar] - high[bar - 1], down: low[bar - 1] - low[bar])
        }
        guard
            let range = MovingAverages.wilder(ranges, period: period),
            let plus = MovingAverages.wilder(moves.map(\.plus), period: period),
            let minus = MovingAverages.wilder(moves.map(\.minus), period: period)
        else { return nil }
        let plusIndex = shifted(IndicatorLine.zip(plus, range, share))
        let minusIndex = shifted(IndicatorLine.zip(minus, range, share))
        let directional = IndicatorLine.zip(plusIndex, minusIndex) { plus, minus in
            share(abs(plus - minus), plus + minus)
        }
        guard let average = MovingAverages.wilder(directional.values, period: period) else { return nil }
        return Lines(
            plus: plusIndex, minus: minusIndex,
            average: IndicatorLine(start: average.start + directional.start, values: average.values))
    }

    private static func move(up: Double, down: Double) -> (plus: Double, minus: Double) {
        (up > down && up > 0 ? up : 0, down > up && down > 0 ? down : 0)
    }

    /// A market that does not move has no direction: 0.
    private static func share(_ part: Double, _ whole: Double) -> Double { whole > 0 ? 100 * part / whole : 0 }

    /// Range 0 belongs to bar 1.
    private static func shifted(_ line: IndicatorLine) -> IndicatorLine {
        IndicatorLine(start: line.start + 1, values: line.values)
    }
}
