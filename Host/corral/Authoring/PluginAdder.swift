// SPDX-License-Identifier: Apache-2.0
// PluginAdder: from a library to a plugin that the host serves: who it says it is, whether that name is free, one rename,
// and what the host then says about it.

import CorralAuthor
import CorralBase
import CorralConformance
import CorralControl
import CorralHome

struct PluginAdder {
    struct Added: Sendable, Equatable {
        let id: String
        let version: String
        /// What the same id was before; nil when it was not there.
        let oldVersion: String?
        /// In plugins.d.
        let path: String
    }

    let home: Home
    let tenant: TenantID
    let installation: Installation

    /// The folder that counts for everyone, or the tenant's own.
    var folder: String { tenant == .standard ? home.plugins : "\(home.tenants)/\(tenant)/plugins.d" }

    /// - Throws: `plugin_not_added`: it does not load, or its name is taken.
    func add(_ source: PluginSource, client: ControlClient) throws -> Added {
        try add(source.product, try facts(of: source.library), isFolder: source.product != source.library, client)
    }

    /// A library that was looked at already.
    func add(_ library: String, _ facts: PluginFacts?, client: ControlClient) throws -> Added {
        guard let facts else { throw CorralError.libraryRefused(library, "entry", "it does not load") }
        return try add(library, facts, isFolder: false, client)
    }

    private func add(
        _ product: String, _ facts: PluginFacts, isFolder: Bool, _ client: ControlClient
    ) throws -> Added {
        let id = facts.manifest.id.text
        let known = try list(client)
        let existing = known.first { $0.id == id }
        let target = try target(id, isFolder: isFolder, existing, known)
        try PluginPlacement.place(product, at: target)
        return Added(
            id: id, version: facts.manifest.version, oldVersion: existing?.error == nil ? existing?.version : nil,
            path: target)
    }

    /// Loads it where a crash costs nothing.
    private func facts(of library: String) throws -> PluginFacts {
        try installation.requirePrograms()
        let rig = CheckRig(library: library, spawner: installation.spawner, worker: installation.worker)
        var checker = Checker(rig: rig, request: CheckRequest(checks: [.entry, .manifest], seed: 0))
        let results = try checker.run()
        if let failed = results.first(where: { $0.verdict.isFailure }) {
            throw CorralError.libraryRefused(library, failed.check.rawValue, failed.verdict.words)
        }
        guard let facts = checker.facts else { throw CorralError.libraryRefused(library, "entry", "it does not load") }
        return facts
    }

    private func list(_ client: ControlClient) throws -> [PluginSummary] {
        guard case .plugins(let plugins) = try client.perform(.pluginList(PluginListRequest(tenant: tenant))) else {
            throw CorralError.unexpectedReply()
        }
        return plugins
    }

    /// Where it goes: over the file that has this id now, else under a name of its own.
    private func target(
        _ id: String, isFolder: Bool, _ existing: PluginSummary?, _ known: [PluginSummary]
    ) throws -> String {
        let name = id.replacing("/", with: "-").replacing(".", with: "_") + (isFolder ? "" : ".so")
        if let existing {
            guard Path.folder(existing.path) == folder, existing.path.hasSuffix(".so") != isFolder else {
                throw CorralError.idTaken(id, by: existing.path)
            }
            return existing.path
        }
        let path = Path.join(folder, name)
        if let other = known.first(where: { $0.path == path })?.id, other != id {
            throw CorralError.fileTaken(path, by: other)
        }
        return path
    }

    /// What the host makes of it.
    /// - Throws: why it does not serve it.
    func confirm(_ added: Added, client: ControlClient) throws -> PluginDetail {
        guard
            case .plugin(let plugin) = try client.perform(.pluginShow(PluginShowRequest(tenant: tenant, id: added.id)))
        else { throw CorralError.unexpectedReply() }
        if let error = plugin.plugin.error { throw error }
        return plugin
    }
}

extension PluginDetail {
    /// A command that runs it, with the inputs it must have: the first tool when it is no agent.
    func runCommand(tenant: TenantID) -> String {
        let id = plugin.id ?? ""
        let place = tenant == .standard ? "" : " --tenant \(tenant)"
        let (target, schema) =
            inputSchema == nil && !tools.isEmpty ? ("\(id).\(tools[0].name)", tools[0].inputSchema) : (id, inputSchema)
        let required = (schema?.value["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        return "corral run \(target)" + required.map { " --input \($0)=…" }.joined() + place
    }
}
