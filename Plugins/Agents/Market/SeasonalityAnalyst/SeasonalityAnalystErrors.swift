// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Every sentence with which this agent refuses its input.
enum SeasonalityAnalystErrors {
    static func bars(_ flaw: String) -> DataFault {
        DataFault("cannot compare these bars: \(flaw)", hint: "pass the bars of corral/market-data: ${load.bars}")
    }

    static func level(_ value: Double) -> DataFault {
        DataFault(
            "level is \(value); expected a confidence of at least 0.5 and below 1",
            hint: "set level in the input parameters, such as 0.95, or leave it out")
    }

    static func turn(_ before: Int, _ after: Int) -> DataFault {
        DataFault(
            "turn_before is \(before) and turn_after \(after); expected 0 to 5 days each, and not both 0",
            hint: "set them in the input parameters, such as 1 and 3, or leave them out")
    }

    static func observations(_ value: Int) -> DataFault {
        DataFault(
            "observations_min is \(value); expected 2 to 1000",
            hint: "set observations_min in the input parameters, or leave it out for 5")
    }
}
