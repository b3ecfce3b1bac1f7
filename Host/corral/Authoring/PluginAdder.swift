// SPDX-License-Identifier: Apache-2.0
// PluginAdder: from a library to a plugin that the host serves: who it says it is, whether that name is free, one rename,
// and what the host then says about it.

import CorralAuthor
import CorralBase
import CorralConformance
import CorralControl
import CorralHome
import Glibc

struct PluginAdder {
    struct Added: Sendable, Equatable {
        let id: String
        let version: String
        /// What the same id was before; nil when it was not there.
        let oldVersion: String?
        /// In plugins.d.
        let path: String
        /// What the host served under this id until now; nil when nothing, or the very same bytes.
        var oldDigest: String?
    }

    /// A host hears of a new file at once and then looks at it: what takes longer than this does not come.
    private static let noticeMax: Duration = .seconds(10)

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
        // One that cannot be used has no digest that will change.
        let oldDigest = existing?.error == nil && existing != nil ? try show(id, client).digest : nil
        let isSame = !isFolder && PluginPlacement.holdTheSame(product, target)
        if !isSame { try PluginPlacement.place(product, at: target) }
        return Added(
            id: id, version: facts.manifest.version, oldVersion: existing?.error == nil ? existing?.version : nil,
            path: target, oldDigest: isSame ? nil : oldDigest)
    }

    private func show(_ id: String, _ client: ControlClient) throws -> PluginDetail {
        guard case .plugin(let plugin) = try client.perform(.pluginShow(PluginShowRequest(tenant: tenant, id: id)))
        else { throw CorralError.unexpectedReply() }
        return plugin
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

    /// Waits until the host serves what was put there.
    /// - Throws: why it does not serve it.
    func confirm(_ added: Added, client: ControlClient) throws -> PluginDetail {
        let deadline = ContinuousClock.now + Self.noticeMax
        while true {
            do {
                let plugin = try show(added.id, client)
                if let error = plugin.plugin.error { throw error }
                if added.oldDigest == nil || plugin.digest != added.oldDigest { return plugin }
                if ContinuousClock.now >= deadline { throw CorralError.notNoticed(added.path) }
            } catch let error as CorralError where error.code.name == "plugin_unknown" {
                if ContinuousClock.now >= deadline { throw error }
            }
            poll(nil, 0, 5)
        }
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
