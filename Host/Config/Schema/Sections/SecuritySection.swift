// SPDX-License-Identifier: Apache-2.0
// SecuritySection: scanning of inputs, outputs and code, personal data, and rates.

import CorralBase

extension Field {
    static let securitySection = Field.group(
        "security", "Scanning of inputs, outputs and code; personal data; rates.",
        [
            .flag("enabled", true, "Whether anything is scanned at all.", tenantRule: .never),
            .flag(
                "required", false,
                "Refuse every call that no scanner has looked at, for example because none is there.",
                tenantRule: .never),
            Field(
                "scanners", .list(of: .scalar(.formed(.pluginID))),
                "The scanners that look at what crosses between host and plugins. Left out: all that are installed.",
                tenantRule: .never),
            .choice(
                "default_action", ScanAction.allCases.map(\.rawValue), ScanAction.flag.rawValue,
                "What happens with a finding that neither `policy` nor another part speaks of.", tenantRule: .never),
            Field(
                "policy", .list(of: .map(rule)),
                "What happens with findings; the first row that fits decides, before `output_sanitization` and"
                    + " `pii_detection`. What a row leaves out does not restrict it.", tenantRule: .never),
            inputValidation, outputSanitization, piiDetection, codeScanning, rateLimiting,
        ],
        effect: .active, tenantRule: .free)

    private static let personal = ["email_addresses", "phone_numbers", "ssn", "credit_cards", "iban"]
    private static let secret = ["api_keys", "passwords", "private_keys", "database_credentials"]

    private static let rule: [Field] = [
        .choice("direction", ScanDirection.allCases.map(\.rawValue), nil, "Towards the plugin, or back from it."),
        .names("classes", known: personal + secret, "What was found, as scanners name it."),
        Field(
            "agents", .list(of: .scalar(.formed(.pluginPattern))),
            "Whose request or response it is: a plugin or `publisher/*`."),
        Field("tenants", .list(of: .scalar(.formed(.tenantID))), "Whose it is."),
        .number("min_confidence", 0...1, 0, "How sure the scanner must be at least."),
        .choice(
            "action", ScanAction.allCases.map(\.rawValue), nil,
            "`allow` lets it pass, `flag` notes it on the call's span, `redact` replaces it, `block` refuses the call.",
            isRequired: true),
    ]

    private static let inputValidation = Field.group(
        "input_validation", "What requests are scanned for.",
        [
            .enabled,
            .choices(
                "checks",
                [
                    "sql_injection_patterns", "command_injection_patterns", "path_traversal_patterns", "xss_patterns",
                ], "The checks that are made."),
        ], effect: .inert("requests are not scanned for attacks"))

    private static let outputSanitization = Field.group(
        "output_sanitization", "What is removed from answers before they go on and are journaled.",
        [
            Field("enabled", .scalar(.bool), "Whether this is done. Left out: if this part is there."),
            .choices("remove_sensitive_data", secret + personal, "What is removed. Left out: the first four."),
        ], tenantRule: .never)

    private static let piiDetection = Field.group(
        "pii_detection", "Personal data: noted on the spans of the calls that carry it.",
        [
            .enabled,
            .flag("redact_in_logs", true, "Replace it in logs, spans, events, reports and all other copies."),
            .choices("patterns", personal, "What counts as personal. Left out: all of them."),
        ], tenantRule: .never)

    private static let codeScanning = Field.group(
        "code_scanning", "Scanners for code that agents write.",
        [
            .enabled,
            .names(
                "tools", known: ["bandit", "semgrep"], "The scanners that are run.",
                needs: ["bandit": .bandit, "semgrep": .semgrep]),
            .flag("block_on_critical", true, "Refuse code with a critical finding."),
        ], effect: .inert("code that agents write is not scanned"))

    private static let rateLimiting = Field.group(
        "rate_limiting", "How often something may be asked.",
        [
            .enabled,
            Field("per_user", .scalar(.rate), "For one user."),
            Field("per_feature", .scalar(.rate), "For one feature."),
            Field("per_agent", .scalar(.rate), "For one agent."),
        ], effect: .inert("rates are not limited"))
}

extension ScalarType.Form {
    static let pluginID = ScalarType.Form("plugin", expectation: "a plugin id such as corral/scanner-sensitive") {
        (try? PluginID($0)) != nil
    }
    static let pluginPattern = ScalarType.Form("plugin or publisher/*", expectation: "a plugin id, publisher/* or *") {
        text in
        if text == "*" { return true }
        let name = text.hasSuffix("/*") ? text.dropLast() + "any" : Substring(text)
        return (try? PluginID(String(name))) != nil
    }
    static let tenantID = ScalarType.Form("tenant", expectation: "a tenant's id") { (try? TenantID($0)) != nil }
}
