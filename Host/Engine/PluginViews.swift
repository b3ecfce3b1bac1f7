// SPDX-License-Identifier: Apache-2.0
// PluginViews: the catalogue in the control API's words.

import CorralBase
import CorralCatalog
import CorralControl

extension CatalogSnapshot {
    /// Usable plugins by id, then what cannot be used.
    var summaries: [PluginSummary] {
        sorted.map { PluginSummary($0) }
            + problems.map { problem in
                PluginSummary(id: problem.id?.text, path: problem.source, error: problem.error)
            }
    }
}

extension PluginSummary {
    init(_ entry: CatalogEntry) {
        var kinds = entry.manifest.provides.compactMap { kind in
            kind.hasPrefix("corral.")
                ? kind.dropFirst("corral.".count).split(separator: "/").first.map(String.init) : kind
        }
        if entry.form == .native, !kinds.contains("native") { kinds.append("native") }
        self.init(
            id: entry.id.text, version: entry.manifest.version, kinds: kinds, summary: entry.manifest.summary,
            path: entry.source)
    }
}

extension PluginDetail {
    init(_ entry: CatalogEntry, compartment: String, mates: [String], grants: GrantViews) {
        self.init(
            plugin: PluginSummary(entry), digest: entry.digest.text,
            toolchain: entry.manifest.toolchain.isEmpty ? nil : entry.manifest.toolchain, compartment: compartment,
            compartmentMates: mates, isSerial: entry.manifest.isSerial, inputSchema: entry.manifest.agent?.input,
            outputSchema: entry.manifest.agent?.output,
            tools: entry.tools.map { ToolDetail(name: $0.name, summary: $0.summary, inputSchema: $0.input) },
            grants: grants.details, refusals: grants.refusals, configuration: try? JSON(parsing: entry.configuration),
            manifest: try? JSON(parsing: entry.manifestBytes))
    }
}
