// SPDX-License-Identifier: Apache-2.0

/// What the indicators say about one price history: values, series for charts, signals and a reading.
package struct Analysis: Codable, Sendable, Equatable {
    /// The last value of each indicator; absent ones are missing here and explained in `absences`.
    package struct Latest: Codable, Sendable, Equatable {
        package var smaShort: Double?
        package var smaMedium: Double?
        package var smaLong: Double?
        package var emaFast: Double?
        package var emaSlow: Double?
        package var rsi: Double?
        package var macd: Double?
        package var macdSignal: Double?
        package var macdHistogram: Double?
        package var bollingerUpper: Double?
        package var bollingerMiddle: Double?
        package var bollingerLower: Double?
        package var atr: Double?
        package var adx: Double?
        package var plusDI: Double?
        package var minusDI: Double?
        package var stochasticK: Double?
        package var stochasticD: Double?

        enum CodingKeys: String, CodingKey {
            case rsi, macd, atr, adx
            case smaShort = "sma_short"
            case smaMedium = "sma_medium"
            case smaLong = "sma_long"
            case emaFast = "ema_fast"
            case emaSlow = "ema_slow"
            case macdSignal = "macd_signal"
            case macdHistogram = "macd_histogram"
            case bollingerUpper = "bollinger_upper"
            case bollingerMiddle = "bollinger_middle"
            case bollingerLower = "bollinger_lower"
            case plusDI = "plus_di"
            case minusDI = "minus_di"
            case stochasticK = "stochastic_k"
            case stochasticD = "stochastic_d"
        }

        package init() {}
    }

    package struct Absence: Codable, Sendable, Equatable {
        package var indicator: String
        package var reason: String

        package init(indicator: String, reason: String) {
            self.indicator = indicator
            self.reason = reason
        }
    }

    /// The last `chart_bars` bars; null where an indicator was not defined yet, a missing key where it never was.
    package struct Series: Codable, Sendable, Equatable {
        package var date: [String]
        package var close: [Double]
        package var smaShort: [Double?]?
        package var smaMedium: [Double?]?
        package var smaLong: [Double?]?
        package var bollingerUpper: [Double?]?
        package var bollingerLower: [Double?]?
        package var rsi: [Double?]?
        package var macd: [Double?]?
        package var macdSignal: [Double?]?
        package var macdHistogram: [Double?]?

        enum CodingKeys: String, CodingKey {
            case date, close, rsi, macd
            case smaShort = "sma_short"
            case smaMedium = "sma_medium"
            case smaLong = "sma_long"
            case bollingerUpper = "bollinger_upper"
            case bollingerLower = "bollinger_lower"
            case macdSignal = "macd_signal"
            case macdHistogram = "macd_histogram"
        }

        package init(date: [String], close: [Double]) {
            self.date = date
            self.close = close
        }
    }

    package struct Signal: Codable, Sendable, Equatable {
        package var name: String
        /// `bullish`, `bearish` or `neutral`.
        package var direction: Direction
        /// 0 to 1; 0 for neutral signals.
        package var strength: Double
        /// A sentence with the numbers it rests on.
        package var reading: String

        package init(name: String, direction: Direction, strength: Double, reading: String) {
            self.name = name
            self.direction = direction
            self.strength = strength
            self.reading = reading
        }
    }

    package enum Direction: String, Codable, CaseIterable, Sendable {
        case bullish, bearish, neutral
    }

    package var symbol: String
    package var interval: String
    /// Date of the last bar.
    package var asOf: String
    package var count: Int
    package var close: Double
    package var parameters: AnalysisParameters
    package var latest: Latest
    package var absences: [Absence]
    package var series: Series
    package var signals: [Signal]
    /// −1 (all signals bearish at full strength) to +1.
    package var score: Double
    /// `bullish`, `bearish` or `neutral`: the score beyond ±0.15.
    package var direction: Direction
    /// 0 to 1: how many of the signals could be computed, and how far they agree.
    package var confidence: Double
    package var summary: String

    enum CodingKeys: String, CodingKey {
        case symbol, interval, count, close, parameters, latest, absences, series, signals, score, direction, confidence
        case summary
        case asOf = "as_of"
    }

    package init(
        symbol: String, interval: String, asOf: String, count: Int, close: Double, parameters: AnalysisParameters,
        latest: Latest, absences: [Absence], series: Series, signals: [Signal], score: Double, direction: Direction,
        confidence: Double, summary: String
    ) {
        self.symbol = symbol
        self.interval = interval
        self.asOf = asOf
        self.count = count
        self.close = close
        self.parameters = parameters
        self.latest = latest
        self.absences = absences
        self.series = series
        self.signals = signals
        self.score = score
        self.direction = direction
        self.confidence = confidence
        self.summary = summary
    }
}
