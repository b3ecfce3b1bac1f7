// SPDX-License-Identifier: Apache-2.0
// LoadedConfiguration: a configuration without mistakes. Typed accessors for what this version honours, paths for
// everything else.

import CorralBase

/// The configuration in force. Immutable; a change of a file is a new one.
package struct LoadedConfiguration: Sendable {
    /// The folder it was loaded from.
    package let directory: String
    /// The files that were read, in order.
    package let files: [String]
    /// What is worth saying and stops nothing, in file order.
    package let warnings: [Diagnostic]
    let sections: [ResolvedNode.Member]
    let environment: ConfigurationEnvironment

    init(
        directory: String, files: [String], sections: [ResolvedNode.Member], warnings: [Diagnostic],
        environment: ConfigurationEnvironment
    ) {
        self.directory = directory
        self.files = files
        self.sections = sections
        self.warnings = warnings
        self.environment = environment
    }
}

// MARK: The settings that are in effect

extension LoadedConfiguration {
    /// The deadline of a step whose flow names none: `host.defaults.timeout`.
    package var stepTimeout: Duration { duration("host.defaults.timeout", .seconds(300)) }
    /// `host.defaults.mode`.
    package var durability: Durability {
        value("host.defaults.mode")?.stringValue.flatMap(Durability.init(rawValue:)) ?? .sync
    }
    /// `host.control.access`.
    package var controlAccess: ControlAccessSetting {
        value("host.control.access")?.stringValue.flatMap(ControlAccessSetting.init(rawValue:)) ?? .owner
    }
    /// `host.control.group`.
    package var controlGroup: String? { value("host.control.group")?.stringValue }
    /// Each section that is written somewhere, as one text that is another after every change.
    package var sectionTexts: [String: String] {
        Dictionary(sections.map { ($0.name, $0.node.json.text(.canonical)) }, uniquingKeysWith: { first, _ in first })
    }
    /// Calls that run in one worker at once, at most `Limits.workerCallsMax`: `host.workers.max_calls`.
    package var workerCallsMax: Int {
        value("host.workers.max_calls")?.intValue.flatMap { Int(exactly: $0) } ?? Limits.workerCallsMax
    }
    /// The first wait before a worker that died is started again: `host.workers.restart_backoff`.
    package var restartBackoff: Duration { duration("host.workers.restart_backoff", .milliseconds(200)) }
    /// The longest such wait: `host.workers.restart_backoff_max`.
    package var restartBackoffMax: Duration { duration("host.workers.restart_backoff_max", .seconds(30)) }
    /// Crashes alone in a worker within a minute before a plugin is refused: `host.workers.quarantine_crashes`.
    package var quarantineCrashes: Int {
        value("host.workers.quarantine_crashes")?.intValue.flatMap { Int(exactly: $0) } ?? 3
    }
    /// How long a cancelled call may take to stop: `host.workers.cancel_grace`.
    package var cancelGrace: Duration { duration("host.workers.cancel_grace", .seconds(2)) }
    /// What calls of a replaced plugin get to finish: `host.workers.drain`.
    /// `host.keys`, absolute; nil for the home's own folder.
    package var keysFolder: String? { value("host.keys")?.stringValue }
    /// `host.equal_calls`; 0 = without a bound.
    package var equalCallsMax: Int {
        Int(clamping: value("host.equal_calls")?.intValue ?? 0)
    }
    package var drain: Duration { duration("host.workers.drain", .seconds(30)) }
    /// How long a worker waits for calls before it is stopped: `host.workers.idle`.
    package var idle: Duration { duration("host.workers.idle", .seconds(300)) }
    /// Where the user numbers of tenants begin: `host.workers.first_user`.
    package var firstUser: UInt32 {
        value("host.workers.first_user")?.intValue.flatMap { UInt32(exactly: $0) } ?? 200_000
    }
    /// The least isolation asked for, or nil when any will do: `multi_tenancy.isolation.level`.
    package var isolationMinimum: IsolationLevel? {
        guard isOn("multi_tenancy") else { return nil }
        return value("multi_tenancy.isolation.level")?.stringValue.flatMap(IsolationLevel.init(rawValue:))
    }

    /// Whether `tenants/ID/plugins.d` counts: `multi_tenancy.tenant_config.allow_custom_agents`.
    package var allowsCustomAgents: Bool {
        isTenancyOn && value("multi_tenancy.tenant_config.allow_custom_agents") == .bool(true)
    }
    /// `multi_tenancy.resource_limits.per_tenant`. Without the section the defaults hold; with `enabled: false`, none.
    package var tenantLimits: TenantLimits {
        var limits = TenantLimits()
        guard isTenancyOn else { return limits }
        for limit in TenantLimit.allCases {
            guard let amount = value(limit.path).flatMap({ amount($0, of: limit) }) else { continue }
            limits[limit] = amount
            limits.origins[limit] = originText(limit.path)
        }
        return limits
    }

    private var isTenancyOn: Bool { node(at: "multi_tenancy").map(isOn) ?? true }

    private func amount(_ value: JSON, of limit: TenantLimit) -> Int64? {
        if let number = value.intValue { return number.multipliedReportingOverflow(by: limit.scale).partialValue }
        guard let text = value.stringValue, let duration = DurationText.parse(text) else { return nil }
        return Int64(clamping: Int128(duration / .nanoseconds(1)))
    }

    /// The schema has checked the value; the second default only satisfies the compiler.
    private func duration(_ path: String, _ otherwise: Duration) -> Duration {
        value(path)?.stringValue.flatMap(DurationText.parse) ?? otherwise
    }

    /// Whether a section or group is there and not switched off.
    func isOn(_ path: String) -> Bool { node(at: path).map(isOn) ?? false }

    func isOn(_ node: ResolvedNode) -> Bool { node["enabled"]?.leaf?.value != .bool(false) }
}

// MARK: Any setting, by path

/// Where a value comes from.
package enum Origin: Sendable, Equatable {
    case file(SourceLocation)
    case standard
}

extension LoadedConfiguration {
    /// The value at a path such as `human_review.workflow.reviewers[0].role`: from a file, or the default. Lists and
    /// maps come whole. Nil when it is not set and has no default, when there is no such setting, and when it refers to
    /// a variable or secret that is not there.
    package func value(_ path: String) -> JSON? {
        guard let node = node(at: path) else { return standard(path) }
        if let leaf = node.leaf { return leaf.value }
        return node.json
    }

    /// Where the value at a path comes from; nil when there is none.
    package func origin(_ path: String) -> Origin? {
        if let node = node(at: path) { return .file(node.location) }
        return standard(path).map { _ in .standard }
    }

    /// `corral.yaml:3:7` below the folder of the configuration, or `default`.
    package func originText(_ path: String) -> String { originText(of: node(at: path)) }

    func originText(of node: ResolvedNode?) -> String {
        guard let place = node?.location else { return "default" }
        let folder = directory + "/"
        let file = place.file.hasPrefix(folder) ? String(place.file.dropFirst(folder.count)) : place.file
        return "\(file):\(place.line):\(place.column)"
    }

    private func standard(_ path: String) -> JSON? {
        guard let path = SettingPath(parsing: path) else { return nil }
        return Schema.setting(at: path)?.field.standard
    }

    func node(at path: String) -> ResolvedNode? {
        SettingPath(parsing: path).flatMap(node(at:))
    }

    func node(at path: SettingPath) -> ResolvedNode? {
        var node: ResolvedNode? = ResolvedNode(kind: .map(sections), location: .start(of: directory))
        for component in path.components {
            switch (component, node?.kind) {
            case (.name(let name), .map): node = node?[name]
            case (.index(let index), .list(let items)): node = items.indices.contains(index) ? items[index] : nil
            default: return nil
            }
        }
        return node
    }
}

extension ResolvedNode {
    /// The value as it was written, references unexpanded.
    var written: JSON {
        switch kind {
        case .leaf(let leaf): leaf.written
        case .list(let items): .array(items.map(\.written))
        case .map(let members): .object(JSONObject(members.map { ($0.name, $0.node.written) }))
        }
    }

    /// The value without places; what refers to something absent is null.
    var json: JSON {
        switch kind {
        case .leaf(let leaf): leaf.value ?? .null
        case .list(let items): .array(items.map(\.json))
        case .map(let members): .object(JSONObject(members.map { ($0.name, $0.node.json) }))
        }
    }
}
