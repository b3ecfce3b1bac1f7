// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Every sentence with which this agent refuses its input.
enum TechnicalAnalystErrors {
    static func bars(_ flaw: String) -> DataFault {
        DataFault("cannot analyse these bars: \(flaw)", hint: "pass the bars of corral/market-data: ${load.bars}")
    }

    static func period(_ name: String, _ value: Int) -> DataFault {
        DataFault(
            "parameter \(name) is \(value); expected 1 to \(AnalysisParameters.periodMax) bars",
            hint: "set \(name) in the input parameters, or leave it out for the default")
    }

    static func averagesOutOfOrder(_ short: Int, _ medium: Int, _ long: Int) -> DataFault {
        DataFault(
            "the averages are \(short), \(medium) and \(long) bars; expected short < medium < long",
            hint: "set sma_short, sma_medium and sma_long in rising order")
    }

    static func macdOutOfOrder(fast: Int, slow: Int) -> DataFault {
        DataFault(
            "macd_fast is \(fast) and macd_slow is \(slow); expected fast < slow",
            hint: "set macd_fast below macd_slow, such as 12 and 26")
    }

    static func width(_ value: Double) -> DataFault {
        DataFault(
            "bollinger_width is \(value); expected more than 0 and at most 10 standard deviations",
            hint: "set bollinger_width, usually 2")
    }

    static func chartBars(_ value: Int) -> DataFault {
        DataFault(
            "chart_bars is \(value); expected 2 to \(AnalysisParameters.chartBarsMax)",
            hint: "set chart_bars in the input parameters, or leave it out for 260")
    }
}
