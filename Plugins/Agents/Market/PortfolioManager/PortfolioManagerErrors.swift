// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Every sentence with which this agent refuses its input.
enum PortfolioManagerErrors {
    static func noSymbol() -> DataFault {
        DataFault(
            "nothing says which symbol to decide about",
            hint: "pass symbol, or the output of corral/technical-analyst or corral/risk-manager")
    }

    static func symbols(_ names: [String]) -> DataFault {
        DataFault(
            "the evidence is about different symbols: \(names.map { "\"\($0)\"" }.joined(separator: ", "))",
            hint: "pass the outputs of one symbol; decide about each symbol by a call of its own (for_each)")
    }

    static func number(_ name: String, _ value: Double) -> DataFault {
        DataFault(
            "\(name) is \(value), which the specialist cannot have measured",
            hint: "pass the outputs of the specialists as they are: ${risk}, ${technical}")
    }

    static func parameter(_ name: String, _ value: Double, _ expected: String) -> DataFault {
        DataFault(
            "parameter \(name) is \(value); expected \(expected)",
            hint: "set \(name) in the input parameters, or leave it out for the default")
    }
}
