// SPDX-License-Identifier: Apache-2.0
import MarketBars

extension AnalysisParameters {
    /// The largest period: beyond ten years of days an average says nothing, and its cost is bars × period.
    static let periodMax = 2_520
    static let chartBarsMax = 1_000

    /// - Throws: `DataFault` naming the first parameter that makes no sense.
    func check() throws {
        let periods: [(CodingKeys, Int)] = [
            (.smaShort, smaShort), (.smaMedium, smaMedium), (.smaLong, smaLong), (.rsi, rsi), (.macdFast, macdFast),
            (.macdSlow, macdSlow), (.macdSignal, macdSignal), (.atr, atr), (.bollinger, bollinger), (.adx, adx),
            (.stochastic, stochastic), (.stochasticSmoothing, stochasticSmoothing),
            (.stochasticSignal, stochasticSignal),
        ]
        for (key, value) in periods where !(1...Self.periodMax).contains(value) {
            throw TechnicalAnalystErrors.period(key.rawValue, value)
        }
        guard smaShort < smaMedium, smaMedium < smaLong else {
            throw TechnicalAnalystErrors.averagesOutOfOrder(smaShort, smaMedium, smaLong)
        }
        guard macdFast < macdSlow else { throw TechnicalAnalystErrors.macdOutOfOrder(fast: macdFast, slow: macdSlow) }
        guard bollingerWidth > 0, bollingerWidth <= 10 else { throw TechnicalAnalystErrors.width(bollingerWidth) }
        guard (2...Self.chartBarsMax).contains(chartBars) else { throw TechnicalAnalystErrors.chartBars(chartBars) }
    }
}
