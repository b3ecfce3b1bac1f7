// SPDX-License-Identifier: Apache-2.0
import MarketBars
import Testing

@testable import TechnicalAnalyst

/// Small examples worked out by hand, for the first values and the edges that a long series hides.
@Suite struct FormulaTests {
    @Test func simpleAverageStartsWhenItsWindowIsFull() {
        #expect(MovingAverages.simple([1, 2, 3, 4], period: 3) == IndicatorLine(start: 2, values: [2, 3]))
        #expect(MovingAverages.simple([1, 2], period: 3) == nil)
    }

    @Test func exponentialAverageIsSeededWithTheSimpleOne() {
        // Seed 2; then 2 + ½ (4 − 2) = 3; then 3 + ½ (7 − 3) = 5.
        #expect(MovingAverages.exponential([1, 2, 3, 4, 7], period: 3) == IndicatorLine(start: 2, values: [2, 3, 5]))
    }

    @Test func wilderAverageGivesTheNewestOneShare() {
        // Seed 3; then (3 × 1 + 7) / 2 = 5.
        #expect(MovingAverages.wilder([2, 4, 7], period: 2) == IndicatorLine(start: 1, values: [3, 5]))
    }

    @Test func relativeStrengthWeighsGainsAgainstLosses() throws {
        // Changes +2, −1, +1: gains 1 then 1, losses ½ then ¼.
        let line = try #require(Momentum.relativeStrength([10, 12, 11, 12], period: 2))
        #expect(line.start == 2)
        #expect(abs(line.values[0] - 100 * 2 / 3) < 1e-12 && abs(line.values[1] - 80) < 1e-12)
    }

    @Test func aMarketThatDoesNotMoveHasNoOpinion() throws {
        let flat = [Double](repeating: 5, count: 300)
        #expect(Momentum.relativeStrength(flat, period: 14)?.latest == 50)
        #expect(
            Momentum.stochastic(high: flat, low: flat, close: flat, period: 14, smoothing: 3, signal: 3)?.k.latest == 50
        )
        #expect(DirectionalMovement.lines(high: flat, low: flat, close: flat, period: 14)?.average.latest == 0)
        let analysis = try Analyst.analyse(Sample.bars(flat))
        #expect(analysis.score == 0 && analysis.direction == .neutral)
        #expect(analysis.signals.allSatisfy { $0.direction == .neutral && $0.strength == 0 })
    }

    @Test func onlyRisesAreAllStrength() throws {
        let rise = (1...50).map(Double.init)
        #expect(Momentum.relativeStrength(rise, period: 14)?.latest == 100)
        let lines = try #require(
            DirectionalMovement.lines(high: rise, low: rise.map { $0 - 0.5 }, close: rise, period: 14))
        #expect(lines.minus.latest == 0 && lines.average.latest == 100)
        #expect(lines.plus.start == 14 && lines.average.start == 27)
    }

    @Test func trueRangeCoversTheNightBefore() {
        let ranges = Volatility.trueRange(high: [10, 20, 6], low: [9, 18, 5], close: [9.5, 19, 5.5])
        #expect(ranges == [10.5, 14])
    }

    @Test func directionalMovementMatchesTheWorksheet() throws {
        // Highs 10, 12, 13, 12; lows 8, 9, 11, 9; closes 9, 11, 12, 10; period 2.
        // TR 3, 2, 3; +DM 2, 1, 0; −DM 0, 0, 2. Averages: TR 2.5, 2.75; +DM 1.5, 0.75; −DM 0, 1.
        let lines = try #require(
            DirectionalMovement.lines(high: [10, 12, 13, 12], low: [8, 9, 11, 9], close: [9, 11, 12, 10], period: 2))
        #expect(lines.plus.start == 2 && lines.average.start == 3)
        #expect(lines.plus.values == [60, 100 * 0.75 / 2.75] && lines.minus.values == [0, 100 * 1 / 2.75])
        // DX 100 and 100 × 0.25 / 1.75; ADX their mean.
        #expect(abs((lines.average.latest ?? 0) - (100 + 100 / 7.0) / 2) < 1e-9)
    }

    @Test func macdStartsWithItsSignal() throws {
        let close = (0..<40).map { 100 + Double($0 % 7) }
        let macd = try #require(Momentum.convergenceDivergence(close, fast: 12, slow: 26, signal: 9))
        #expect(macd.macd.start == 25 && macd.signal.start == 33 && macd.histogram.values.count == 7)
    }

    @Test func bandsUseThePopulationDeviation() throws {
        let bands = try #require(Volatility.bollinger([2, 4, 4, 4, 5, 5, 7, 9], period: 8, width: 2))
        #expect(bands.middle.latest == 5 && bands.upper.latest == 9 && bands.lower.latest == 1)
    }
}
