// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// How each number was computed, for readers who want to repeat it.
enum Methods {
    static func list(_ bars: Bars, technical: Analysis?, _ numbers: PriceStatistics) -> [Report.Remark] {
        var list: [Report.Remark] = []
        func add(_ heading: String, _ text: String) { list.append(Report.Remark(heading: heading, text: text)) }
        add("Prices", "All figures use the closing price as the file gives it; dividends are not added.")
        if numbers.growth != nil {
            add("Growth a year", "(last close / first close) to the power of 365.25 / days between them, less one.")
        }
        if numbers.volatility != nil {
            add(
                "Volatility",
                "Standard deviation of the logarithmic returns of the past year of bars, times the square root of "
                    + "\(Figures.fixed(bars.perYear ?? 0, 0)) bars a year.")
        }
        add("Drawdown", "Each close against the highest close up to that bar.")
        guard let technical else { return list }
        let values = technical.parameters
        let absent = Set(technical.absences.map(\.indicator))
        add("SMA", "Simple averages of \(values.smaShort), \(values.smaMedium) and \(values.smaLong) closes.")
        if !absent.contains("bollinger") {
            add(
                "Bollinger bands",
                "Average of \(values.bollinger) closes, \(Figures.fixed(values.bollingerWidth, 1)) population "
                    + "standard deviations to each side (Bollinger, 2001).")
        }
        if !absent.contains("rsi") {
            add("RSI", "\(values.rsi) bars, with Wilder's average of gains and losses (Wilder, 1978).")
        }
        if !absent.contains("macd") {
            add(
                "MACD",
                "EMA of \(values.macdFast) less EMA of \(values.macdSlow) closes; its signal is an EMA of "
                    + "\(values.macdSignal) (Appel, 1979).")
        }
        if !absent.contains("atr") {
            add("ATR", "Wilder's average of the true range over \(values.atr) bars (Wilder, 1978).")
        }
        if !absent.contains("adx") {
            add("ADX", "+DI, −DI and their smoothed index over \(values.adx) bars (Wilder, 1978).")
        }
        if !absent.contains("stochastic") {
            add(
                "Stochastic",
                "Place of the close in the range of \(values.stochastic) bars, smoothed over "
                    + "\(values.stochasticSmoothing); %D averages \(values.stochasticSignal) of it (Lane, 1984).")
        }
        add(
            "Score",
            "Weighted mean of the signals, bullish ones positive, each with its strength; weights: trend 0.30, "
                + "MACD 0.20, averages and directional movement 0.15 each, RSI 0.10, Bollinger bands and stochastic 0.05 each."
        )
        for absence in technical.absences { add("Without \(absence.indicator)", "\(absence.reason).") }
        return list
    }

    /// What the desk's numbers mean; the whole of it is in docs/trading-desk.md.
    static func desk(hasDecision: Bool, hasRegimes: Bool, hasSeasons: Bool, hasAudit: Bool) -> [Report.Remark] {
        var list: [Report.Remark] = []
        func add(_ heading: String, _ text: String) { list.append(Report.Remark(heading: heading, text: text)) }
        if hasDecision {
            add(
                "Decision",
                "Each voice says a number from −1 to +1; weights: technical 0.30, trend 0.25, backtests 0.20, risk 0.10, "
                    + "volatility, drawdown and seasonality 0.05 each, scaled to 1 over those that were heard.")
            add(
                "Position",
                "The smallest of target volatility / volatility, half of Kelly's bet (μ − r) / σ² and the cap, times "
                    + "|score| / 0.5 (at most 1) and a factor for the grade of the data.")
            add("Confidence", "Coverage × data quality × (½ + ½ × clarity).")
        }
        if hasRegimes {
            add(
                "Regimes",
                "Known at each close and never changed by what came later; returns after a state are those of the bars "
                    + "that followed it.")
        }
        if hasSeasons {
            add(
                "Seasons",
                "Each season against the rest by Welch's t test (1947); p corrected for all tests together by Holm "
                    + "(1979) and by Benjamini and Hochberg (1995).")
        }
        if hasAudit {
            add(
                "Anomalies",
                "Robust deviations: (x − median) / (1.4826 × MAD) of the bars before; the grade counts 1, 5 or 15 points "
                    + "for a warning, a serious or a critical finding.")
        }
        return list
    }
}
