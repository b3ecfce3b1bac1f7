// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Every sentence with which this agent refuses its input.
enum RegimeAnalystErrors {
    static func bars(_ flaw: String) -> DataFault {
        DataFault(
            "cannot find regimes in these bars: \(flaw)", hint: "pass the bars of corral/market-data: ${load.bars}")
    }

    static func period(_ name: String, _ value: Int) -> DataFault {
        DataFault(
            "parameter \(name) is \(value); expected 1 to \(RegimeParameters.periodMax) bars",
            hint: "set \(name) in the input parameters, or leave it out for the default")
    }

    static func history(_ history: Int, min: Int) -> DataFault {
        DataFault(
            "history is \(history) and history_min \(min); expected 4 ≤ history_min ≤ history",
            hint: "set both in the input parameters, such as 1260 and 252, or leave them out")
    }

    static func shares(_ calm: Double, _ turbulent: Double) -> DataFault {
        DataFault(
            "calm_below is \(calm) and turbulent_above \(turbulent); expected 0 < calm_below < turbulent_above < 1",
            hint: "set them as shares of the past, such as 0.25 and 0.75")
    }

    static func depths(_ pullback: Double, _ correction: Double, _ bear: Double) -> DataFault {
        DataFault(
            "pullback, correction and bear are \(pullback), \(correction) and \(bear); "
                + "expected 0 < pullback < correction < bear < 1",
            hint: "set them as ratios below the high, such as 0.05, 0.1 and 0.2")
    }
}
