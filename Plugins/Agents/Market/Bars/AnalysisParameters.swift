// SPDX-License-Identifier: Apache-2.0

/// Periods in bars, with the defaults their inventors used. Every field of the input may be left out.
package struct AnalysisParameters: Codable, Sendable, Equatable {
    package var smaShort = 20
    package var smaMedium = 50
    package var smaLong = 200
    package var rsi = 14
    package var macdFast = 12
    package var macdSlow = 26
    package var macdSignal = 9
    package var atr = 14
    package var bollinger = 20
    /// Standard deviations on each side.
    package var bollingerWidth = 2.0
    package var adx = 14
    package var stochastic = 14
    package var stochasticSmoothing = 3
    package var stochasticSignal = 3
    /// How many bars the series for charts cover.
    package var chartBars = 260

    package enum CodingKeys: String, CodingKey {
        case rsi, atr, bollinger, adx, stochastic
        case smaShort = "sma_short"
        case smaMedium = "sma_medium"
        case smaLong = "sma_long"
        case macdFast = "macd_fast"
        case macdSlow = "macd_slow"
        case macdSignal = "macd_signal"
        case bollingerWidth = "bollinger_width"
        case stochasticSmoothing = "stochastic_smoothing"
        case stochasticSignal = "stochastic_signal"
        case chartBars = "chart_bars"
    }

    package init() {}

    package init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
            value = try values.decodeIfPresent(Value.self, forKey: key) ?? value
        }
        try read(.smaShort, &smaShort)
        try read(.smaMedium, &smaMedium)
        try read(.smaLong, &smaLong)
        try read(.rsi, &rsi)
        try read(.macdFast, &macdFast)
        try read(.macdSlow, &macdSlow)
        try read(.macdSignal, &macdSignal)
        try read(.atr, &atr)
        try read(.bollinger, &bollinger)
        try read(.bollingerWidth, &bollingerWidth)
        try read(.adx, &adx)
        try read(.stochastic, &stochastic)
        try read(.stochasticSmoothing, &stochasticSmoothing)
        try read(.stochasticSignal, &stochasticSignal)
        try read(.chartBars, &chartBars)
    }
}
