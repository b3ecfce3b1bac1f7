// SPDX-License-Identifier: Apache-2.0
// Compartments: which plugins of one tenant share a worker process. Inside a process nothing can be enforced, so plugins
// share one only when they are trusted alike.

import CorralBase
import CorralCatalog

/// The rule, and what this tenant has learnt about its plugins.
///
/// A plugin is alone when its manifest or sidecar says `isolate: true`, when it is a C library that knows nothing of
/// Corral (a wrong signature corrupts memory), or when it is suspected of a crash: by content, so that a repaired file
/// starts afresh, or when it has a folder of its own, which nobody else shall read. All others share by origin (unsigned
/// files with unsigned files) and by what they were granted: whoever forges a neighbour's frames then gains nothing that it
/// did not have. The operator's scanners, judges, notifiers, tracers and memory are never with what they police or serve.
package struct Compartments: Sendable {
    private var suspects: Set<ContentDigest> = []

    package init() {}

    package func compartment(of entry: CatalogEntry) -> CompartmentID {
        if entry.isIsolated || entry.form == .native || entry.granted.storage || suspects.contains(entry.digest) {
            return CompartmentID("alone:" + entry.id.text)
        }
        let origin = place(of: entry)
        guard !entry.granted.isEmpty else { return CompartmentID(origin) }
        return CompartmentID("\(origin):\(ContentDigest(of: entry.granted).short)")
    }

    private func place(of entry: CatalogEntry) -> String {
        let isUnsigned = entry.origin == CatalogEntry.unsignedOrigin
        guard entry.isInfrastructure else { return isUnsigned ? "shared" : "origin:" + entry.origin }
        return isUnsigned ? "operator" : "operator:" + entry.origin
    }

    /// - Returns: whether it was suspected.
    package mutating func release(_ digest: ContentDigest) -> Bool { suspects.remove(digest) != nil }

    /// - Returns: whether this is news.
    package mutating func suspect(_ digest: ContentDigest) -> Bool { suspects.insert(digest).inserted }

    /// The plugins that would share a process with `entry`, without itself, by id.
    package func mates(of entry: CatalogEntry, among all: some Sequence<CatalogEntry>) -> [PluginID] {
        let own = compartment(of: entry)
        return all.filter { $0.id != entry.id && compartment(of: $0) == own }.map(\.id).sorted { $0.text < $1.text }
    }
}

extension CompartmentID {
    /// Whether it holds one plugin only.
    package var isAlone: Bool { text.hasPrefix("alone:") }
}
