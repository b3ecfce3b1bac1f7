// SPDX-License-Identifier: Apache-2.0
// HostRuntime+Copies: keeps the copies of plugins that somebody may still need, and no others.

import CorralBase
import CorralCatalog
import CorralStore
import Logging

extension HostRuntime {
    /// Removes copies that nobody names now, and again every six hours, until cancelled.
    package func pruneCopiesRegularly() async {
        while !Task.isCancelled {
            do {
                let removed = try await pruneCopies()
                if removed > 0 { log.info("removed \(removed) copies of plugins that nothing names any more") }
            } catch {
                log.warning("the copies of plugins stay: \(error)")
            }
            try? await Task.sleep(for: .seconds(6 * 3600))
        }
    }

    /// - Throws: when a journal cannot be asked; then everything stays.
    func pruneCopies() async throws -> Int {
        var kept: Set<String> = []
        for record in try await store.tenants() {
            kept.formUnion(
                try UnfinishedPlugins.digests(folder: TenantStore.folder(home: options.home, tenant: record.id)))
        }
        for tenant in await openTenants() { for entry in await tenant.pool.heldPlugins() { kept.insert(entry) } }
        return await catalogue.prune(PluginCopies(folder: options.home + "/cache/plugins"), keeping: kept)
    }
}
