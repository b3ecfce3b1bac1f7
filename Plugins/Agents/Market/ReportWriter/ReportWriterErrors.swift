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

    static func series(_ name: String, _ count: Int, _ dates: Int) -> DataFault {
        DataFault(
            "series \"\(name)\" of the technical analysis has \(count) values and \(dates) dates",
            hint: "pass the output of corral/technical-analyst as it is: ${technical}")
    }
}
