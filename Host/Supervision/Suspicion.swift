// SPDX-License-Identifier: Apache-2.0
// Suspicion: who made a worker crash, best effort. The record a dying worker leaves says which call its thread ran and
// whose code it was in; a plugin can forge it, and gains that a neighbour moves out of its process.

import CorralCatalog
import CorralWire

struct Suspicion {
    /// Running calls that fail for the crash.
    var calls: Set<UInt64> = []
    /// Plugins whose load fails for it.
    var loading: [CatalogEntry] = []
    /// Plugins the crash counts against.
    var plugins: [CatalogEntry] = []

    init(_ worker: Worker, _ record: CrashRecord?) {
        if let id = record?.call, let call = worker.running[id] {
            calls = [id]
            plugins = [call.call.plugin]
        } else if let number = record?.pluginByAddress ?? record?.pluginByThread,
            let entry = worker.plugin(numbered: number)
        {
            accuse([entry], in: worker)
        } else if worker.running.count + worker.loading.count == 1 || worker.plugins.count == 1 {
            accuse(
                worker.running.first.map { [$0.value.call.plugin] } ?? worker.loading + worker.plugins.prefix(1),
                in: worker)
        } else {
            // No single suspect: each gets its own process, where the next crash will tell.
            let active = worker.loading.map(\.digest)
            plugins = worker.plugins.filter {
                worker.runningOfPlugin[$0.digest, default: 0] > 0 || active.contains($0.digest)
            }
        }
    }

    private mutating func accuse(_ entries: [CatalogEntry], in worker: Worker) {
        guard let entry = entries.first else { return }
        plugins = [entry]
        calls = Set(worker.running.values.filter { $0.call.plugin.digest == entry.digest }.map(\.call.id.number))
        loading = worker.loading.filter { $0.digest == entry.digest }
    }

    /// Appended to a log line about the crash.
    var words: String {
        plugins.isEmpty ? "" : "; suspected: " + plugins.map { "\"\($0.id)\"" }.joined(separator: ", ")
    }

    var bystanderWords: String {
        plugins.count == 1 ? "plugin \"\(plugins[0].id)\" crashed in it" : "it crashed"
    }
}
