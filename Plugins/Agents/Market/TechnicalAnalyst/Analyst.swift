// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Bars in, reading out: the whole of this agent without its shell.
package enum Analyst {
    /// - Throws: `DataFault` when the bars or the parameters cannot be used.
    package static func analyse(
        _ bars: Bars, parameters: AnalysisParameters = AnalysisParameters()
    ) throws -> Analysis {
        if let flaw = bars.flaw { throw TechnicalAnalystErrors.bars(flaw) }
        try parameters.check()
        let indicators = IndicatorSet(bars, parameters)
        let weighed = SignalReader(bars: bars, parameters: parameters, indicators: indicators).signals()
        let signals = weighed.map(\.signal)
        let verdict = Verdict(weighed)
        return Analysis(
            symbol: bars.symbol, interval: bars.interval, asOf: bars.date.last ?? "", count: bars.count,
            close: bars.close.last ?? 0, parameters: parameters, latest: latest(indicators),
            absences: indicators.absences, series: series(bars, indicators, count: parameters.chartBars),
            signals: signals, score: verdict.score, direction: verdict.direction, confidence: verdict.confidence,
            summary: verdict.summary(bars, signals: signals, absences: indicators.absences))
    }

    private static func latest(_ set: IndicatorSet) -> Analysis.Latest {
        var latest = Analysis.Latest()
        latest.smaShort = set.smaShort?.latest
        latest.smaMedium = set.smaMedium?.latest
        latest.smaLong = set.smaLong?.latest
        latest.emaFast = set.emaFast?.latest
        latest.emaSlow = set.emaSlow?.latest
        latest.rsi = set.rsi?.latest
        latest.macd = set.macd?.macd.latest
        latest.macdSignal = set.macd?.signal.latest
        latest.macdHistogram = set.macd?.histogram.latest
        latest.bollingerUpper = set.bollinger?.upper.latest
        latest.bollingerMiddle = set.bollinger?.middle.latest
        latest.bollingerLower = set.bollinger?.lower.latest
        latest.atr = set.atr?.latest
        latest.adx = set.adx?.average.latest
        latest.plusDI = set.adx?.plus.latest
        latest.minusDI = set.adx?.minus.latest
        latest.stochasticK = set.stochastic?.k.latest
        latest.stochasticD = set.stochastic?.d.latest
        return latest
    }

    private static func series(_ bars: Bars, _ set: IndicatorSet, count: Int) -> Analysis.Series {
        func tail(_ line: IndicatorLine?) -> [Double?]? { line?.tail(count, of: bars.count) }
        var series = Analysis.Series(date: Array(bars.date.suffix(count)), close: Array(bars.close.suffix(count)))
        series.smaShort = tail(set.smaShort)
        series.smaMedium = tail(set.smaMedium)
        series.smaLong = tail(set.smaLong)
        series.bollingerUpper = tail(set.bollinger?.upper)
        series.bollingerLower = tail(set.bollinger?.lower)
        series.rsi = tail(set.rsi)
        series.macd = tail(set.macd?.macd)
        series.macdSignal = tail(set.macd?.signal)
        series.macdHistogram = tail(set.macd?.histogram)
        return series
    }
}
