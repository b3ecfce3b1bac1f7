// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Every sentence with which this agent refuses its input.
enum ReportWriterErrors {
    static func noBars() -> DataFault {
        DataFault("there are no prices to report", hint: "pass data: ${load} (or bars: ${load.bars}) to this step")
    }

    static func bars(_ flaw: String) -> DataFault {
        DataFault("cannot report these bars: \(flaw)", hint: "pass the bars of corral/market-data: ${load.bars}")
    }

    static func curve(_ name: String, _ count: Int, _ dates: Int) -> DataFault {
        DataFault(
            "curve \"\(name)\" of a backtest has \(count) values and \(dates) dates",
            hint: "pass the outputs of corral/backtester as they are: [${trend_rule}, ${breakout_rule}]")
    }

    static func ranking(_ name: String, _ count: Int, _ symbols: Int) -> DataFault {
        DataFault(
            "the ranking has \(count) \(name) for \(Figures.count(symbols, "symbol"))",
            hint: "pass lists of one length and order: the results of steps with one for_each")
    }

    static func series(_ name: String, _ count: Int, _ dates: Int) -> DataFault {
        DataFault(
            "series \"\(name)\" of the technical analysis has \(count) values and \(dates) dates",
            hint: "pass the output of corral/technical-analyst as it is: ${technical}")
    }
}
