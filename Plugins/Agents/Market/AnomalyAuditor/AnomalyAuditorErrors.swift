// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Every sentence with which this agent refuses its input.
enum AnomalyAuditorErrors {
    static func bars(_ flaw: String) -> DataFault {
        DataFault("cannot audit these bars: \(flaw)", hint: "pass the bars of corral/market-data: ${load.bars}")
    }

    static func window(_ value: Int) -> DataFault {
        DataFault(
            "window is \(value); expected 20 to \(AuditParameters.windowMax) bars",
            hint: "set window in the input parameters, or leave it out")
    }

    static func limit(_ name: String, _ value: Double) -> DataFault {
        DataFault(
            "\(name) is \(value); expected 3 to 100 robust deviations",
            hint: "set \(name) in the input parameters, or leave it out")
    }

    static func stale(_ value: Int) -> DataFault {
        DataFault(
            "stale_bars is \(value); expected 2 to 1000",
            hint: "set stale_bars in the input parameters, or leave it out")
    }
}
