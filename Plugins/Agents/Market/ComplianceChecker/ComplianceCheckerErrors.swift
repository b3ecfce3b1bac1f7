// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Every sentence with which this agent refuses its input.
enum ComplianceCheckerErrors {
    static func number(_ name: String, _ value: Double) -> DataFault {
        DataFault(
            "\(name) is \(value), which is no share of a capital",
            hint: "pass the decision of corral/portfolio-manager: ${decide}")
    }

    static func holdings(_ count: Int) -> DataFault {
        DataFault(
            "the portfolio has \(Figures.grouped(count)) positions; at most \(Figures.grouped(Proposal.holdingsMax)) are checked",
            hint: "pass the positions that count, or check parts of the portfolio")
    }
}
