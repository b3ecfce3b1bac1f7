// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import TechnicalAnalyst

/// Against TA-Lib on twenty years of real prices; `reference/make_reference.py` says how, and where seeds differ.
@Suite struct ReferenceTests {
    struct Reference: Decodable {
        struct Point: Decodable {
            let bar: Int
            let value: Double
        }
        let indicators: [String: [Point]]
    }

    @Test func everyIndicatorAgreesWithTALib() throws {
        let data = try Sample.file("Tests/TechnicalAnalystTests/reference/reference.json")
        let reference = try JSONDecoder().decode(Reference.self, from: data)
        let lines = Self.lines(IndicatorSet(try Sample.sp500(), AnalysisParameters()))
        #expect(Set(reference.indicators.keys) == Set(lines.keys))
        for (name, points) in reference.indicators {
            #expect(points.count >= 10)
            for point in points {
                let value = try #require(lines[name]??.at(point.bar), "\(name) at \(point.bar)")
                #expect(
                    abs(value - point.value) <= 1e-9 * abs(point.value),
                    "\(name) at \(point.bar): \(value), \(point.value)")
            }
        }
    }

    private static func lines(_ set: IndicatorSet) -> [String: IndicatorLine?] {
        [
            "sma_short": set.smaShort, "sma_medium": set.smaMedium, "sma_long": set.smaLong, "ema_fast": set.emaFast,
            "ema_slow": set.emaSlow, "rsi": set.rsi, "macd": set.macd?.macd, "macd_signal": set.macd?.signal,
            "macd_histogram": set.macd?.histogram, "bollinger_upper": set.bollinger?.upper,
            "bollinger_middle": set.bollinger?.middle, "bollinger_lower": set.bollinger?.lower, "atr": set.atr,
            "adx": set.adx?.average, "plus_di": set.adx?.plus, "minus_di": set.adx?.minus,
            "stochastic_k": set.stochastic?.k, "stochastic_d": set.stochastic?.d,
        ]
    }
}
