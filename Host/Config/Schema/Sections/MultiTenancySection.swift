// SPDX-License-Identifier: Apache-2.0
// MultiTenancySection: isolation, limits and identification of tenants.

import CorralBase

extension Field {
    static let multiTenancySection = Field.group(
        "multi_tenancy", "Isolation, limits and identification of tenants.",
        [asked, isolation, tenantConfig, resourceLimits, identification],
        effect: .inert("tenants are told apart by `--tenant`; each has its own folder, journal and workers"))

    private static let asked = Field(
        "enabled", .scalar(.bool), "Whether tenants are kept apart as this section says; false asks for no isolation.",
        standard: true, effect: .active)

    private static let isolation = Field.group(
        "isolation", "How far tenants are kept apart.",
        [
            .choice(
                "level", IsolationLevel.allCases.reversed().map(\.rawValue), nil,
                "The least isolation a tenant's workers may have.", effect: .active),
            .flag("separate_databases", true, "A journal for each tenant."),
            .flag("separate_memory", true, "A memory for each tenant."),
            .flag("separate_state", true, "A state for each tenant."),
        ],
        effect: .inert("each tenant always has its own folder, journal and workers; this cannot be switched off"))

    private static let tenantConfig = Field.group(
        "tenant_config", "What a tenant may bring along.",
        [
            .flag("allow_custom_agents", false, "Its own plugins."),
            .flag("allow_custom_rules", false, "Its own rules."),
            .flag("allow_custom_specs", false, "Its own specifications."),
        ])

    private static let resourceLimits = Field.group(
        "resource_limits", "What a tenant may use.",
        [
            .group(
                "per_tenant", "For each tenant.",
                [
                    .whole("max_concurrent_agents", 1...100_000, nil, "Agents at work at once."),
                    .whole("max_daily_executions", 1...1_000_000_000, nil, "Runs in a day."),
                    .whole("max_storage_mb", 1...1_000_000_000, nil, "Storage in MiB."),
                    Field("max_cost_per_day", .scalar(.money), "US dollars in a day."),
                ])
        ], effect: .inert("tenants are not limited; each worker has the host's own resource limits"))

    private static let identification = Field.group(
        "identification", "How a request says whose it is.",
        [
            .choice("method", ["api_key", "jwt", "session"], "api_key", "What a request proves it with."),
            .text("header_name", "The HTTP header that names the tenant."),
        ], effect: .inert("there is no HTTP interface; `corral run --tenant` names the tenant"))
}
