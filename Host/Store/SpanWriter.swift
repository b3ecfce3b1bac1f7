// SPDX-License-Identifier: Apache-2.0
// SpanWriter: the open spans.db. Its owner decides what an error means.

import CorralBase
import GRDB

extension DatabaseKind {
    /// "CRRS". Without flushes: the file survives `kill -9`, and a power cut may cost it.
    static let spans = DatabaseKind(
        applicationID: 0x4352_5253, synchronous: "OFF", migrations: [("1 spans", spansSQL)])
}

private let spansSQL = """
    CREATE TABLE spans (
        trace TEXT NOT NULL,
        span TEXT NOT NULL,
        parent TEXT,
        run TEXT NOT NULL,
        step TEXT,
        item INTEGER,
        attempt INTEGER,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        queued_until INTEGER,
        ended_at INTEGER,
        status TEXT NOT NULL,
        attributes TEXT NOT NULL,
        PRIMARY KEY (run, started_at, span)
    ) WITHOUT ROWID;
    """

final class SpanWriter {
    let database: StoreDatabase
    private let upsert: SQLStatement
    private let select: SQLStatement

    init(_ folder: StoreFolder) throws {
        // A person reading it must not hold up the lane: 100 ms, then the spans wait for the next batch.
        database = try StoreDatabase(folder: folder, name: "spans.db", kind: .spans, busyMilliseconds: 100)
        upsert = try database.prepare(
            """
            INSERT INTO spans (trace, span, parent, run, step, item, attempt, name, kind, started_at, queued_until,
                ended_at, status, attributes)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            ON CONFLICT DO UPDATE SET queued_until = excluded.queued_until, ended_at = excluded.ended_at,
                status = excluded.status, attributes = excluded.attributes
            """)
        select = try database.prepare(
            """
            SELECT trace, span, parent, step, item, attempt, name, kind, started_at, queued_until, ended_at, status,
                attributes
            FROM spans WHERE run = ?1 ORDER BY started_at, span
            """)
    }

    func insert(_ spans: [SpanRecord]) throws {
        try transaction { _ in
            for span in spans {
                bind(span)
                try upsert.run()
            }
        }
    }

    func spans(of run: RunID) throws -> [SpanRecord] {
        try database.perform { _ in
            var spans: [SpanRecord] = []
            select.bind(1, run.text)
            try select.forEachRow { row in
                spans.append(span(row, run))
                return true
            }
            return spans
        }
    }

    func delete(_ run: RunID) throws {
        try transaction { db in try db.execute(sql: "DELETE FROM spans WHERE run = ?", arguments: [run.text]) }
    }

    func prune(before time: Int64) throws {
        try transaction { db in try db.execute(sql: "DELETE FROM spans WHERE started_at < ?", arguments: [time]) }
    }

    private func transaction(_ body: (Database) throws -> Void) throws {
        try database.perform { db in
            try db.inTransaction(.immediate) {
                try body(db)
                return .commit
            }
        }
    }

    private func bind(_ span: SpanRecord) {
        upsert.bind(1, span.trace)
        upsert.bind(2, span.span)
        upsert.bind(3, span.parent)
        // Work outside of runs has the empty one.
        upsert.bind(4, span.run?.text ?? "")
        upsert.bind(5, span.step)
        upsert.bind(6, span.item)
        upsert.bind(7, span.attempt)
        upsert.bind(8, span.name)
        upsert.bind(9, span.kind)
        upsert.bind(10, span.startedAt)
        upsert.bind(11, span.queuedUntil)
        upsert.bind(12, span.endedAt)
        upsert.bind(13, span.status)
        upsert.bind(14, span.attributes.text())
    }

    /// Attributes that are no JSON are shown as none: a trace is for reading, not for deciding.
    private func span(_ row: SQLRow, _ run: RunID) -> SpanRecord {
        SpanRecord(
            trace: row.text(0) ?? "", span: row.text(1) ?? "", parent: row.text(2), run: run, step: row.text(3),
            item: row.integer(4).map { Int($0) }, attempt: row.integer(5).map { Int($0) }, name: row.text(6) ?? "",
            kind: row.text(7) ?? "", startedAt: row.integer(8) ?? 0, queuedUntil: row.integer(9),
            endedAt: row.integer(10), status: row.text(11) ?? "unset",
            attributes: row.text(12).flatMap { try? JSON(parsing: $0) } ?? .object([:]))
    }
}
