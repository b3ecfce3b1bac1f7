// SPDX-License-Identifier: Apache-2.0
// CheckRow: one line of `corral config check`: a feature or something it needs, and whether it is there. No setting is
// accepted in silence: what has no effect says so here.

import CorralBase

/// The state of one feature or need.
package struct CheckRow: Sendable, Equatable {
    package enum State: String, Sendable {
        case present
        case degraded
    }

    /// The path, for a need with the value: `events.event_bus.backend: redis`.
    package let setting: String
    package let state: State
    package let reason: String
    /// A command or a setting; nil when nothing can be done with this version.
    package let fix: String?
    /// Nil for a default.
    package let location: SourceLocation?
}

extension LoadedConfiguration {
    /// A row for every group that is configured and on, and for everything it needs.
    package var rows: [CheckRow] {
        var collector = RowCollector(environment: environment)
        // Each secret has a row of its own, which says more than that it is in effect.
        for field in Schema.sections where field.name != Field.secretsSection.name {
            guard let node = sections.first(where: { $0.name == field.name })?.node, isOn(node) else { continue }
            collector.add(section: node, field)
        }
        return secretRows + certificateRows + collector.rows + memoryRows + notificationRows + separationRows
            + scannerRows
            + [isolationRow]
    }

    /// Nobody can be asked to share: what says so is told that it does not happen.
    private var separationRows: [CheckRow] {
        ["separate_databases", "separate_memory", "separate_state"].compactMap { name in
            let path = "multi_tenancy.isolation.\(name)"
            guard let node = node(at: path), node.leaf?.value == .bool(false) else { return nil }
            return CheckRow(
                setting: "\(path): false", state: .degraded,
                reason: "each tenant always has its own folder, journal and workers; this cannot be switched off",
                fix: "remove the line", location: node.location)
        }
    }

    /// Which scanners are there only the host knows, which has asked every plugin.
    private var scannerRows: [CheckRow] {
        guard let security = node(at: "security"), isOn(security) else { return [] }
        let named = value("security.scanners")?.arrayValue?.compactMap(\.stringValue).joined(separator: ", ")
        let isRequired = value("security.required") == .bool(true)
        return [
            CheckRow(
                setting: "security.scanners", state: .present,
                reason: "scanned by \(named ?? "every scanner that is installed"); without one, "
                    + (isRequired ? "every call is refused" : "values pass unseen"),
                fix: "see whether one is there: corral doctor, with the host running",
                location: node(at: "security.scanners")?.location)
        ]
    }

    /// Which levels this machine gives only a probe says, and `corral doctor` makes one.
    private var isolationRow: CheckRow {
        let path = "multi_tenancy.isolation.level"
        guard let level = isolationMinimum else {
            return CheckRow(
                setting: path, state: .present, reason: "none asked; workers get the best that this machine gives",
                fix: "see which: corral doctor", location: nil)
        }
        return CheckRow(
            setting: "\(path): \(level.rawValue)", state: .present,
            reason: "workers start at \"\(level.rawValue)\" or better, or not at all",
            fix: "see whether this machine gives it: corral doctor", location: node(at: path)?.location)
    }
}

private struct RowCollector {
    let environment: ConfigurationEnvironment
    private(set) var rows: [CheckRow] = []

    init(environment: ConfigurationEnvironment) { self.environment = environment }

    mutating func add(section node: ResolvedNode, _ field: Field) {
        let path = SettingPath([.name(field.name)])
        let effect = field.effect ?? .inert("undeclared")
        switch field.shape {
        case .map(let fields): add(groupsOf: node, fields, path, effect)
        case .dictionary(let item, _):
            for member in node.members ?? [] {
                let place = path.appending(.name(member.name))
                addFeature(place, effect, member.node.location)
                addNeeds(member.node, item, field, place)
            }
        default: break
        }
    }

    /// A row for each group, and one for the section itself when it has settings of its own or nothing but a switch.
    private mutating func add(
        groupsOf node: ResolvedNode, _ fields: [Field], _ path: SettingPath, _ effect: Effect
    ) {
        let members = node.members ?? []
        let own = members.filter { $0.node.members == nil && $0.name != Field.enabled.name }
        if !own.isEmpty || members.allSatisfy({ $0.name == Field.enabled.name }) {
            addFeature(path, effect, node.location)
        }
        for member in members {
            guard let field = fields.first(where: { $0.name == member.name }) else { continue }
            let place = path.appending(.name(member.name))
            if let inner = member.node.members {
                guard member.node["enabled"]?.leaf?.value != .bool(false) else { continue }
                if inner.contains(where: { isGroupSetting($0.name, of: field) }) || inner.isEmpty {
                    addFeature(place, field.effect ?? effect, member.node.location)
                }
                addExceptions(in: member.node, field, place, field.effect ?? effect)
            }
            addNeeds(member.node, field.shape, field, place)
        }
    }

    /// A row for each setting whose effect is another than that of the group around it.
    private mutating func addExceptions(
        in node: ResolvedNode, _ group: Field, _ path: SettingPath, _ effect: Effect
    ) {
        guard case .map(let fields) = group.shape else { return }
        for member in node.members ?? [] {
            guard let field = fields.first(where: { $0.name == member.name }) else { continue }
            let place = path.appending(.name(member.name))
            if let own = field.effect, own != effect { addFeature(place, own, member.node.location) }
            addExceptions(in: member.node, field, place, field.effect ?? effect)
        }
    }

    /// A setting with an effect of its own does not count for its group: it has a row of its own.
    private func isGroupSetting(_ name: String, of group: Field) -> Bool {
        guard case .map(let fields) = group.shape else { return true }
        return fields.first { $0.name == name }?.effect == nil
    }

    private mutating func addFeature(_ path: SettingPath, _ effect: Effect, _ location: SourceLocation) {
        switch effect {
        case .active:
            rows.append(
                CheckRow(setting: path.description, state: .present, reason: "in effect", fix: nil, location: location))
        case .inert(let instead):
            rows.append(
                CheckRow(
                    setting: path.description, state: .degraded,
                    reason: "accepted, not in effect in this version: \(instead)", fix: nil, location: location))
        }
    }

    private mutating func addNeeds(_ node: ResolvedNode, _ shape: Shape, _ field: Field, _ path: SettingPath) {
        switch (shape, node.kind) {
        case (.map(let fields), .map(let members)):
            for member in members {
                guard let inner = fields.first(where: { $0.name == member.name }) else { continue }
                addNeeds(member.node, inner.shape, inner, path.appending(.name(member.name)))
            }
        case (.dictionary(let item, _), .map(let members)):
            for member in members { addNeeds(member.node, item, field, path.appending(.name(member.name))) }
        case (.list(let item), .list(let elements)):
            for (index, element) in elements.enumerated() {
                addNeeds(element, item, field, path.appending(.index(index)))
            }
        case (.scalar, .leaf(let leaf)): addNeeds(leaf, field, path, node.location)
        default: break
        }
    }

    private mutating func addNeeds(_ leaf: Leaf, _ field: Field, _ path: SettingPath, _ location: SourceLocation) {
        if let value = leaf.value?.stringValue, let need = field.needs[value] ?? field.needs["*"] {
            let isThere = environment.has(need, value: value)
            rows.append(
                CheckRow(
                    setting: "\(path): \(shown(value))", state: isThere ? .present : .degraded,
                    reason: "needs \(need.name)" + (isThere ? "" : ": " + need.absence(value)),
                    fix: isThere ? nil : need.fix, location: location))
        }
        for reference in leaf.references { add(reference, path, location) }
    }

    private mutating func add(_ reference: Reference, _ path: SettingPath, _ location: SourceLocation) {
        let (state, reason, fix) = finding(reference)
        rows.append(
            CheckRow(setting: path.description, state: state, reason: reason, fix: fix, location: location))
    }

    private func finding(_ reference: Reference) -> (CheckRow.State, String, String?) {
        switch reference {
        case .variable(let name):
            environment.value(of: reference) != nil
                ? (.present, "variable \(name) is set", nil)
                : (.degraded, "variable \(name) is not set", "export \(name)=…")
        case .secret(let name):
            (
                .degraded, "secret \(name) has no value here: secrets go into plugins' requests, never into settings",
                "use ${env:\(name)} and export \(name)=…"
            )
        }
    }
}

extension Need {
    fileprivate func absence(_ value: String) -> String {
        switch test {
        case .variable(let name): "\(name) is not set"
        case .command(let name): "it is not in PATH (\(name))"
        case .commandNamedByValue: "\"\(shown(value))\" is not in PATH"
        }
    }
}
