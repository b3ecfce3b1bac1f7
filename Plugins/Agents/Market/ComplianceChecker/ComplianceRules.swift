// SPDX-License-Identifier: Apache-2.0
import CorralSDK

/// The limits, from the configuration of the plugin.
package struct ComplianceRules: Codable, Sendable, Equatable {
    /// Of the capital, in one symbol.
    package var positionMax = 0.6
    /// Sum of all positions without their signs.
    package var leverageMax = 1.0
    /// Herfindahl–Hirschman index of the positions: Σ weight², cash counting nothing. 1 is everything in one, 0.36 is 60 %
    /// in one.
    package var concentrationMax = 0.5
    /// Of the capital, in one group (sector, country) as the portfolio names them.
    package var groupMax = 1.0
    /// What the position may lose in one day of a hundred: weight × historical value at risk at 99 %.
    package var valueAtRiskMax = 0.03
    package var confidenceMin = 0.0
    /// The worst grade of the data on which one may buy or sell.
    package var gradeMin = "C"
    /// Whether data that nobody audited blocks.
    package var requireAudit = true
    package var allowShort = false
    /// Symbols that are not traded at all.
    package var restricted: [String] = []

    static let grades = ["A", "B", "C", "D", "F"]

    enum CodingKeys: String, CodingKey {
        case restricted
        case positionMax = "position_max"
        case leverageMax = "leverage_max"
        case concentrationMax = "concentration_max"
        case groupMax = "group_max"
        case valueAtRiskMax = "value_at_risk_max"
        case confidenceMin = "confidence_min"
        case gradeMin = "grade_min"
        case requireAudit = "require_audit"
        case allowShort = "allow_short"
    }

    package init() {}

    package init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        positionMax = try values.decodeIfPresent(Double.self, forKey: .positionMax) ?? positionMax
        leverageMax = try values.decodeIfPresent(Double.self, forKey: .leverageMax) ?? leverageMax
        concentrationMax = try values.decodeIfPresent(Double.self, forKey: .concentrationMax) ?? concentrationMax
        groupMax = try values.decodeIfPresent(Double.self, forKey: .groupMax) ?? groupMax
        valueAtRiskMax = try values.decodeIfPresent(Double.self, forKey: .valueAtRiskMax) ?? valueAtRiskMax
        confidenceMin = try values.decodeIfPresent(Double.self, forKey: .confidenceMin) ?? confidenceMin
        gradeMin = try values.decodeIfPresent(String.self, forKey: .gradeMin) ?? gradeMin
        requireAudit = try values.decodeIfPresent(Bool.self, forKey: .requireAudit) ?? requireAudit
        allowShort = try values.decodeIfPresent(Bool.self, forKey: .allowShort) ?? allowShort
        restricted = try values.decodeIfPresent([String].self, forKey: .restricted) ?? restricted
    }

    /// As the manifest states them: the host checks types and ranges before the plugin is loaded.
    static let fields: [ConfigField] = {
        let rules = ComplianceRules()
        func share(_ name: String, _ value: Double, _ maximum: Double, _ help: String) -> ConfigField {
            ConfigField(name, .double, default: .number(value), minimum: 0, maximum: maximum, help: help)
        }
        return [
            share(
                "position_max", rules.positionMax, 10, "the largest position in one symbol, as a share of the capital"),
            share("leverage_max", rules.leverageMax, 10, "all positions together, without their signs"),
            share("concentration_max", rules.concentrationMax, 100, "the sum of the squares of all positions"),
            share("group_max", rules.groupMax, 10, "the positions of one group together, such as a sector"),
            share("value_at_risk_max", rules.valueAtRiskMax, 10, "what a position may lose in one day of a hundred"),
            share("confidence_min", rules.confidenceMin, 1, "the confidence that a buy or a sell needs"),
            ConfigField(
                "grade_min", .string, default: .text(rules.gradeMin), choices: grades,
                help: "the worst grade of the data on which one may buy or sell"),
            ConfigField(
                "require_audit", .bool, default: .bool(rules.requireAudit), help: "data that nobody audited blocks"),
            ConfigField("allow_short", .bool, default: .bool(rules.allowShort), help: "short positions are allowed"),
            ConfigField("restricted", .list, default: .array([]), help: "symbols that are not traded at all"),
        ]
    }()
}
