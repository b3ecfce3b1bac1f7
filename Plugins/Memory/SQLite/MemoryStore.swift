// SPDX-License-Identifier: Apache-2.0
// MemoryStore: memory.db behind an actor: calls come many at once, the database takes them one after the other.

import CSQLite
import CorralSDK

package actor MemoryStore {
    private nonisolated let thread = DatabaseThread()
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let path: String
    private let migrations: [String]
    private var opened: MemoryTable?

    /// - Parameter folder: the plugin's own. Nothing is opened before the first request.
    package init(folder: String) { self.init(folder: folder, migrations: Schema.migrations) }

    init(folder: String, migrations: [String]) {
        path = folder + "/memory.db"
        self.migrations = migrations
    }

    package func put(_ put: MemoryPut) throws -> MemoryReceipt { try with { try $0.put(put) } }
    package func get(_ get: MemoryGet) throws -> MemoryEntry? { try with { try $0.get(get) } }
    package func list(_ list: MemoryList) throws -> MemoryPage { try with { try $0.list(list) } }
    package func forget(_ forget: MemoryForget) throws -> Int { try with { try $0.forget(forget) } }
    package func search(_ search: MemorySearch) throws -> [MemoryEntry] {
        try with { try KeywordSearch(table: $0).search(search) }
    }

    /// A file that cannot be opened is tried again by the next request: a person may have put it right.
    private func with<Value>(_ body: (MemoryTable) throws -> Value) throws -> Value {
        do {
            let table = try opened ?? MemoryTable(database: Schema.open(path, migrations: migrations))
            opened = table
            return try body(table)
        } catch let fault as DatabaseFault {
            if fault.isLasting { opened = nil }
            throw MemorySQLiteErrors.database(fault, path)
        }
    }
}

extension DatabaseFault {
    /// Whether the open file is of no more use.
    fileprivate var isLasting: Bool { ![SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_TOOBIG].contains(code) }
}
