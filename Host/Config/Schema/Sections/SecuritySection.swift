// SPDX-License-Identifier: Apache-2.0
// SecuritySection: scanning of inputs, outputs and code, personal data, and rates.

import CorralBase

extension Field {
    static let securitySection = Field.group(
        "security", "Scanning of inputs, outputs and code; personal data; rates.",
        [.enabled, inputValidation, outputSanitization, piiDetection, codeScanning, rateLimiting],
        effect: .inert("inputs, outputs and logs are not scanned"), tenantRule: .free)

    private static let inputValidation = Field.group(
        "input_validation", "What requests are scanned for.",
        [
            .enabled,
            .choices(
                "checks",
                [
                    "sql_injection_patterns", "command_injection_patterns", "path_traversal_patterns", "xss_patterns",
                ], "The checks that are made."),
        ])

    private static let outputSanitization = Field.group(
        "output_sanitization", "What is removed from answers.",
        [
            .enabled,
            .choices(
                "remove_sensitive_data", ["api_keys", "passwords", "private_keys", "database_credentials"],
                "What is removed."),
        ])

    private static let piiDetection = Field.group(
        "pii_detection", "Personal data.",
        [
            .enabled,
            .flag("redact_in_logs", true, "Replace it in logs and spans."),
            .choices(
                "patterns", ["email_addresses", "phone_numbers", "ssn", "credit_cards"], "What counts as personal."),
        ])

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
