// SPDX-License-Identifier: Apache-2.0
// MemoryTable: the entries of one open database: put, get, list and forget. KeywordSearch is the fifth.

import CorralSDK

struct MemoryTable {
    let database: Database

    // MARK: Put

    /// Keeps an entry. On the disk when this returns.
    func put(_ put: MemoryPut) throws -> MemoryReceipt {
        try EntryCheck.check(put)
        return try database.transaction {
            if let effect = put.effect, let done = try known(effect: effect) { return done }
            let namespace = try number(of: put.namespace)
            try sweep(now: put.nowMilliseconds, most: MemoryBounds.sweptByPutMax)
            if let key = put.key, let old = try living(namespace, put.layer, key, now: put.nowMilliseconds) {
                return try replace(old, by: put)
            }
            return try insert(put, namespace)
        }
    }

    private func known(effect: String) throws -> MemoryReceipt? {
        try database.first(
            "SELECT number, created_at, updated_at FROM entries WHERE effect = ?1", [.text(effect)]
        ) { row in
            MemoryReceipt(
                id: EntryID(row.integer(0)).text, createdAtMilliseconds: row.integer(1),
                updatedAtMilliseconds: row.integer(2),
                replaced: row.integer(1) != row.integer(2))
        }
    }

    /// An expired entry of that key is gone already; deleted here, its key is free.
    private func living(
        _ namespace: Int64, _ layer: MemoryLayer, _ key: String, now: Int64
    ) throws -> (number: Int64, createdAt: Int64)? {
        let place: [SQLValue] = [.integer(namespace), .integer(layer.number), .text(key), .integer(now)]
        try database.run(
            """
            DELETE FROM entries WHERE namespace = ?1 AND layer = ?2 AND key = ?3 AND expires_at IS NOT NULL
                AND expires_at <= ?4
            """, place)
        return try database.first(
            "SELECT number, created_at FROM entries WHERE namespace = ?1 AND layer = ?2 AND key = ?3",
            Array(place.dropLast())
        ) { ($0.integer(0), $0.integer(1)) }
    }

    private func replace(_ old: (number: Int64, createdAt: Int64), by put: MemoryPut) throws -> MemoryReceipt {
        try database.run(
            """
            UPDATE entries SET text = ?2, value = ?3, tags = ?4, agent = ?5, run = ?6, session = ?7, user = ?8,
                effect = ?9, expires_at = ?10, updated_at = ?11 WHERE number = ?1
            """, [.integer(old.number)] + content(of: put) + [.integer(put.nowMilliseconds)])
        return MemoryReceipt(
            id: EntryID(old.number).text, createdAtMilliseconds: old.createdAt,
            updatedAtMilliseconds: put.nowMilliseconds, replaced: true)
    }

    private func insert(_ put: MemoryPut, _ namespace: Int64) throws -> MemoryReceipt {
        try database.run(
            """
            INSERT INTO entries (namespace, layer, key, text, value, tags, agent, run, session, user, effect,
                expires_at, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)
            """,
            [.integer(namespace), .integer(put.layer.number), SQLValue(put.key)] + content(of: put)
                + [.integer(put.nowMilliseconds)])
        return MemoryReceipt(
            id: EntryID(database.lastNumber).text, createdAtMilliseconds: put.nowMilliseconds,
            updatedAtMilliseconds: put.nowMilliseconds, replaced: false)
    }

    private func content(of put: MemoryPut) -> [SQLValue] {
        [
            .text(put.text), SQLValue(put.value?.text), .text(JSON.array((put.tags ?? []).map { .text($0) }).text),
            SQLValue(put.author.agent), SQLValue(put.author.run), SQLValue(put.author.session),
            SQLValue(put.author.user), SQLValue(put.effect), SQLValue(put.expiresAtMilliseconds),
        ]
    }

    private func number(of namespace: String) throws -> Int64 {
        guard namespace != Places.wildcard else { throw MemorySQLiteErrors.invalid("an entry needs one namespace") }
        if let known = try places([namespace]).numbers?.first { return known }
        try database.run("INSERT INTO namespaces (name) VALUES (?1)", [.text(namespace)])
        return database.lastNumber
    }

    /// Those of the namespaces that have ever held something.
    func places(_ names: [String]) throws -> Places {
        try EntryCheck.check(namespaces: names)
        if names == [Places.wildcard] { return Places(numbers: nil) }
        let numbers = try names.compactMap { name in
            try database.first("SELECT number FROM namespaces WHERE name = ?1", [.text(name)]) { $0.integer(0) }
        }
        return Places(numbers: numbers)
    }

    // MARK: Get

    func get(_ get: MemoryGet) throws -> MemoryEntry? {
        let layers = get.layer.map { [$0] } ?? MemoryLayer.allCases
        let (column, name) = try EntryCheck.name(id: get.id, key: get.key)
        for place in try places([get.namespace]).each {
            for layer in layers {
                let entry = try database.first(
                    EntryColumns.select + " WHERE \(place.condition("e.")) AND e.layer = ?2 "
                        + "AND \(EntryColumns.alive(3)) AND e.\(column) = ?4",
                    [place.value, .integer(layer.number), .integer(get.nowMilliseconds), name], EntryColumns.entry)
                if let entry { return entry }
            }
        }
        return nil
    }

    // MARK: List

    func list(_ list: MemoryList) throws -> MemoryPage {
        let limit = try EntryCheck.limit(list.limit)
        let before = try list.cursor.map(ListCursor.init(parsing:)) ?? .newest
        var found: [MemoryEntry] = []
        // Each place has its order in an index; the newest of all are among the newest of each.
        for place in try places(list.namespaces).each {
            for layer in list.layers ?? MemoryLayer.allCases {
                found += try newest(place, layer, list, before, limit + 1)
            }
        }
        found.sort { ListCursor($0) > ListCursor($1) }
        let shown = AnswerSize.prefix(found, most: limit)
        let isMore = shown.count < found.count
        return MemoryPage(entries: shown, cursor: isMore ? shown.last.map { ListCursor($0).text } : nil)
    }

    private func newest(
        _ place: Place, _ layer: MemoryLayer, _ list: MemoryList, _ before: ListCursor, _ limit: Int
    ) throws -> [MemoryEntry] {
        try database.rows(
            EntryColumns.select + """
                 WHERE \(place.condition("e.")) AND e.layer = ?2 AND (e.updated_at, e.number) < (?3, ?4)
                    AND \(EntryColumns.alive(5)) AND \(EntryColumns.tagged(6))
                ORDER BY e.updated_at DESC, e.number DESC LIMIT ?7
                """,
            [
                place.value, .integer(layer.number), .integer(before.updatedAt), .integer(before.number),
                .integer(list.nowMilliseconds), EntryColumns.tags(list.tags), .integer(Int64(limit)),
            ], EntryColumns.entry)
    }

    // MARK: Forget

    /// - Returns: how many entries are gone.
    func forget(_ forget: MemoryForget) throws -> Int {
        let count: Int64
        if forget.expired == true {
            count = try deleteAll(
                where: "expires_at IS NOT NULL AND expires_at <= ?1", [.integer(forget.nowMilliseconds)])
        } else {
            count = try forgetSelected(forget)
        }
        if count > 0 { try forgetTraces() }
        return Int(count)
    }

    private func forgetSelected(_ forget: MemoryForget) throws -> Int64 {
        guard let name = forget.namespace else { throw MemorySQLiteErrors.invalid("a namespace is missing") }
        let (condition, value) = try EntryCheck.selection(forget)
        var count: Int64 = 0
        for place in try places([name]).each {
            for layer in forget.layers ?? MemoryLayer.allCases {
                count += try deleteAll(
                    where: "\(place.condition("")) AND layer = ?2 AND \(condition)",
                    [place.value, .integer(layer.number), value])
            }
        }
        return count
    }

    /// Deletes what is past its time, the longest first.
    private func sweep(now: Int64, most: Int64) throws {
        try database.run(
            """
            DELETE FROM entries WHERE number IN (SELECT number FROM entries
                WHERE expires_at IS NOT NULL AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
            """, [.integer(now), .integer(most)])
    }

    private func deleteAll(where condition: String, _ parameters: [SQLValue]) throws -> Int64 {
        let most = MemoryBounds.deletedAtOnceMax
        let sql =
            "DELETE FROM entries WHERE number IN (SELECT number FROM entries WHERE \(condition) LIMIT \(most))"
        var count: Int64 = 0
        while true {
            let deleted = try database.transaction {
                try database.run(sql, parameters)
                return database.changes
            }
            count += deleted
            if deleted < most { return count }
        }
    }

    /// SQLite overwrites deleted rows; their words stay in the index until it is merged, and old pages in the log until it
    /// is written back.
    private func forgetTraces() throws {
        let few = MemoryBounds.optimizedEntriesMax
        let count = try database.first(
            "SELECT COUNT(*) FROM (SELECT 1 FROM entries LIMIT \(few + 1))"
        ) { $0.integer(0) }
        if let count, count <= few { try database.run("INSERT INTO words (words) VALUES ('optimize')") }
        try database.run("PRAGMA incremental_vacuum(1000)")
        try database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    }
}
