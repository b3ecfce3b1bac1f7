// SPDX-License-Identifier: Apache-2.0
// MultiTenancySection: isolation, limits and identification of tenants.

import CorralBase

extension Field {
    static let multiTenancySection = Field.group(
        "multi_tenancy", "Isolation, limits and identification of tenants.",
        [asked, isolation, tenantConfig, resourceLimits, identification],
        effect: .inert("tenants are told apart by `--tenant`; each has its own folder, journal and workers"))

    private static let asked = Field(
        "enabled", .scalar(.bool),
        "Whether tenants are kept apart and limited as this section says; false asks for no isolation and sets no"
            + " limits.",
        standard: true, effect: .active)

    private static let isolation = Field.group(
        "isolation", "How far tenants are kept apart.",
        [
            .choice(
                "level", IsolationLevel.allCases.reversed().map(\.rawValue), nil,
                "The least isolation a tenant's workers may have.", effect: .active, tenantRule: .stricter),
            separation("separate_databases", "A journal and traces for each tenant; always so."),
            separation("separate_memory", "A memory for each tenant; always so."),
            separation("separate_state", "Artifacts and plugin folders for each tenant; always so."),
        ], effect: .active)

    /// In effect whatever it says: `config check` has a row for a `false`.
    private static func separation(_ name: String, _ help: String) -> Field { .flag(name, true, help) }

    private static let tenantConfig = Field.group(
        "tenant_config", "What a tenant may bring along.",
        [
            .flag(
                "allow_custom_agents", false,
                "Its own plugins, in `tenants/ID/plugins.d`; without it, they are shown as problems and not loaded.",
                effect: .active),
            .flag("allow_custom_rules", false, "Its own rules, in `tenants/ID/rules`."),
            .flag("allow_custom_specs", false, "Its own specifications, in `tenants/ID/specs`."),
        ], effect: .inert("nothing reads rules and specifications yet"), tenantRule: .switchOff)

    private static let identification = Field.group(
        "identification", "How a request says whose it is.",
        [
            .choice("method", ["api_key", "jwt", "session"], "api_key", "What a request proves it with."),
            .text("header_name", "The HTTP header that names the tenant."),
        ], effect: .inert("there is no HTTP interface; `corral run --tenant` names the tenant"))
}
