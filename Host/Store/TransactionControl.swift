// SPDX-License-Identifier: Apache-2.0
// TransactionControl: begin, commit, and how durable the commit is. SQLite decides that by the connection's
// `synchronous` at the commit: FULL flushes the write-ahead log, NORMAL leaves it to the next checkpoint or FULL commit.

import CorralBase
import GRDB
import GRDBSQLite

final class TransactionControl {
    /// The log could not be flushed: what is on disk is unknown from here on.
    struct FlushFailure: Error {
        let cause: String
    }

    private let database: StoreDatabase
    private let begin: SQLStatement
    private let end: SQLStatement
    private let undo: SQLStatement
    private var isFull = true
    private let log = LogLength()
    private let space: LogSpace

    init(_ database: StoreDatabase) throws {
        self.database = database
        space = LogSpace(database: database.path)
        begin = try database.prepare("BEGIN IMMEDIATE")
        end = try database.prepare("COMMIT")
        undo = try database.prepare("ROLLBACK")
        try database.perform { [log] db in log.watch(db.sqliteConnection) }
    }

    deinit { log.unwatch() }

    /// Pages in the write-ahead log since it was last moved into the database file.
    var logPages: Int { log.pages }

    /// - Throws: `FlushFailure` when the log could not be flushed; otherwise what `body` threw, or our error for
    ///   SQLite's. Nothing is written then.
    func run(_ durability: Durability, _ body: () throws -> Void) throws {
        do {
            try database.queue.unsafeReentrantWrite { db in
                try setSynchronous(full: durability != .async, db)
                try begin.run()
                if isFull { space.reserve(after: log.pages) }
                do {
                    try body()
                    try end.run()
                } catch {
                    // A full disk or an I/O error may have rolled back already.
                    if db.isInsideTransaction { try undo.run() }
                    throw error
                }
            }
        } catch let failure as DatabaseError where isFlushFailure(failure) {
            throw FlushFailure(cause: failure.message ?? "fsync failed")
        } catch {
            throw CorralError.database(error, database.path)
        }
    }

    /// Writes the log into the database file, as far as no reader still needs it there; never waits for one. When all
    /// is written, the next commit starts the log over.
    func checkpoint() throws {
        try database.perform { db in
            // The pages must be flushed in any case: the log is overwritten afterwards.
            try setSynchronous(full: true, db)
            let row = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)")
            let (total, moved): (Int, Int) = (row?[1] ?? 0, row?[2] ?? 0)
            log.pages = max(0, total - moved)
        }
    }

    /// The pragma takes effect when it is compiled, so it cannot be a prepared statement; it is sent on a change only.
    private func setSynchronous(full: Bool, _ db: Database) throws {
        guard full != isFull else { return }
        try db.execute(sql: full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
        isFull = full
    }

    private func isFlushFailure(_ failure: DatabaseError) -> Bool {
        failure.extendedResultCode == .SQLITE_IOERR_FSYNC || failure.extendedResultCode == .SQLITE_IOERR_DIR_FSYNC
    }
}

/// Counts the pages in the log, as SQLite reports them after each commit.
private final class LogLength {
    var pages = 0
    private var connection: OpaquePointer?

    func watch(_ connection: OpaquePointer?) {
        self.connection = connection
        // Unretained: `TransactionControl` removes the hook when it goes, and the hook runs only inside a commit on the
        // owner's thread.
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_wal_hook(
            connection,
            { context, _, _, pages in
                if let context { Unmanaged<LogLength>.fromOpaque(context).takeUnretainedValue().pages = Int(pages) }
                return SQLITE_OK
            }, context)
    }

    func unwatch() { sqlite3_wal_hook(connection, nil, nil) }
}
