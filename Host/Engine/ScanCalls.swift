// SPDX-License-Identifier: Apache-2.0
// ScanCalls: the tenant's scanners as the pipeline asks them: calls of the host's own, to plugins of the operator's.

import CorralBase
import CorralCatalog
import CorralPipeline

struct ScanCalls: ScanBackend {
    let infrastructure: InfrastructureCalls
    let catalogue: any CatalogueSource

    func scanners(_ wanted: [PluginID]?) -> (present: [PluginID], missing: [PluginID]) {
        let installed = catalogue.snapshot().providers(of: .scanner).map(\.id)
        guard let wanted else { return (installed, []) }
        return (wanted.filter(installed.contains), wanted.filter { !installed.contains($0) })
    }

    func version(of scanner: PluginID) -> String {
        guard let entry = catalogue.snapshot().entries[scanner] else { return "" }
        return entry.digest.text + String(decoding: entry.configuration, as: UTF8.self)
    }

    func scan(
        _ scanner: PluginID, _ body: JSON, about call: Call?
    ) async throws(CorralPipeline.CallFailure) -> JSON {
        // Not the call's deadline: what a worker gave in time counts, however late the host comes to look at it.
        try await infrastructure.call(
            .scanner, plugin: scanner, method: "scan", body: body.objectValue ?? [:],
            about: call.map { InfrastructureCalls.Subject($0, isOver: true) } ?? .tenant, timeout: Limits.scanTimeout)
    }
}
