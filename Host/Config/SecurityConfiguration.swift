// SPDX-License-Identifier: Apache-2.0
// SecurityConfiguration: the section `security` as the policy of scanning.

import CorralBase

extension LoadedConfiguration {
    /// Without the section: whatever is found is noted, and replaced in copies.
    package var scanPolicy: ScanPolicy {
        var policy = ScanPolicy()
        guard let security = node(at: "security") else { return policy }
        policy.isOn = isOn(security)
        policy.isRequired = policy.isOn && value("security.required") == .bool(true)
        policy.scanners = security.texts("scanners")?.compactMap { try? PluginID($0) }
        policy.otherwise =
            value("security.default_action")?.stringValue.flatMap(ScanAction.init(rawValue:)) ?? .flag
        policy.rules = ownRules + [sanitization, detection].compactMap(\.self)
        if value("security.pii_detection.redact_in_logs") == .bool(false), isOn("security.pii_detection") {
            policy.readableInCopies = Set(personalClasses)
        }
        return policy
    }

    private static let secretClasses = ["api_keys", "passwords", "private_keys", "database_credentials"]

    private var personalClasses: [String] {
        node(at: "security.pii_detection")?.texts("patterns")
            ?? ["email_addresses", "phone_numbers", "ssn", "credit_cards", "iban"]
    }

    private var ownRules: [ScanPolicy.Rule] {
        guard case .list(let rows)? = node(at: "security.policy")?.kind else { return [] }
        return rows.enumerated().compactMap { index, row in
            guard let action = row["action"]?.leaf?.value?.stringValue.flatMap(ScanAction.init(rawValue:)) else {
                return nil
            }
            return ScanPolicy.Rule(
                direction: row["direction"]?.leaf?.value?.stringValue.flatMap(ScanDirection.init(rawValue:)),
                classes: row.texts("classes") ?? [], agents: row.texts("agents") ?? [],
                tenants: row.texts("tenants") ?? [],
                confidenceMin: row["min_confidence"]?.leaf?.value?.doubleValue ?? 0, action: action,
                setting: setting("security.policy[\(index)]"))
        }
    }

    private var sanitization: ScanPolicy.Rule? {
        let path = "security.output_sanitization"
        guard isOn(path) else { return nil }
        return ScanPolicy.Rule(
            direction: .response, classes: node(at: path)?.texts("remove_sensitive_data") ?? Self.secretClasses,
            action: .redact, setting: setting(path))
    }

    private var detection: ScanPolicy.Rule? {
        let path = "security.pii_detection"
        guard let group = node(at: path) else { return nil }
        return ScanPolicy.Rule(
            classes: personalClasses, action: isOn(group) ? .flag : .allow, setting: setting(path))
    }

    private func setting(_ path: String) -> String { "\(path) (\(originText(path)))" }
}
