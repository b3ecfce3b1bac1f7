// SPDX-License-Identifier: Apache-2.0
// CatalogSnapshot: what one scan found, as a value: whoever holds one is not surprised by the next.

import CorralBase

package struct CatalogSnapshot: Sendable {
    /// Usable plugins by id; in id order when listed.
    package let entries: [PluginID: CatalogEntry]
    /// What cannot be used, in order of source.
    package let problems: [ProblemEntry]
    /// Files of plugins that were there while this host runs and are not any more.
    package let removed: [PluginID: String]
    private let byText: [String: PluginID]
    /// Tells one scan's snapshot from another's without comparing them.
    package let identity = Identity()

    package final class Identity: Sendable {}

    package init(entries: [CatalogEntry], problems: [ProblemEntry] = [], removed: [PluginID: String] = [:]) {
        self.removed = removed
        self.entries = Dictionary(entries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.problems = problems
        byText = Dictionary(entries.map { ($0.id.text, $0.id) }, uniquingKeysWith: { first, _ in first })
    }

    package static let empty = CatalogSnapshot(entries: [])

    /// Why the newest content of a plugin's file is not used.
    package func problem(of id: PluginID) -> ProblemEntry? { problems.first { $0.id == id } }

    package var sorted: [CatalogEntry] { entries.values.sorted { $0.id.text < $1.id.text } }

    /// - Throws: `plugin_unknown` with the nearest name, or the reason why a plugin of that name cannot be used.
    package func plugin(_ id: String) throws(CorralError) -> CatalogEntry {
        if let known = byText[id], let entry = entries[known] { return entry }
        if let problem = problems.first(where: { $0.id?.text == id }) { throw problem.error }
        if let source = removed.first(where: { $0.key.text == id })?.value {
            throw problems.first { $0.source == source }?.error ?? .pluginRemoved(id, source: source)
        }
        throw .pluginUnknown(id, known: byText.keys.sorted(), problems: problems)
    }

    /// - Throws: `plugin_unknown`; `plugin_not_an_agent`.
    package func agent(_ id: String) throws(CorralError) -> CatalogEntry {
        let entry = try plugin(id)
        guard entry.isAgent else { throw .notAnAgent(id, offers: entry.tools.map(\.name)) }
        return entry
    }

    /// The plugin and the tool that `publisher/name.tool` names. Ids may contain dots: the longest id that fits counts.
    /// - Throws: `plugin_unknown`, `tool_unknown`, each with the nearest name.
    package func tool(_ qualified: String) throws(CorralError) -> (entry: CatalogEntry, tool: ToolInterface) {
        for dot in qualified.indices.reversed() where qualified[dot] == "." {
            guard let id = byText[String(qualified[..<dot])], let entry = entries[id] else { continue }
            let name = String(qualified[qualified.index(after: dot)...])
            guard let tool = entry.tool(name) else {
                throw .toolUnknown(qualified, plugin: id.text, known: entry.tools.map(\.name))
            }
            return (entry, tool)
        }
        if let (id, source) = removed.first(where: { qualified.hasPrefix($0.key.text + ".") }) {
            throw .pluginRemoved(id.text, source: source)
        }
        throw .toolUnknown(qualified, plugin: nil, known: toolNames)
    }

    /// Every tool as `publisher/name.tool`, sorted.
    package var toolNames: [String] {
        entries.values.flatMap { entry in entry.tools.map { "\(entry.id.text).\($0.name)" } }.sorted()
    }

    /// Ids of all agents, sorted.
    package var agentNames: [String] { entries.values.filter(\.isAgent).map(\.id.text).sorted() }

    /// The operator's plugins of a kind that the host itself calls, in id order. What a tenant brought itself never polices
    /// or serves the tenant.
    package func providers(of kind: PluginKind) -> [CatalogEntry] {
        sorted.filter { $0.manifest.provides(kind) && $0.origin != CatalogEntry.tenantOrigin }
    }

    /// - Throws: as `plugin(_:)`; `plugin_unknown` when it is of another kind, or a tenant's own.
    package func provider(_ id: String, of kind: PluginKind) throws(CorralError) -> CatalogEntry {
        let entry = try plugin(id)
        guard entry.manifest.provides(kind), entry.origin != CatalogEntry.tenantOrigin else {
            throw .notOfKind(id, kind, known: providers(of: kind).map(\.id.text))
        }
        return entry
    }

    /// The same plugins under a tenant's policy.
    package func granted(by policy: GrantPolicy) -> CatalogSnapshot {
        CatalogSnapshot(
            entries: entries.values.map { $0.granted(by: policy) }, problems: problems, removed: removed)
    }
}

extension Limits {
    /// Removed plugins whose names get an error of their own.
    static let removedPluginsMax = 1_024
}

extension CatalogSnapshot {
    /// With the plugins that were there before and are not any more.
    package func remembering(_ before: CatalogSnapshot) -> CatalogSnapshot {
        var removed = before.removed.filter { entries[$0.key] == nil }
        for entry in before.entries.values where entries[entry.id] == nil {
            guard removed.count < Limits.removedPluginsMax else { break }
            removed[entry.id] = entry.source
        }
        return CatalogSnapshot(entries: Array(entries.values), problems: problems, removed: removed)
    }

    /// With a tenant's own plugins. An id that all tenants have stays theirs; a tenant's plugins are another origin, so
    /// that they share no process with the operator's.
    package func joined(by own: CatalogSnapshot) -> CatalogSnapshot {
        var problems = problems + own.problems
        var all = Array(entries.values)
        for entry in own.sorted {
            if let global = entries[entry.id] {
                let error = CorralError.shadowsGlobal(entry.id.text, entry.source, global: global.source)
                problems.append(ProblemEntry(source: entry.source, error: error))
            } else {
                all.append(entry.of(CatalogEntry.tenantOrigin))
            }
        }
        let removed = removed.merging(own.removed) { global, _ in global }
        return CatalogSnapshot(
            entries: all, problems: problems.sorted { $0.source < $1.source },
            removed: removed.filter { key, _ in !all.contains { $0.id == key } })
    }
}

extension CatalogEntry {
    /// Plugins a tenant brought itself.
    package static let tenantOrigin = "tenant"

    fileprivate func of(_ origin: String) -> CatalogEntry {
        guard self.origin == CatalogEntry.unsignedOrigin else { return self }
        var entry = self
        entry.origin = origin
        return entry
    }
}
