// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What the portfolio manager reads of the specialists' outputs, and no more: each may be missing, each may come from
/// another agent that states the same members.
package struct Evidence: Codable, Sendable {
    package struct Technical: Codable, Sendable {
        package var symbol: String?
        package var asOf: String?
        package var close: Double?
        /// −1 to +1.
        package var score: Double
        package var confidence: Double?

        enum CodingKeys: String, CodingKey {
            case symbol, close, score, confidence
            case asOf = "as_of"
        }
    }

    package struct Risk: Codable, Sendable {
        package var symbol: String?
        package var asOf: String?
        package var returns: Int?
        /// Ratios a year; the return compound.
        package var annualReturn: Double?
        package var annualVolatility: Double
        package var sharpe: Double?
        package var confidence: Double?

        enum CodingKeys: String, CodingKey {
            case symbol, returns, sharpe, confidence
            case asOf = "as_of"
            case annualReturn = "annual_return"
            case annualVolatility = "annual_volatility"
        }
    }

    package struct Backtest: Codable, Sendable {
        package struct Strategy: Codable, Sendable { package var name: String }
        package struct Result: Codable, Sendable { package var sharpe: Double? }

        package var strategy: Strategy
        package var result: Result
        package var buyAndHold: Result
        /// Where the rule stands: 1 long, 0 out, −1 short.
        package var side: Int
        package var confidence: Double?

        enum CodingKeys: String, CodingKey {
            case strategy, result, side, confidence
            case buyAndHold = "buy_and_hold"
        }
    }

    package struct Regime: Codable, Sendable {
        package struct Dimension: Codable, Sendable {
            package var current: String
            package var since: String?
            package var measure: Double?
        }
        package struct Year: Codable, Sendable { package var value: Double }

        package var symbol: String?
        package var asOf: String?
        package var trend: Dimension?
        package var volatility: Dimension?
        package var drawdown: Dimension?
        /// Without it the measure of volatility is of one bar and not of a year.
        package var periodsPerYear: Year?
        package var confidence: Double?

        enum CodingKeys: String, CodingKey {
            case symbol, trend, volatility, drawdown, confidence
            case asOf = "as_of"
            case periodsPerYear = "periods_per_year"
        }
    }

    package struct Seasonality: Codable, Sendable {
        package struct Effect: Codable, Sendable {
            package var name: String
            package var difference: Double
            package var isSignificant: Bool

            enum CodingKeys: String, CodingKey {
                case name, difference
                case isSignificant = "is_significant"
            }
        }
        package struct Family: Codable, Sendable {
            package var name: String
            package var effects: [Effect]
        }

        package var families: [Family]?
        package var nextMonth: String?
        package var tests: Int?
        package var confidence: Double?

        enum CodingKeys: String, CodingKey {
            case families, tests, confidence
            case nextMonth = "next_month"
        }
    }

    package struct Audit: Codable, Sendable {
        package var grade: String
    }

    /// Needed only when no specialist names it.
    package var symbol: String?
    package var technical: Technical?
    package var risk: Risk?
    /// Of several rules; null where one could not be traded.
    package var backtests: [Backtest?]?
    package var regime: Regime?
    package var seasonality: Seasonality?
    package var anomalies: Audit?
    /// The last decision, when the caller knows it; else memory is asked.
    package var previous: PreviousDecision?
    package var parameters: PortfolioParameters?

    package init() {}

    /// The symbol that all are about.
    func subject() throws -> String {
        let named = [symbol, technical?.symbol, risk?.symbol, regime?.symbol].compactMap(\.self).filter { !$0.isEmpty }
        guard let first = named.first else { throw PortfolioManagerErrors.noSymbol() }
        if let other = named.first(where: { $0 != first }) { throw PortfolioManagerErrors.symbols([first, other]) }
        return first
    }

    /// The date of the newest bar that a specialist saw.
    var asOf: String? { [technical?.asOf, risk?.asOf, regime?.asOf].compactMap(\.self).max() }

    /// - Throws: `DataFault` for a number that no specialist gives, so that none of it reaches the result.
    func check() throws {
        let ranges: [(String, Double?, ClosedRange<Double>)] = [
            ("technical.score", technical?.score, -1...1), ("technical.confidence", technical?.confidence, 0...1),
            ("risk.annual_volatility", risk?.annualVolatility, 0...1e6),
            ("risk.annual_return", risk?.annualReturn, -1...1e6), ("risk.sharpe", risk?.sharpe, -1e6...1e6),
            ("risk.confidence", risk?.confidence, 0...1), ("regime.confidence", regime?.confidence, 0...1),
            ("regime.volatility.measure", regime?.volatility?.measure, 0...1e6),
            ("seasonality.confidence", seasonality?.confidence, 0...1),
        ]
        for (name, value, range) in ranges {
            if let value, !range.contains(value) { throw PortfolioManagerErrors.number(name, value) }
        }
        for backtest in (backtests ?? []).compactMap(\.self) {
            for value in [backtest.result.sharpe, backtest.buyAndHold.sharpe, backtest.confidence].compactMap(\.self)
            where !(abs(value) <= 1e6) { throw PortfolioManagerErrors.number("backtests", value) }
        }
        try (parameters ?? PortfolioParameters()).check()
    }
}

/// A decision of before: as this agent gave or remembered it, or as a caller writes it.
package struct PreviousDecision: Codable, Sendable, Equatable {
    package struct Part: Codable, Sendable, Equatable {
        package var factor: String
        package var contribution: Double

        package init(factor: String, contribution: Double) {
            self.factor = factor
            self.contribution = contribution
        }
    }

    /// `buy`, `hold`, `sell`, or what compliance made of it.
    package var action: String
    package var weight: Double
    package var score: Double?
    package var asOf: String?
    package var contributions: [Part]?

    enum CodingKeys: String, CodingKey {
        case action, weight, score, contributions
        case asOf = "as_of"
    }

    package init(
        action: String, weight: Double, score: Double? = nil, asOf: String? = nil, contributions: [Part]? = nil
    ) {
        self.action = action
        self.weight = weight
        self.score = score
        self.asOf = asOf
        self.contributions = contributions
    }
}
