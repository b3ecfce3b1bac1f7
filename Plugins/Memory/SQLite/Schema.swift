// SPDX-License-Identifier: Apache-2.0
// Schema: the tables of memory.db, and how a file of an earlier version becomes one of this.

import CSQLite

enum Schema {
    /// "CRME": a file with another mark is somebody else's.
    static let applicationID: Int64 = 0x4352_4D45

    /// `user_version` counts those that a file has been through. Never change one that was released.
    static let migrations = [first]

    // One file for all layers: a search over several of them needs one measure of how rare a word is.
    private static let first = """
        CREATE TABLE namespaces (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE entries (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            namespace INTEGER NOT NULL,
            layer INTEGER NOT NULL,
            key TEXT,
            text TEXT NOT NULL,
            value TEXT,
            tags TEXT NOT NULL,
            agent TEXT, run TEXT, session TEXT, user TEXT,
            effect TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            expires_at INTEGER
        );
        CREATE UNIQUE INDEX entries_key ON entries (namespace, layer, key) WHERE key IS NOT NULL;
        CREATE UNIQUE INDEX entries_effect ON entries (effect) WHERE effect IS NOT NULL;
        CREATE INDEX entries_order ON entries (namespace, layer, updated_at, number);
        CREATE INDEX entries_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
        CREATE VIEW indexed AS SELECT number, text, 'n' || namespace AS place FROM entries;
        CREATE VIRTUAL TABLE words USING fts5 (
            text, place, content = 'indexed', content_rowid = 'number',
            tokenize = 'porter unicode61 remove_diacritics 2'
        );
        CREATE TRIGGER entries_added AFTER INSERT ON entries BEGIN
            INSERT INTO words (rowid, text, place) VALUES (new.number, new.text, 'n' || new.namespace);
        END;
        CREATE TRIGGER entries_removed AFTER DELETE ON entries BEGIN
            INSERT INTO words (words, rowid, text, place)
            VALUES ('delete', old.number, old.text, 'n' || old.namespace);
        END;
        CREATE TRIGGER entries_changed AFTER UPDATE OF text ON entries BEGIN
            INSERT INTO words (words, rowid, text, place)
            VALUES ('delete', old.number, old.text, 'n' || old.namespace);
            INSERT INTO words (rowid, text, place) VALUES (new.number, new.text, 'n' || new.namespace);
        END;
        """

    /// Opens a memory database and brings it to this version.
    /// - Parameter migrations: tests hand in more than there are.
    /// - Throws: `memory_corrupt`, `memory_foreign`, `memory_newer`, `memory_full`, `memory_unavailable`.
    static func open(_ path: String, migrations: [String] = migrations) throws -> Database {
        do {
            let database = try Database(path: path)
            try configure(database)
            try check(database, path, known: migrations.count)
            try migrate(database, migrations)
            try Relevance.register(in: database)
            return database
        } catch let fault as DatabaseFault {
            throw MemorySQLiteErrors.database(fault, path)
        }
    }

    /// FULL: what was acknowledged survives a power cut. Deleted content is overwritten. The log shrinks after a burst.
    private static func configure(_ database: Database) throws {
        try database.execute(
            """
            PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 16777216;
            """)
    }

    private static func check(_ database: Database, _ path: String, known: Int) throws {
        let mark = try database.first("PRAGMA application_id") { $0.integer(0) } ?? 0
        let version = try database.first("PRAGMA user_version") { $0.integer(0) } ?? 0
        let tables = try database.first("SELECT COUNT(*) FROM sqlite_schema") { $0.integer(0) } ?? 0
        if tables == 0, mark == 0, version == 0 { return }
        guard mark == applicationID else { throw MemorySQLiteErrors.foreign(path) }
        guard version <= known else { throw MemorySQLiteErrors.newer(path, version: version, known: known) }
    }

    private static func migrate(_ database: Database, _ migrations: [String]) throws {
        let done = try database.first("PRAGMA user_version") { $0.integer(0) } ?? 0
        for (index, sql) in migrations.enumerated().dropFirst(Int(done)) {
            try database.transaction {
                // Another process may have been here first.
                guard try database.first("PRAGMA user_version", [], { $0.integer(0) }) == Int64(index) else { return }
                try database.execute(sql)
                try database.execute("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(index + 1)")
            }
        }
    }
}
