// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Every sentence with which this agent refuses its input.
enum BacktesterErrors {
    static func bars(_ flaw: String) -> DataFault {
        DataFault("cannot trade these bars: \(flaw)", hint: "pass the bars of corral/market-data: ${load.bars}")
    }

    static func tooFew(_ count: Int, needed: Int) -> DataFault {
        DataFault(
            "these are \(Figures.count(count, "bar")); the rule needs \(Figures.grouped(needed)) to trade at all",
            hint: "load a longer history, or shorten the rule's periods")
    }

    static func noYear() -> DataFault {
        DataFault(
            "the bars name no interval and span less than 30 days, so no yearly figure can be made of them",
            hint: "load a longer history, or bars whose interval is daily, weekly or monthly")
    }

    static func period(_ name: String, _ value: Int) -> DataFault {
        DataFault(
            "strategy.\(name) is \(value); expected 1 to \(StrategyChoice.periodMax) bars",
            hint: "set \(name) in the strategy, or leave it out for the default")
    }

    static func averagesOutOfOrder(fast: Int, slow: Int) -> DataFault {
        DataFault(
            "strategy.fast is \(fast) and strategy.slow is \(slow); expected fast < slow",
            hint: "set fast below slow, such as 50 and 200")
    }

    static func thresholds(_ low: Double, _ high: Double) -> DataFault {
        DataFault(
            "strategy.oversold is \(low) and strategy.overbought is \(high); expected 0 < oversold < overbought < 100",
            hint: "set them around 50, such as 30 and 70")
    }

    static func commission(_ value: Double) -> DataFault {
        DataFault(
            "terms.commission is \(value); expected a share of the traded amount from 0 to 0.2, such as 0.001",
            hint: "set commission in the terms, or leave it out for 0")
    }

    static func capital(_ value: Double) -> DataFault {
        DataFault(
            "terms.capital is \(value); expected more than 0 and less than \(Figures.amount(Bars.priceMax))",
            hint: "set capital in the terms, or leave it out for 100,000")
    }

    static func riskFree(_ value: Double) -> DataFault {
        DataFault(
            "terms.risk_free is \(value); expected a yearly rate above −0.5 and below 1, such as 0.02",
            hint: "set risk_free in the terms, or leave it out for 0")
    }
}
