// SPDX-License-Identifier: Apache-2.0
// RowReading: rows of state.db → values. A row that this program cannot understand is an error with its place, never a
// guess: the journal decides what runs again.

import CorralBase
import Foundation
import GRDB

extension TenantStore {
    /// - Parameters:
    ///   - condition: SQL over the columns of `runs`; only text of this module, never a person's.
    ///   - limit: -1 for all.
    func runs(where condition: String, _ values: [DatabaseValue], limit: Int) throws -> [StoredRun] {
        let rows = try database.perform { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, flow, state, mode, seed, created_at, finished_at, failed_step, confidence, about, ending
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
            try Data.fetchOne(
                db, sql: "SELECT detail FROM journal WHERE run = ? AND seq = 1 AND detail IS NOT NULL",
                arguments: [run.text])
        }
        guard let list = try self.detail(detail, run, 1)?["artifacts"]?.arrayValue else { return [] }
        return try readable(run, 1) { try list.map(ArtifactRef.init(record:)) }
    }

    /// A record's sealed detail.
    func detail(_ sealed: Data?, _ run: RunID, _ sequence: Int64) throws -> JSON? {
        guard let sealed else { return nil }
        return try readable(run, sequence) { try sealer.openJSON(Array(sealed), at: JournalRow.place(run, sequence)) }
    }

    /// Turns what is wrong with a row into an error with its place.
    func readable<T>(_ run: RunID, _ sequence: Int64, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let problem as JournalRow.Unreadable {
            throw CorralError.recordUnreadable(run, sequence: sequence, cause: problem.reason)
        } catch let broken as Sealer.Broken {
            throw CorralError.recordUnreadable(run, sequence: sequence, cause: broken.reason)
        } catch let error as CorralError where error.code == .jsonInvalid {
            throw CorralError.recordUnreadable(run, sequence: sequence, cause: error.message)
        }
    }

    func forEachEntry(of run: RunID, includesPayloads: Bool, _ body: (JournalEntry) throws -> Void) throws {
        let columns = includesPayloads ? "hash, size, bytes" : "NULL, NULL, NULL"
        let join = includesPayloads ? "LEFT JOIN blobs ON blobs.id = journal.payload" : ""
        let statement = try database.prepare(
            """
            SELECT seq, at, kind, step, item, lineage, attempt, target, metrics, detail, payload, \(columns)
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
        try readable(run, sequence) {
            var record = JournalRow(row.text(2) ?? "")
            record.step = row.text(3)
            record.item = row.integer(4).map { Int($0) }
            record.lineage = row.integer(5).map { Int($0) }
            record.attempt = row.integer(6).map { Int($0) }
            record.target = row.text(7)
            record.setDetail(
                metrics: try row.text(8).map { try JSON(parsing: $0) },
                content: try row.bytes(9).map { try sealer.openJSON($0, at: JournalRow.place(run, sequence)) })
            if includesPayloads, !row.isNull(10) {
                record.payload = try payloads.content(
                    place: row.bytes(11), size: row.integer(12), bytes: row.bytes(13))
            }
            let event = try record.event { try self.creation(of: run, includesPayloads) }
            return JournalEntry(sequence: sequence, at: row.integer(1) ?? 0, event: event)
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
        func json(_ column: String, _ place: SealPlace) throws -> JSON? {
            guard let sealed = row[column] as Data? else { return nil }
            return try readable(id, 0) { try sealer.openJSON(Array(sealed), at: place) }
        }
        let about = RunAbout(try need(json("about", RunAbout.place(id)), "about"))
        let ending = RunEndingText(try json("ending", RunEndingText.place(id)))
        return StoredRun(
            id: id, flow: row["flow"], flowDigest: about.flowDigest,
            state: try need(StoredRun.State(rawValue: row["state"]), "state"),
            mode: try need(Durability(rawValue: row["mode"]), "mode"), seed: UInt64(bitPattern: row["seed"]),
            user: about.user, feature: about.feature, session: about.session, taskType: about.taskType,
            complexity: about.complexity, labels: about.labels, clientRequest: about.clientRequest,
            context: about.context, createdAt: row["created_at"], finishedAt: row["finished_at"], error: ending.error,
            failedStep: row["failed_step"], reason: ending.reason, confidence: row["confidence"])
    }
}
