// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Every sentence with which this agent refuses its input.
enum RiskManagerErrors {
    static func bars(_ which: String, _ flaw: String) -> DataFault {
        DataFault("cannot measure these \(which): \(flaw)", hint: "pass the bars of corral/market-data: ${load.bars}")
    }

    static func tooFew(_ count: Int) -> DataFault {
        DataFault(
            "these are \(Figures.count(count, "bar")); risk needs at least \(RiskParameters.barsMin)",
            hint: "load a longer history")
    }

    static func noYear() -> DataFault {
        DataFault(
            "the bars name no interval and span less than 30 days, so no yearly figure can be made of them",
            hint: "load a longer history, or bars whose interval is daily, weekly or monthly")
    }

    static func level(_ value: Double) -> DataFault {
        DataFault(
            "confidence level \(value) is out of range; expected at least 0.5 and below 1",
            hint: "set levels in the input parameters, such as [0.95, 0.99]")
    }

    static func levels(_ count: Int) -> DataFault {
        DataFault(
            "there are \(count) confidence levels; expected 1 to \(RiskParameters.levelsMax)",
            hint: "set levels in the input parameters, such as [0.95, 0.99]")
    }

    static func riskFree(_ value: Double) -> DataFault {
        DataFault(
            "risk_free is \(value); expected a yearly rate above −0.5 and below 1, such as 0.02",
            hint: "set risk_free in the input parameters, or leave it out for 0")
    }
}
