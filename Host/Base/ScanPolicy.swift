// SPDX-License-Identifier: Apache-2.0
// ScanPolicy: what happens with a sensitive value that a scanner found, by where it was going, what it is, whose it is and
// which agent has it. Declared in the section `security`.

/// From the mildest to the strictest.
package enum ScanAction: String, Sendable, Hashable, CaseIterable, Comparable {
    /// As if nothing had been found.
    case allow
    /// It passes, and its span says so.
    case flag
    /// It is replaced before it goes on, and before it is journaled.
    case redact
    /// The call is refused.
    case block

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    package static func < (a: ScanAction, b: ScanAction) -> Bool { a.rank < b.rank }
}

/// Towards the plugin that is called, or back from it.
package enum ScanDirection: String, Sendable, Hashable, CaseIterable {
    case request
    case response
}

package struct ScanPolicy: Sendable, Hashable {
    /// One row. What is empty does not restrict it.
    package struct Rule: Sendable, Hashable {
        package var direction: ScanDirection?
        package var classes: [String]
        /// `publisher/name` or `publisher/*`.
        package var agents: [String]
        package var tenants: [String]
        package var confidenceMin: Double
        package var action: ScanAction
        /// The setting that says so, with its place, for whoever is refused.
        package var setting: String

        package init(
            direction: ScanDirection? = nil, classes: [String] = [], agents: [String] = [], tenants: [String] = [],
            confidenceMin: Double = 0, action: ScanAction, setting: String
        ) {
            self.direction = direction
            self.classes = classes
            self.agents = agents
            self.tenants = tenants
            self.confidenceMin = confidenceMin
            self.action = action
            self.setting = setting
        }
    }

    /// False: nothing is scanned, and copies are as their originals.
    package var isOn = true
    /// Nothing passes unless a scanner has looked at it.
    package var isRequired = false
    /// The scanners that look; nil = every one that the operator installed.
    package var scanners: [PluginID]?
    /// The first that fits decides.
    package var rules: [Rule] = []
    package var otherwise = ScanAction.flag
    /// Classes that stay readable in logs, spans and other copies.
    package var readableInCopies: Set<String> = []

    package init() {}

    /// What happens with a finding, and by which setting.
    package func decision(
        _ foundClass: String, confidence: Double, _ direction: ScanDirection, agent: PluginID, tenant: TenantID
    ) -> (action: ScanAction, setting: String) {
        for rule in rules where rule.fits(foundClass, confidence, direction, agent.text, tenant.text) {
            return (rule.action, rule.setting)
        }
        return (otherwise, "security.default_action")
    }

    /// Whether any finding could be stopped or changed there: then what cannot be scanned does not pass.
    package func enforces(_ direction: ScanDirection, agent: PluginID, tenant: TenantID) -> Bool {
        isRequired || otherwise >= .redact
            || rules.contains {
                $0.action >= .redact && $0.concerns(direction, agent.text, tenant.text)
            }
    }
}

extension ScanPolicy.Rule {
    fileprivate func fits(
        _ foundClass: String, _ confidence: Double, _ direction: ScanDirection, _ agent: String, _ tenant: String
    ) -> Bool {
        (classes.isEmpty || classes.contains(foundClass)) && confidence >= confidenceMin
            && concerns(direction, agent, tenant)
    }

    fileprivate func concerns(_ direction: ScanDirection, _ agent: String, _ tenant: String) -> Bool {
        (self.direction ?? direction) == direction && (tenants.isEmpty || tenants.contains(tenant))
            && (agents.isEmpty || agents.contains { Self.names($0, agent) })
    }

    private static func names(_ pattern: String, _ agent: String) -> Bool {
        pattern == "*" || pattern == agent || (pattern.hasSuffix("/*") && agent.hasPrefix(pattern.dropLast()))
    }
}
