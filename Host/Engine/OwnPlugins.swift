// SPDX-License-Identifier: Apache-2.0
// OwnPlugins: what lies in a tenant's own `plugins.d`, for people.

import CorralBase
import CorralControl
import CorralStore

extension HostRuntime {
    /// The tenant's own plugins, and files of its `plugins.d` that do not count, with the reason.
    func ownPlugins(of id: TenantID) async -> [PluginSummary] {
        let folder = TenantStore.folder(home: options.home, tenant: id) + "/plugins.d/"
        // A tenant that cannot be opened is still shown.
        guard let runtime = try? await tenant(id) else { return [] }
        await catalogue.refresh(id)
        return await runtime.pluginSummaries().filter { $0.path.utf8.starts(with: folder.utf8) }
    }
}
