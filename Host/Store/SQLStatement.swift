// SPDX-License-Identifier: Apache-2.0
// SQLStatement: a compiled statement bound and stepped without boxing each value. The journal's few hot statements run
// thousands of times a second; this is where the time between two commits would otherwise go.

import CorralBase
import GRDB
import GRDBSQLite
import Glibc

/// Bind by position from 1, run, read columns from 0. Every run ends with a reset, also when it fails.
struct SQLStatement {
    private let statement: Statement
    private let connection: OpaquePointer?

    init(_ statement: Statement, _ database: Database) {
        self.statement = statement
        connection = database.sqliteConnection
    }

    private var raw: OpaquePointer { statement.sqliteStatement }

    // A failed bind (out of memory, index out of range) leaves NULL, which the tables' NOT NULL constraints refuse.

    func bind(_ index: Int32, _ value: Int64?) {
        if let value { sqlite3_bind_int64(raw, index, value) } else { sqlite3_bind_null(raw, index) }
    }

    func bind(_ index: Int32, _ value: Int?) { bind(index, value.map { Int64($0) }) }

    func bind(_ index: Int32, _ value: Double) { sqlite3_bind_double(raw, index, value) }

    func bind(_ index: Int32, _ value: String?) {
        guard var value else {
            sqlite3_bind_null(raw, index)
            return
        }
        value.withUTF8 { utf8 in
            guard !utf8.isEmpty else {
                // A nil base address would bind NULL instead of the empty text.
                _ = sqlite3_bind_text(raw, index, "", 0, transient)
                return
            }
            utf8.withMemoryRebound(to: CChar.self) { text in
                _ = sqlite3_bind_text(raw, index, text.baseAddress, Int32(clamping: text.count), transient)
            }
        }
    }

    func bind(_ index: Int32, _ value: [UInt8]?) {
        guard let value else {
            sqlite3_bind_null(raw, index)
            return
        }
        value.withUnsafeBytes { bytes in
            if bytes.isEmpty {
                _ = sqlite3_bind_zeroblob(raw, index, 0)
            } else {
                _ = sqlite3_bind_blob(raw, index, bytes.baseAddress, Int32(clamping: bytes.count), transient)
            }
        }
    }

    /// Runs a statement that gives no rows.
    func run() throws {
        defer { sqlite3_reset(raw) }
        guard sqlite3_step(raw) == SQLITE_DONE else { throw failure() }
    }

    /// Runs a statement that gives one integer, for example an inserted row's id.
    /// - Returns: nil when there is no row.
    func runForInteger() throws -> Int64? {
        defer { sqlite3_reset(raw) }
        var value: Int64?
        while true {
            switch sqlite3_step(raw) {
            // An INSERT … RETURNING is complete only when it was stepped to its end.
            case SQLITE_ROW: value = sqlite3_column_int64(raw, 0)
            case SQLITE_DONE: return value
            default: throw failure()
            }
        }
    }

    /// Calls `body` for each row, until it returns false.
    func forEachRow(_ body: (SQLRow) throws -> Bool) throws {
        defer { sqlite3_reset(raw) }
        while true {
            switch sqlite3_step(raw) {
            case SQLITE_ROW: if try !body(SQLRow(raw: raw)) { return }
            case SQLITE_DONE: return
            default: throw failure()
            }
        }
    }

    private func failure() -> DatabaseError {
        // SQLite does not keep the errno of a failed commit, but nothing after the failed call has changed it.
        let system = errno
        let code = ResultCode(rawValue: sqlite3_extended_errcode(connection))
        let text = sqlite3_errmsg(connection).map { String(cString: $0) }
        // A file size limit or a quota reaches SQLite as an unspecific I/O error.
        if code.primaryResultCode == .SQLITE_IOERR, isSpaceError(system) {
            return DatabaseError(resultCode: .SQLITE_FULL, message: text)
        }
        return DatabaseError(resultCode: code, message: text)
    }
}

/// The current row of a running statement; valid inside the closure only.
struct SQLRow {
    fileprivate let raw: OpaquePointer

    func integer(_ column: Int32) -> Int64? { isNull(column) ? nil : sqlite3_column_int64(raw, column) }

    func number(_ column: Int32) -> Double? { isNull(column) ? nil : sqlite3_column_double(raw, column) }

    func text(_ column: Int32) -> String? {
        guard let start = sqlite3_column_text(raw, column) else { return nil }
        let count = Int(sqlite3_column_bytes(raw, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func bytes(_ column: Int32) -> [UInt8]? {
        guard !isNull(column) else { return nil }
        guard let start = sqlite3_column_blob(raw, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, column))))
    }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(raw, column) == SQLITE_NULL }
}

/// SQLITE_TRANSIENT: SQLite copies the bytes before the call returns. C spells it as a cast of -1, which Swift cannot
/// import.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
