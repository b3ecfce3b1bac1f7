// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import TechnicalAnalyst

@Suite struct AnalysisTests {
    @Test func readsTheEndOf2018AsADownturn() throws {
        let analysis = try Analyst.analyse(Sample.sp500())
        #expect(analysis.direction == .bearish && analysis.score < -0.3)
        #expect((0...1).contains(analysis.confidence) && analysis.absences.isEmpty)
        #expect(analysis.signals.count == 8 && analysis.signals.allSatisfy { (0...1).contains($0.strength) })
        let trend = try #require(analysis.signals.first { $0.name == "Trend" })
        #expect(trend.reading == "The close of 2,506.85 is 8.7% below its 200-day average of 2,746.00.")
        #expect(analysis.summary.hasPrefix("S&P 500 closed at 2,506.85 on "))
    }

    @Test func boundsTheSeriesForCharts() throws {
        let series = try Analyst.analyse(Sample.sp500()).series
        #expect(series.date.count == 260 && series.close.count == 260)
        let lines = [
            series.smaShort, series.smaMedium, series.smaLong, series.bollingerUpper, series.bollingerLower, series.rsi,
            series.macd, series.macdSignal, series.macdHistogram,
        ]
        #expect(lines.allSatisfy { $0?.count == 260 && $0?.contains(nil) == false })
    }

    @Test func leavesOutWhatTooFewBarsCannotSay() throws {
        let analysis = try Analyst.analyse(Sample.bars((0..<30).map { 100 + Double($0) }))
        #expect(analysis.latest.smaLong == nil && analysis.latest.macd == nil && analysis.latest.rsi != nil)
        #expect(analysis.absences.contains(.init(indicator: "macd", reason: "needs 34 bars, these are 30")))
        #expect(analysis.series.smaLong == nil && analysis.series.smaShort?.first == .some(nil))
        let json = String(decoding: try JSONEncoder().encode(analysis), as: UTF8.self)
        #expect(!json.contains("sma_long\":0"))
    }

    @Test(arguments: 1...60) func indicatorsAppearExactlyWhenTheyAreSaidTo(count: Int) throws {
        let bars = Sample.bars((0..<count).map { 100 + Double($0 % 5) })
        let set = IndicatorSet(bars, AnalysisParameters())
        let lines: [String: IndicatorLine?] = [
            "sma_short": set.smaShort, "sma_medium": set.smaMedium, "sma_long": set.smaLong, "ema_fast": set.emaFast,
            "ema_slow": set.emaSlow, "rsi": set.rsi, "macd": set.macd?.signal, "bollinger": set.bollinger?.middle,
            "atr": set.atr, "adx": set.adx?.average, "stochastic": set.stochastic?.d,
        ]
        #expect(Set(lines.filter { $0.value == nil }.keys) == Set(set.absences.map(\.indicator)))
    }

    @Test func saysWhyRangesAreAbsent() throws {
        var bars = Sample.bars((0..<300).map { 100 + Double($0 % 9) })
        bars.low = nil
        let analysis = try Analyst.analyse(bars)
        #expect(analysis.absences.map(\.indicator) == ["atr", "adx", "stochastic"])
        #expect(analysis.absences.allSatisfy { $0.reason == "the bars have no high and low" })
        #expect(analysis.latest.macd != nil && analysis.confidence <= 0.8)
    }

    @Test func oneBarIsAnAnswerWithoutSignals() throws {
        let analysis = try Analyst.analyse(Sample.bars([7]))
        #expect(analysis.signals.isEmpty && analysis.score == 0 && analysis.confidence == 0)
        #expect(analysis.summary == "X closed at 7.00 on day 0. There are too few bars for any indicator.")
    }

    @Test func readsOverboughtAsBearish() throws {
        let rise = try Analyst.analyse(Sample.bars((0..<300).map { 100 + Double($0) }))
        let rsi = try #require(rise.signals.first { $0.name == "RSI" })
        #expect(
            rsi.direction == .bearish && rsi.strength == 1 && rsi.reading == "RSI is 100.0: overbought (70 or more).")
        #expect(rise.direction == .bullish)
    }

    struct Refusal: Sendable {
        let json: String
        let message: String
    }

    @Test(arguments: [
        Refusal(json: #"{"rsi": 0}"#, message: "parameter rsi is 0; expected 1 to 2520 bars"),
        Refusal(json: #"{"sma_long": 9999}"#, message: "parameter sma_long is 9999; expected 1 to 2520 bars"),
        Refusal(json: #"{"macd_fast": 30}"#, message: "macd_fast is 30 and macd_slow is 26; expected fast < slow"),
        Refusal(
            json: #"{"sma_short": 60}"#, message: "the averages are 60, 50 and 200 bars; expected short < medium < long"
        ),
        Refusal(
            json: #"{"bollinger_width": -1}"#,
            message: "bollinger_width is -1.0; expected more than 0 and at most 10 standard deviations"),
        Refusal(json: #"{"chart_bars": 1}"#, message: "chart_bars is 1; expected 2 to 1000"),
    ]) func refusesSenselessParameters(_ refusal: Refusal) throws {
        let parameters = try JSONDecoder().decode(AnalysisParameters.self, from: Data(refusal.json.utf8))
        let fault = try #require(throws: DataFault.self) {
            try Analyst.analyse(Sample.bars([1, 2]), parameters: parameters)
        }
        #expect(fault.message == refusal.message)
    }

    @Test func refusesBarsThatDoNotHoldTogether() throws {
        var bars = Sample.bars([1, 2])
        bars.date = ["only one"]
        let fault = try #require(throws: DataFault.self) { try Analyst.analyse(bars) }
        #expect(fault.message == #"cannot analyse these bars: column "date" has 1 values and "close" has 2"#)
    }

    /// Any finite prices give finite numbers: JSON has no others.
    @Test func survivesWildPrices() throws {
        for (low, high) in [(1e-12, 1e14), (Double.leastNonzeroMagnitude, 1e-300), (1e14, 9.9e14)] {
            let close = (0..<400).map { $0 % 3 == 0 ? high : low }
            let bars = Bars(
                symbol: "X", interval: "daily", date: close.indices.map(String.init), high: close, low: close,
                close: close)
            _ = try JSONEncoder().encode(try Analyst.analyse(bars))
        }
    }
}
