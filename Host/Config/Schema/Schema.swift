// SPDX-License-Identifier: Apache-2.0
// Schema: every section of corral.yaml, and the flat list of settings that documents and tests walk.

import CorralBase

/// The declared configuration.
package enum Schema {
    /// In the order the reference page shows them: Corral's own first, then the sections of the product.
    package static let sections: [Field] = [
        .hostSection, .grantsSection, .programsSection, .promptsSection, .observabilitySection, .feedbackLoopsSection,
        .costManagementSection, .memorySection,
        .humanReviewSection, .securitySection, .evaluationSection, .multiTenancySection, .eventsSection,
        .notificationsSection, .mcpServersSection, .networkSection, .secretsSection,
    ]

    package static func section(named name: String) -> Field? { sections.first { $0.name == name } }

    /// Every place that holds a single value or a list of them, with the effect it inherits.
    package static let settings: [Setting] = sections.flatMap {
        Setting.flatten($0, under: SettingPath([]), effect: nil)
    }

    /// The setting a concrete path names: `mcpServers.slack.command` is `mcpServers.NAME.command`.
    package static func setting(at path: SettingPath) -> Setting? {
        settings.first { $0.path.covers(path) }
    }
}

/// One declared setting: a leaf of the schema.
package struct Setting: Sendable {
    package let path: SettingPath
    package let field: Field
    package let effect: Effect
    package let tenantRule: TenantRule

    /// - Note: a field whose effect nobody declared counts as without effect, which is the honest side to err on.
    static func flatten(
        _ field: Field, under parent: SettingPath, effect inherited: Effect?, rule: TenantRule? = nil
    ) -> [Setting] {
        let effect = field.effect ?? inherited ?? .inert("undeclared")
        let rule = field.tenantRule ?? rule ?? .never
        return leaves(of: field.shape, field, at: parent.appending(.name(field.name)), effect, rule)
    }

    private static func leaves(
        of shape: Shape, _ field: Field, at path: SettingPath, _ effect: Effect, _ rule: TenantRule
    ) -> [Setting] {
        switch shape {
        case .scalar, .list(.scalar), .tree: [Setting(path: path, field: field, effect: effect, tenantRule: rule)]
        case .list(let item): leaves(of: item, field, at: path.appending(.anyIndex), effect, rule)
        case .map(let fields): fields.flatMap { flatten($0, under: path, effect: effect, rule: rule) }
        case .dictionary(let item, _): leaves(of: item, field, at: path.appending(.anyName), effect, rule)
        }
    }
}
