// SPDX-License-Identifier: Apache-2.0
// Database: one connection to a SQLite file and its prepared statements. Used by one thread.

import CSQLite

/// What SQLite refused, in its own words.
struct DatabaseFault: Error {
    /// A primary result code.
    var code: Int32
    var message: String
}

/// A value of a column or of a parameter.
enum SQLValue: Hashable {
    case null
    case integer(Int64)
    case text(String)

    init(_ text: String?) { self = text.map(SQLValue.text) ?? .null }
    init(_ integer: Int64?) { self = integer.map(SQLValue.integer) ?? .null }
}

final class Database {
    let handle: OpaquePointer
    private var statements: [String: Statement] = [:]

    /// Opens or creates the file.
    init(path: String) throws(DatabaseFault) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let status = sqlite3_open_v2(path, &handle, flags, nil)
        guard let handle, status == SQLITE_OK else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw DatabaseFault(code: status & 0xFF, message: message)
        }
        self.handle = handle
        sqlite3_busy_timeout(handle, MemoryBounds.busyMilliseconds)
    }

    deinit {
        statements = [:]
        sqlite3_close_v2(handle)
    }

    /// Runs statements that give nothing and take nothing.
    func execute(_ sql: String) throws(DatabaseFault) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw fault }
    }

    /// Runs one statement, prepared once, and gives its rows to `read`.
    /// - Returns: what `read` made of each row.
    @discardableResult
    func rows<Value>(
        _ sql: String, _ parameters: [SQLValue] = [], _ read: (Row) -> Value
    ) throws(DatabaseFault) -> [Value] {
        let statement = try prepared(sql)
        defer { statement.reset() }
        try statement.bind(parameters)
        var values: [Value] = []
        while try statement.step() { values.append(read(Row(statement: statement.handle))) }
        return values
    }

    func first<Value>(
        _ sql: String, _ parameters: [SQLValue] = [], _ read: (Row) -> Value
    ) throws(DatabaseFault) -> Value? {
        try rows(sql, parameters, read).first
    }

    func run(_ sql: String, _ parameters: [SQLValue] = []) throws(DatabaseFault) {
        try rows(sql, parameters) { _ in }
    }

    /// Rows that the last statement changed, without those of triggers.
    var changes: Int64 { sqlite3_changes64(handle) }
    var lastNumber: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Runs `body` in one transaction that is committed, and so on the disk, when this returns.
    func transaction<Value>(_ body: () throws -> Value) throws -> Value {
        try execute("BEGIN IMMEDIATE")
        do {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            // Fails when SQLite has rolled back itself, for example because the disk is full.
            try? execute("ROLLBACK")
            throw error
        }
    }

    var fault: DatabaseFault {
        DatabaseFault(code: sqlite3_errcode(handle) & 0xFF, message: String(cString: sqlite3_errmsg(handle)))
    }

    private func prepared(_ sql: String) throws(DatabaseFault) -> Statement {
        if let known = statements[sql] { return known }
        var handle: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        guard sqlite3_prepare_v3(self.handle, sql, -1, flags, &handle, nil) == SQLITE_OK, let handle else {
            throw fault
        }
        let statement = Statement(handle: handle, database: self.handle)
        statements[sql] = statement
        return statement
    }
}

private final class Statement {
    let handle: OpaquePointer
    private let database: OpaquePointer
    /// SQLite copies the text before the binding returns.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(handle: OpaquePointer, database: OpaquePointer) {
        self.handle = handle
        self.database = database
    }

    deinit { sqlite3_finalize(handle) }

    func bind(_ parameters: [SQLValue]) throws(DatabaseFault) {
        for (index, value) in parameters.enumerated() {
            let place = Int32(index + 1)
            let status =
                switch value {
                case .null: sqlite3_bind_null(handle, place)
                case .integer(let integer): sqlite3_bind_int64(handle, place, integer)
                case .text(var text):
                    text.withUTF8 { bytes in
                        bytes.withMemoryRebound(to: CChar.self) {
                            sqlite3_bind_text(handle, place, $0.baseAddress, Int32($0.count), Self.transient)
                        }
                    }
                }
            guard status == SQLITE_OK else { throw fault }
        }
    }

    func step() throws(DatabaseFault) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw fault
        }
    }

    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    private var fault: DatabaseFault {
        DatabaseFault(code: sqlite3_errcode(database) & 0xFF, message: String(cString: sqlite3_errmsg(database)))
    }
}

/// The current row of a statement; valid while it is read.
struct Row {
    fileprivate let statement: OpaquePointer

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func double(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }
    func text(_ column: Int32) -> String { optionalText(column) ?? "" }

    func optionalInteger(_ column: Int32) -> Int64? {
        sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : integer(column)
    }

    func optionalText(_ column: Int32) -> String? {
        guard let bytes = sqlite3_column_text(statement, column) else { return nil }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
