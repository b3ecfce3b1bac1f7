// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// A decision that wants to be allowed, and what it takes to judge it.
package struct Proposal: Codable, Sendable {
    /// The members of corral/portfolio-manager's decision that rules look at.
    package struct Decision: Codable, Sendable {
        package var symbol: String
        /// `buy`, `hold` or `sell`.
        package var action: String
        /// The position to have, as a share of the capital.
        package var weight: Double
        package var confidence: Double?

        package init(symbol: String, action: String, weight: Double, confidence: Double? = nil) {
            self.symbol = symbol
            self.action = action
            self.weight = weight
            self.confidence = confidence
        }
    }

    package struct Holding: Codable, Sendable {
        package var symbol: String
        package var weight: Double
        package var group: String?

        package init(symbol: String, weight: Double, group: String? = nil) {
            self.symbol = symbol
            self.weight = weight
            self.group = group
        }
    }

    package struct Risk: Codable, Sendable {
        package struct ValueAtRisk: Codable, Sendable {
            package var level: Double
            package var historical: Double
        }
        package struct Year: Codable, Sendable { package var value: Double }

        package var valueAtRisk: [ValueAtRisk]?
        /// Of the bars that were measured; left out, they are taken for days.
        package var periodsPerYear: Year?

        enum CodingKeys: String, CodingKey {
            case valueAtRisk = "value_at_risk"
            case periodsPerYear = "periods_per_year"
        }
    }

    package struct Audit: Codable, Sendable { package var grade: String }

    /// A fund that holds more is not decided about here.
    static let holdingsMax = 10_000

    package var decision: Decision
    /// What is held now, the symbol of the decision included if it is; left out: nothing.
    package var portfolio: [Holding]?
    /// The group of the symbol of the decision.
    package var group: String?
    /// The output of corral/risk-manager.
    package var risk: Risk?
    /// The output of corral/anomaly-auditor.
    package var anomalies: Audit?

    package init(
        _ decision: Decision, portfolio: [Holding]? = nil, group: String? = nil, risk: Risk? = nil,
        anomalies: Audit? = nil
    ) {
        self.decision = decision
        self.portfolio = portfolio
        self.group = group
        self.risk = risk
        self.anomalies = anomalies
    }

    /// - Throws: `DataFault` for numbers that are none.
    func check() throws {
        guard abs(decision.weight) <= 1e6 else {
            throw ComplianceCheckerErrors.number("decision.weight", decision.weight)
        }
        if let confidence = decision.confidence, !(0...1).contains(confidence) {
            throw ComplianceCheckerErrors.number("decision.confidence", confidence)
        }
        let holdings = portfolio ?? []
        guard holdings.count <= Self.holdingsMax else { throw ComplianceCheckerErrors.holdings(holdings.count) }
        for holding in holdings where !(abs(holding.weight) <= 1e6) {
            throw ComplianceCheckerErrors.number("the weight of \(holding.symbol)", holding.weight)
        }
    }

    /// The position now.
    var held: Double { (portfolio ?? []).filter { $0.symbol == decision.symbol }.map(\.weight).reduce(0, +) }

    var others: [Holding] { (portfolio ?? []).filter { $0.symbol != decision.symbol } }

    var isTrade: Bool { decision.action != "hold" }

    /// A smaller position on the same side breaks no limit that the larger one did not.
    var reduces: Bool { abs(decision.weight) <= abs(held) && decision.weight * held >= 0 && held != 0 }

    /// At 99 % in one day. A loss of longer or shorter bars is brought to a day by the root of time (Jorion, Value at Risk,
    /// 3rd ed. 2006, chapter 4).
    var valueAtRisk: Double? {
        guard let bar = risk?.valueAtRisk?.first(where: { abs($0.level - 0.99) < 1e-9 && $0.historical.isFinite })
        else {
            return nil
        }
        let perYear = risk?.periodsPerYear?.value ?? 252
        return perYear > 0 && perYear < 1e9 ? bar.historical * (perYear / 252).squareRoot() : bar.historical
    }
}
