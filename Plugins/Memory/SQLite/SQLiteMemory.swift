// SPDX-License-Identifier: Apache-2.0
import CorralSDK

/// corral/memory-sqlite: what agents remember, in a SQLite database in the plugin's own folder.
package struct SQLiteMemory: Memory {
    package static let card: PluginCard = {
        var card = PluginCard(
            "corral/memory-sqlite", version: "1.0.0",
            summary: "Keeps what agents remember in SQLite and finds it by keywords", isolate: true,
            asks: Asks(storage: true))
        // A newer version may change the tables: the old one lets go of the file first.
        card.singleton = true
        return card
    }()

    private let store: MemoryStore?

    /// Without a folder every call says what is missing.
    package init(_ activation: Activation) { store = activation.storageFolder.map { MemoryStore(folder: $0) } }

    package func put(_ request: MemoryPut, _ context: PluginContext) async throws -> MemoryReceipt {
        try await requireStore().put(request)
    }

    package func get(_ request: MemoryGet, _ context: PluginContext) async throws -> MemoryEntry? {
        try await requireStore().get(request)
    }

    package func search(_ request: MemorySearch, _ context: PluginContext) async throws -> [MemoryEntry] {
        try await requireStore().search(request)
    }

    package func list(_ request: MemoryList, _ context: PluginContext) async throws -> MemoryPage {
        try await requireStore().list(request)
    }

    package func forget(_ request: MemoryForget, _ context: PluginContext) async throws -> Int {
        try await requireStore().forget(request)
    }

    private func requireStore() throws -> MemoryStore {
        guard let store else { throw MemorySQLiteErrors.noFolder() }
        return store
    }
}
