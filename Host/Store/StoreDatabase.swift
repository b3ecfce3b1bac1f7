// SPDX-License-Identifier: Apache-2.0
// StoreDatabase: one SQLite database of the store, opened the same way wherever it is: private file, write-ahead log, a
// mark that it is ours, a schema that is not newer than this program.

import CorralBase
import GRDB
import GRDBSQLite

/// What tells one kind of database from another.
struct DatabaseKind: Sendable {
    /// SQLite's application id, so that `file` and we can tell what a file is.
    var applicationID: Int32
    /// The mode between appends; `TenantStore` changes it for a transaction.
    var synchronous: String
    /// After how many pages in the log a commit moves them into the file; 0 when the owner does it.
    var checkpointPages = 1_000
    var migrations: [(name: String, sql: String)]
}

/// A database and its one connection. Used by one thread at a time, like its owner.
final class StoreDatabase {
    let path: String
    let queue: DatabaseQueue

    /// - Throws: `store_folder_refused`, `store_foreign`, `store_newer`, `store_corrupt`, `store_locked`,
    ///   `store_read_only`, `store_full`, `store_io`.
    init(folder: StoreFolder, name: String, kind: DatabaseKind, busyMilliseconds: Int) throws {
        path = folder.path(of: name)
        try folder.prepareFile(name)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(Double(busyMilliseconds) / 1000)
        configuration.label = "corral.store"
        // GRDB would trap on a transaction left open, which is how a rollback that fails ends.
        configuration.allowsUnsafeTransactions = true
        let path = path
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                try Self.checkIdentity(db, path, kind)
                try Self.configure(db, kind)
                try Self.migrate(db, path, kind)
            }
        } catch {
            throw CorralError.database(error, path)
        }
    }

    /// Runs `body` on the connection and turns SQLite's errors into ours.
    func perform<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try queue.unsafeReentrantWrite(body)
        } catch {
            throw CorralError.database(error, path)
        }
    }

    /// Compiles a statement that lives as long as its owner.
    func prepare(_ sql: String) throws -> SQLStatement {
        try perform { db in SQLStatement(try db.makeStatement(sql: sql), db) }
    }

    private static func checkIdentity(_ db: Database, _ path: String, _ kind: DatabaseKind) throws {
        let found = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard found != kind.applicationID else { return }
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        guard found == 0, tables == 0 else { throw CorralError.storeForeign(path, applicationID: found) }
    }

    private static func configure(_ db: Database, _ kind: DatabaseKind) throws {
        try db.execute(
            sql: """
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = \(kind.synchronous);
                PRAGMA wal_autocheckpoint = \(kind.checkpointPages);
                PRAGMA cache_size = -8192;
                PRAGMA temp_store = MEMORY;
                """)
    }

    private static func migrate(_ db: Database, _ path: String, _ kind: DatabaseKind) throws {
        let known = Set(kind.migrations.map(\.name))
        if try db.tableExists("schema_version") {
            let applied = try String.fetchAll(db, sql: "SELECT name FROM schema_version ORDER BY number")
            if let newer = applied.last(where: { !known.contains($0) }) {
                throw CorralError.storeNewer(path, version: newer)
            }
            if applied.count == kind.migrations.count { return }
        }
        try db.inTransaction(.immediate) {
            try db.execute(sql: "PRAGMA application_id = \(kind.applicationID)")
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS schema_version (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
                    """)
            let applied = try Int.fetchOne(db, sql: "SELECT count(*) FROM schema_version") ?? 0
            for (number, migration) in kind.migrations.enumerated().dropFirst(applied) {
                try db.execute(sql: migration.sql)
                try db.execute(
                    sql: "INSERT INTO schema_version (number, name) VALUES (?, ?)",
                    arguments: [number + 1, migration.name])
            }
            return .commit
        }
    }
}

extension CorralError {
    /// Turns what GRDB or SQLite threw into an error a person can act on; our own errors pass through.
    static func database(_ error: any Error, _ path: String) -> CorralError {
        if let known = error as? CorralError { return known }
        guard let failure = error as? DatabaseError else { return .storeIO("use", path, cause: "\(error)") }
        let cause = failure.message ?? failure.resultCode.description
        switch failure.resultCode {
        case .SQLITE_FULL: return .storeFull("write", path, cause: cause)
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .storeLocked(path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT: return .storeCorrupt(path, cause: cause)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: return .storeReadOnly(path, cause: cause)
        default: return .storeIO("use", path, cause: "\(cause) (SQLite \(failure.extendedResultCode.rawValue))")
        }
    }
}
