// SPDX-License-Identifier: Apache-2.0
// OwnPlugins: what lies in a tenant's own `plugins.d`, for people. Where the tenant may bring no plugins, nothing there is
// read: each file is only named, with the reason.

import CorralBase
import CorralControl
import CorralStore
import Glibc

extension Limits {
    /// Files that are named where they are not allowed; a list of more helps nobody.
    static let unwantedPluginsShownMax = 100
}

extension HostRuntime {
    /// The tenant's own plugins; where it may have none, its files as problems.
    func ownPlugins(of id: TenantID, _ settings: EngineSettings) async throws -> [PluginSummary] {
        guard let folder = settings.pluginFolder(home: options.home, tenant: id) else { return unwantedPlugins(of: id) }
        let runtime = try await tenant(id)
        await catalogue.refresh(id)
        return await runtime.pluginSummaries().filter { $0.path.utf8.starts(with: (folder + "/").utf8) }
    }

    /// Empty where the tenant may have plugins of its own.
    func unwantedPlugins(of id: TenantID) -> [PluginSummary] {
        let folder = TenantStore.folder(home: options.home, tenant: id) + "/plugins.d"
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0, let stream = fdopendir(descriptor) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < Limits.unwantedPluginsShownMax, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted().map { name in
            PluginSummary(id: nil, path: "\(folder)/\(name)", error: .customAgentsRefused(id, name))
        }
    }
}
