// SPDX-License-Identifier: Apache-2.0
// GarbageCollection: the only code that deletes. A value or file goes when nothing refers to it and it is old enough
// that no append under way can be about to refer to it.

import CorralBase
import Foundation
import GRDB

extension TenantStore {
    package struct Collected: Sendable, Hashable {
        package var blobs = 0
        package var artifacts = 0
        /// Files without a row: what a crash left.
        package var orphans = 0
    }

    /// Deletes a finished run with all its records; its values and files go with the next collection.
    /// - Parameter now: wall-clock nanoseconds.
    /// - Throws: `run_unknown`, `run_unfinished`, and what `append` throws.
    package func deleteRun(_ id: RunID, now: Int64) throws {
        guard let stored = try run(id) else { throw CorralError.runUnknown(id.text, nearest: nil) }
        guard stored.state != .running else { throw CorralError.runUnfinished(id) }
        try commit(.sync) {
            try database.perform { db in
                // A value may be referred to several times by one run.
                try db.execute(
                    sql: """
                        WITH used (blob) AS (
                            SELECT payload FROM journal WHERE run = ?1
                            UNION ALL SELECT definition FROM runs WHERE id = ?1
                            UNION ALL SELECT input FROM runs WHERE id = ?1
                            UNION ALL SELECT output FROM runs WHERE id = ?1),
                        counted (blob, uses) AS (SELECT blob, count(*) FROM used WHERE blob IS NOT NULL GROUP BY blob)
                        UPDATE blobs SET refs = refs - counted.uses, touched_at = ?2
                        FROM counted WHERE counted.blob = blobs.id
                        """, arguments: [id.text, now])
                try db.execute(
                    sql: """
                        UPDATE artifact_files SET refs = refs - counted.uses, touched_at = ?2
                        FROM (SELECT place, count(*) AS uses FROM artifacts WHERE run = ?1 GROUP BY place) AS counted
                        WHERE counted.place = artifact_files.place
                        """, arguments: [id.text, now])
                for table in [
                    "journal WHERE run", "effects WHERE run", "artifacts WHERE run", "run_changes WHERE run",
                    "scores WHERE run",
                    "runs WHERE id",
                ] {
                    try db.execute(sql: "DELETE FROM \(table) = ?", arguments: [id.text])
                }
            }
        }
        forget(id)
    }

    /// Deletes values and files that nothing has referred to for a while, and what crashes left in the folders.
    /// - Parameters:
    ///   - age: younger ones stay; an import under way may be about to refer to them.
    ///   - now: wall-clock nanoseconds.
    /// - Throws: what `append` throws; a file that could not be deleted is tried again next time.
    package func collectGarbage(olderThan age: Duration = .seconds(3_600), now: Int64) throws -> Collected {
        let oldest = now &- nanoseconds(age)
        var collected = Collected()
        var (blobs, files): ([ContentPlace], [ContentPlace]) = ([], [])
        try commit(.sync) {
            try database.perform { db in
                let large = try Row.fetchAll(
                    db, sql: "DELETE FROM blobs WHERE refs <= 0 AND touched_at < ? RETURNING hash, bytes IS NULL",
                    arguments: [oldest])
                collected.blobs = large.count
                blobs = large.compactMap { row in row[1] ? ContentPlace(bytes: Array(row[0] as Data)) : nil }
                let gone = try Data.fetchAll(
                    db, sql: "DELETE FROM artifact_files WHERE refs <= 0 AND touched_at < ? RETURNING place",
                    arguments: [oldest])
                collected.artifacts = gone.count
                files = gone.compactMap { ContentPlace(bytes: Array($0)) }
            }
        }
        // After the commit: a crash in between leaves files without rows, which the sweep finds; never the reverse.
        for place in blobs { try payloads.removeFile(place) }
        for place in files { try artifacts.content.remove(place) }
        collected.orphans = try sweep(before: oldest)
        return collected
    }

    /// Checks the database's structure and reads every value and file, comparing hashes. Slow: reads everything.
    /// - Returns: what is damaged; empty when all is well.
    package func verify() throws -> [CorralError] {
        var problems: [CorralError] = []
        let report = try database.perform { db in try String.fetchAll(db, sql: "PRAGMA integrity_check(20)") }
        for line in report where line != "ok" { problems.append(.storeCorrupt(path, cause: line)) }
        let ids = try database.perform { db in try Int64.fetchAll(db, sql: "SELECT id FROM blobs") }
        for id in ids { try note(&problems) { try payloads.verify(id) } }
        let files = try database.perform { db in try Data.fetchAll(db, sql: "SELECT place FROM artifact_files") }
        for place in files.compactMap({ ContentPlace(bytes: Array($0)) }) {
            try note(&problems) { try artifacts.verify(place) }
        }
        return problems
    }

    private func note(_ problems: inout [CorralError], _ check: () throws -> Void) throws {
        do { try check() } catch let error as CorralError { problems.append(error) }
    }

    private func sweep(before oldest: Int64) throws -> Int {
        let blobs = try payloads.sweep(before: oldest) { try isKnown("blobs", "hash", $0) }
        let files = try artifacts.content.sweep(before: oldest) { try isKnown("artifact_files", "place", $0) }
        return blobs + files
    }

    private func isKnown(_ table: String, _ column: String, _ place: ContentPlace) throws -> Bool {
        try database.perform { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE \(column) = ?)", arguments: [Data(place.bytes)])
                ?? true
        }
    }
}

private func nanoseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : whole &+ attoseconds / 1_000_000_000
}
