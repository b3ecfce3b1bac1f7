// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What the report reads of the desk's decision and of what compliance made of it: the members it prints, and no more.
package struct DecisionFindings: Codable, Sendable {
    package struct Contribution: Codable, Sendable {
        package var factor: String
        package var value: Double
        package var weight: Double
        package var contribution: Double
        package var confidence: Double?
        package var reason: String
    }

    package struct Size: Codable, Sendable {
        package var bound: String?
        package var text: String
    }

    package struct Changed: Codable, Sendable {
        package struct Mover: Codable, Sendable {
            package var factor: String
            package var before: Double
            package var now: Double
        }

        package var isFlip: Bool
        package var previousAction: String?
        package var movers: [Mover]?
        package var text: String

        enum CodingKeys: String, CodingKey {
            case movers, text
            case isFlip = "is_flip"
            case previousAction = "previous_action"
        }
    }

    package var symbol: String
    package var action: String
    package var weight: Double
    package var score: Double
    package var confidence: Double
    package var coverage: Double?
    package var clarity: Double?
    package var size: Size?
    package var contributions: [Contribution]
    package var absences: [String]?
    package var overruled: String?
    package var changed: Changed?
    package var memory: String?
    package var summary: String
}

package struct ComplianceFindings: Codable, Sendable {
    package struct Rule: Codable, Sendable {
        package var rule: String
        package var outcome: String
        package var value: String
        package var limit: String
        package var text: String
    }

    package struct Effective: Codable, Sendable {
        package var action: String
        package var weight: Double
    }

    /// `allow` or `block`.
    package var verdict: String
    package var decision: Effective
    package var rules: [Rule]
    package var summary: String

    var isBlocked: Bool { verdict != "allow" }
}

package struct RiskFindings: Codable, Sendable {
    package struct ValueAtRisk: Codable, Sendable {
        package var level: Double
        package var historical: Double
        package var parametric: Double
        package var historicalShortfall: Double
        package var observations: Int

        enum CodingKeys: String, CodingKey {
            case level, historical, parametric, observations
            case historicalShortfall = "historical_shortfall"
        }
    }

    package struct Fall: Codable, Sendable {
        package var depth: Double
        package var peak: String
        package var trough: String
        package var recovered: String?
    }

    package var returns: Int
    package var basis: String
    package var periodsPerYear: PeriodsPerYear?
    package var annualReturn: Double
    package var annualVolatility: Double
    package var valueAtRisk: [ValueAtRisk]
    package var maxDrawdown: Fall?
    package var sharpe: Double?
    package var sortino: Double?
    package var calmar: Double?
    package var absences: [String]?
    package var summary: String

    enum CodingKeys: String, CodingKey {
        case returns, basis, sharpe, sortino, calmar, absences, summary
        case periodsPerYear = "periods_per_year"
        case annualReturn = "annual_return"
        case annualVolatility = "annual_volatility"
        case valueAtRisk = "value_at_risk"
        case maxDrawdown = "max_drawdown"
    }
}

package struct AuditFindings: Codable, Sendable {
    package struct Count: Codable, Sendable {
        package var rule: String
        package var count: Int
        package var worst: String
        package var points: Double
    }

    package struct Finding: Codable, Sendable {
        package var date: String
        package var rule: String
        package var severity: String
        package var text: String
    }

    package var grade: String
    package var score: Double
    package var counts: [Count]
    package var findings: [Finding]
    package var findingsTotal: Int?
    package var summary: String

    enum CodingKeys: String, CodingKey {
        case grade, score, counts, findings, summary
        case findingsTotal = "findings_total"
    }
}
