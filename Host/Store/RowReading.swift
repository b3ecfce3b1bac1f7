// SPDX-License-Identifier: Apache-2.0
// RowReading: rows of state.db → values. A row that this program cannot understand is an error with its place, never a
// guess: the journal decides what runs again.

import CorralBase
import GRDB

extension TenantStore {
    /// - Parameters:
    ///   - condition: SQL over the columns of `runs`; only text of this module, never a person's.
    ///   - limit: -1 for all.
    func runs(where condition: String, _ values: [String], limit: Int) throws -> [StoredRun] {
        let rows = try database.perform { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, flow, flow_digest, state, mode, seed, user, feature, session, labels, client_request,
                        context, created_at, finished_at, error, failed_step, reason
                    FROM runs WHERE \(condition) ORDER BY id DESC LIMIT \(limit)
                    """, arguments: StatementArguments(values))
        }
        return try rows.map(storedRun)
    }

    func ids(from first: String, below last: String, limit: Int) throws -> [RunID] {
        try database.perform { db in
            try String.fetchAll(
                db, sql: "SELECT id FROM runs WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
                arguments: [first, last, limit])
        }.map { try RunID($0) }
    }

    func payloadIDs(of run: RunID) throws -> (definition: Int64?, input: Int64?) {
        try database.perform { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT definition, input FROM runs WHERE id = ?", arguments: [run.text])
            return (row?[0], row?[1])
        }
    }

    /// The files the record of the run's creation names, in its order.
    func inputArtifacts(of run: RunID) throws -> [ArtifactRef] {
        let detail = try database.perform { db in
            try String.fetchOne(
                db, sql: "SELECT detail FROM journal WHERE run = ? AND kind = 'run.created'", arguments: [run.text])
        }
        guard let list = try detail.map({ try JSON(parsing: $0) })?["artifacts"]?.arrayValue else { return [] }
        do {
            return try list.map(ArtifactRef.init(record:))
        } catch let problem as JournalRow.Unreadable {
            throw CorralError.recordUnreadable(run, sequence: 1, cause: problem.reason)
        }
    }

    func forEachEntry(of run: RunID, includesPayloads: Bool, _ body: (JournalEntry) throws -> Void) throws {
        let columns = includesPayloads ? "hash, size, bytes" : "NULL, NULL, NULL"
        let join = includesPayloads ? "LEFT JOIN blobs ON blobs.id = journal.payload" : ""
        let statement = try database.prepare(
            """
            SELECT seq, at, kind, step, item, lineage, attempt, target, detail, payload, \(columns)
            FROM journal \(join) WHERE run = ?1 ORDER BY seq
            """)
        try database.perform { _ in
            statement.bind(1, run.text)
            var expected: Int64 = 1
            try statement.forEachRow { row in
                let sequence = row.integer(0) ?? 0
                guard sequence == expected else {
                    throw CorralError.recordUnreadable(run, sequence: expected, cause: "it is missing")
                }
                expected += 1
                try body(try entry(row, run, sequence, includesPayloads))
                return true
            }
        }
    }

    private func entry(
        _ row: SQLRow, _ run: RunID, _ sequence: Int64, _ includesPayloads: Bool
    ) throws -> JournalEntry {
        do {
            var record = JournalRow(row.text(2) ?? "")
            record.step = row.text(3)
            record.item = row.integer(4).map { Int($0) }
            record.lineage = row.integer(5).map { Int($0) }
            record.attempt = row.integer(6).map { Int($0) }
            record.target = row.text(7)
            record.detail = try row.text(8).map { try JSON(parsing: $0) }
            if includesPayloads, !row.isNull(9) {
                record.payload = try payloads.content(hash: row.bytes(10), size: row.integer(11), bytes: row.bytes(12))
            }
            let event = try record.event { try self.creation(of: run, includesPayloads) }
            return JournalEntry(sequence: sequence, at: row.integer(1) ?? 0, event: event)
        } catch let problem as JournalRow.Unreadable {
            throw CorralError.recordUnreadable(run, sequence: sequence, cause: problem.reason)
        } catch let error as CorralError where error.code == .jsonInvalid {
            throw CorralError.recordUnreadable(run, sequence: sequence, cause: error.message)
        }
    }

    private func creation(of run: RunID, _ includesPayloads: Bool) throws -> RunCreation {
        guard var creation = try creation(of: run) else {
            throw JournalRow.Unreadable(reason: "the run's row is missing")
        }
        if !includesPayloads { (creation.definition, creation.input) = ([], []) }
        return creation
    }

    private func storedRun(_ row: Row) throws -> StoredRun {
        let id = try RunID(row["id"] as String)
        func need<T>(_ value: T?, _ column: String) throws -> T {
            guard let value else { throw CorralError.recordUnreadable(id, sequence: 0, cause: "column \(column)") }
            return value
        }
        func json(_ column: String) throws -> JSON? { try (row[column] as String?).map { try JSON(parsing: $0) } }
        let labels = try json("labels")?.objectValue?.members ?? []
        return StoredRun(
            id: id, flow: row["flow"], flowDigest: row["flow_digest"],
            state: try need(StoredRun.State(rawValue: row["state"]), "state"),
            mode: try need(Durability(rawValue: row["mode"]), "mode"), seed: UInt64(bitPattern: row["seed"]),
            user: row["user"], feature: row["feature"], session: row["session"],
            labels: Dictionary(
                labels.map { ($0.key, $0.value.stringValue ?? "") }, uniquingKeysWith: { first, _ in first }),
            clientRequest: row["client_request"], context: try json("context") ?? .null, createdAt: row["created_at"],
            finishedAt: row["finished_at"], error: CorralError(record: try json("error")),
            failedStep: row["failed_step"], reason: row["reason"])
    }
}
