// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// A signal and how much it counts in the verdict.
struct WeighedSignal {
    let signal: Analysis.Signal
    /// 0 for signals that only describe, such as volatility.
    let weight: Double
}

/// Reads the indicators the way their textbooks do, as sentences with numbers.
///
/// A strength says how far a reading is past its neutral point, on a scale that is 1 where the reading is extreme; the
/// scale is in the comment of each signal. Trend signals weigh more than stretched-market signals: the latter are
/// right about turns and wrong about how long a trend lasts.
struct SignalReader {
    let bars: Bars
    let parameters: AnalysisParameters
    let indicators: IndicatorSet

    static let weights = (trend: 0.3, averages: 0.15, macd: 0.2, adx: 0.15, rsi: 0.1, bollinger: 0.05, stochastic: 0.05)

    func signals() -> [WeighedSignal] {
        let weights = Self.weights
        let all: [(Analysis.Signal?, Double)] = [
            (trend(), weights.trend), (averages(), weights.averages), (macd(), weights.macd), (adx(), weights.adx),
            (rsi(), weights.rsi), (bollinger(), weights.bollinger), (stochastic(), weights.stochastic), (range(), 0),
        ]
        return all.compactMap { signal, weight in signal.map { WeighedSignal(signal: $0, weight: weight) } }
    }

    private var close: Double { bars.close.last ?? 0 }

    /// "50-day", "12-month", "20-bar".
    private func span(_ period: Int) -> String {
        let units = ["daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year"]
        return "\(period)-\(units[bars.interval] ?? "bar")"
    }

    // MARK: Trend

    /// Price against its long average (or the longest there is); 10 % away is full strength.
    private func trend() -> Analysis.Signal? {
        let candidates = [
            (parameters.smaLong, indicators.smaLong), (parameters.smaMedium, indicators.smaMedium),
            (parameters.smaShort, indicators.smaShort),
        ]
        guard let (period, line) = candidates.first(where: { $0.1 != nil }), let average = line?.latest else {
            return nil
        }
        let distance = close / average - 1
        let reading =
            "The close of \(Figures.price(close)) is \(Figures.percent(abs(distance))) "
            + "\(side(distance)) its \(span(period)) average of \(Figures.price(average))."
        return signal("Trend", distance, full: 0.1, reading)
    }

    /// The medium against the long average; 5 % apart is full strength.
    private func averages() -> Analysis.Signal? {
        guard
            let medium = indicators.smaMedium, let long = indicators.smaLong,
            let mediumValue = medium.latest, let longValue = long.latest
        else { return nil }
        let gap = IndicatorLine.zip(medium, long, -)
        let reading =
            "The \(span(parameters.smaMedium)) average of \(Figures.price(mediumValue)) \(place(gap)) "
            + "the \(span(parameters.smaLong)) average of \(Figures.price(longValue))\(since(gap))."
        return signal("Moving averages", mediumValue / longValue - 1, full: 0.05, reading)
    }

    /// The histogram; half an average true range, or 1 % of the price without one, is full strength.
    private func macd() -> Analysis.Signal? {
        guard
            let lines = indicators.macd, let macd = lines.macd.latest, let line = lines.signal.latest,
            let histogram = lines.histogram.latest
        else { return nil }
        let full = indicators.atr?.latest.map { $0 / 2 } ?? close / 100
        let reading =
            "MACD at \(decimals(macd)) \(place(lines.histogram)) its signal line at \(decimals(line))"
            + "\(since(lines.histogram))."
        return signal("MACD", histogram, full: full, reading)
    }

    /// Below 20 there is no trend to follow (the usual threshold is 20 to 25); 50 is full strength.
    private func adx() -> Analysis.Signal? {
        guard
            let lines = indicators.adx, let adx = lines.average.latest, let plus = lines.plus.latest,
            let minus = lines.minus.latest
        else { return nil }
        let numbers =
            "ADX is \(Figures.fixed(adx, 1)) with +DI at \(Figures.fixed(plus, 1)) "
            + "and −DI at \(Figures.fixed(minus, 1))"
        guard adx >= 20, plus != minus else { return neutral("Directional movement", numbers + ": no clear trend.") }
        let words = adx >= 40 ? "a strong" : adx >= 25 ? "a clear" : "a weak"
        let direction = plus > minus ? 1.0 : -1
        return signal(
            "Directional movement", direction * (adx - 20), full: 30,
            numbers + ": \(words) \(direction > 0 ? "upward" : "downward") trend.")
    }

    // MARK: Stretched markets

    /// Above 70 overbought, below 30 oversold (Wilder); 15 points past the line is full strength.
    private func rsi() -> Analysis.Signal? {
        guard let rsi = indicators.rsi?.latest else { return nil }
        let value = "RSI is \(Figures.fixed(rsi, 1))"
        if rsi >= 70 { return signal("RSI", 70 - rsi, full: 15, value + ": overbought (70 or more).", .bearish) }
        if rsi <= 30 { return signal("RSI", 30 - rsi, full: 15, value + ": oversold (30 or less).", .bullish) }
        return neutral("RSI", value + ", between oversold (30) and overbought (70).")
    }

    /// Outside the bands; half a band width beyond is full strength.
    private func bollinger() -> Analysis.Signal? {
        guard
            let bands = indicators.bollinger, let upper = bands.upper.latest, let lower = bands.lower.latest,
            upper > lower
        else { return nil }
        let range = "\(Figures.price(lower)) to \(Figures.price(upper))"
        let position = (close - lower) / (upper - lower)
        if position > 1 {
            return signal(
                "Bollinger bands", 1 - position, full: 0.5,
                "The close is above the bands (\(range)): stretched upwards.")
        }
        if position < 0 {
            return signal(
                "Bollinger bands", -position, full: 0.5, "The close is below the bands (\(range)): stretched downwards."
            )
        }
        return neutral(
            "Bollinger bands",
            "The close is inside the bands (\(range)), \(Figures.percent(position, 0)) of the way up.")
    }

    /// Above 80 overbought, below 20 oversold (Lane); the end of the scale is full strength.
    private func stochastic() -> Analysis.Signal? {
        guard let lines = indicators.stochastic, let k = lines.k.latest, let d = lines.d.latest else { return nil }
        let values = "Stochastic %K is \(Figures.fixed(k, 1)) and %D \(Figures.fixed(d, 1))"
        if k >= 80 { return signal("Stochastic", 80 - k, full: 20, values + ": overbought (80 or more).", .bearish) }
        if k <= 20 { return signal("Stochastic", 20 - k, full: 20, values + ": oversold (20 or less).", .bullish) }
        return neutral("Stochastic", values + ", between oversold (20) and overbought (80).")
    }

    /// Describes, and points nowhere.
    private func range() -> Analysis.Signal? {
        guard let line = indicators.atr, let atr = line.latest, close > 0 else { return nil }
        let year = line.values.suffix(Int(bars.perYear ?? 252)).sorted()
        let usual = year[year.count / 2]
        var reading = "The average true range is \(Figures.price(atr)), \(Figures.percent(atr / close)) of the price"
        if year.count > 20, usual > 0 {
            reading += ", \(Figures.fixed(atr / usual, 1)) times its median of the past year"
        }
        return neutral("Volatility", reading + ".")
    }

    // MARK: Words

    private func signal(
        _ name: String, _ value: Double, full: Double, _ reading: String, _ fixed: Analysis.Direction? = nil
    ) -> Analysis.Signal {
        let strength = full > 0 ? min(1, abs(value) / full) : 0
        let direction: Analysis.Direction = value > 0 ? .bullish : value < 0 ? .bearish : .neutral
        return Analysis.Signal(name: name, direction: fixed ?? direction, strength: rounded(strength), reading: reading)
    }

    private func neutral(_ name: String, _ reading: String) -> Analysis.Signal {
        Analysis.Signal(name: name, direction: .neutral, strength: 0, reading: reading)
    }

    private func side(_ difference: Double) -> String {
        difference > 0 ? "above" : difference < 0 ? "below" : "level with"
    }

    /// MACD is a difference of prices: as many decimals as the price deserves, even when the difference is small.
    private func decimals(_ value: Double) -> String { Figures.fixed(value, close >= 1 ? 2 : 6) }

    /// "is above", "has crossed above", "has been above" before "for 12 bars".
    private func place(_ line: IndicatorLine) -> String {
        let side = side(line.latest ?? 0)
        switch age(line) {
        case nil: return "is \(side)"
        case 1: return "has crossed, as of this bar, \(side)"
        default: return "has been \(side)"
        }
    }

    private func since(_ line: IndicatorLine) -> String {
        guard let bars = age(line), bars > 1 else { return "" }
        return " for \(Figures.count(bars, "bar"))"
    }

    /// For how many bars the line has kept its sign; nil when it never changed.
    private func age(_ line: IndicatorLine) -> Int? {
        guard let last = line.values.last, last != 0 else { return nil }
        let length = line.values.reversed().prefix { ($0 > 0) == (last > 0) && $0 != 0 }.count
        return length < line.values.count ? length : nil
    }

    /// Strengths are judgements; four digits are plenty and keep the output stable.
    private func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
