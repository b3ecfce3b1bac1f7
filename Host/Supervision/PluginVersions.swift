// SPDX-License-Identifier: Apache-2.0
// PluginVersions: which content of each plugin serves in one tenant, and which does not, although the catalogue has it.

import CorralBase
import CorralCatalog

struct PluginVersions {
    /// What was last loaded and takes calls.
    private(set) var serving: [PluginID: CatalogEntry] = [:]
    private var rejected: [PluginID: (entry: CatalogEntry, error: CorralError)] = [:]

    mutating func serves(_ entry: CatalogEntry) {
        serving[entry.id] = entry
        if rejected[entry.id]?.entry.isSame(as: entry) == true { rejected[entry.id] = nil }
    }

    /// The content could not be loaded where its calls go.
    mutating func reject(_ entry: CatalogEntry, _ error: CorralError) { rejected[entry.id] = (entry, error) }

    func isRejected(_ entry: CatalogEntry) -> Bool { rejected[entry.id]?.entry.isSame(as: entry) ?? false }

    func rejection(of id: PluginID) -> CorralError? { rejected[id]?.error }

    /// - Returns: whether something was rejected.
    mutating func release(_ id: PluginID) -> Bool { rejected.removeValue(forKey: id) != nil }

    /// Content that is not the newest any more gets another chance should it come back.
    mutating func keepRejections(in snapshot: CatalogSnapshot) {
        rejected = rejected.filter { snapshot.entries[$0.key]?.isSame(as: $0.value.entry) ?? false }
    }
}

/// What is known about a compartment's next generation while it is not there.
struct GenerationChange {
    /// What it loads when the generation before it is gone already.
    var inherited: [CatalogEntry] = []
    /// Starts in a row that failed without anything known against a plugin.
    var failures = 0
    var blockedBy: CorralError?
}
