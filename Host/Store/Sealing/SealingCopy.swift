// SPDX-License-Identifier: Apache-2.0
// SealingCopy: the rows of an unsealed database, sealed into a new one. Old columns by name, as the versions before wrote
// them; they never change any more.

import CorralBase
import Foundation
import GRDB

struct SealingCopy {
    let old: Database
    let new: Database
    let sealer: Sealer

    func owner(_ now: Int64) throws {
        try copy("owner", ["one", "tenant", "epoch", "process", "opened_at"])
        if try old.tableExists("usage") { try copy("usage", ["day", "name", "amount"]) }
        try SealedOpening.record(sealer, now, hasPlainFiles: true, new)
    }

    private func copy(_ table: String, _ columns: [String]) throws {
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        let names = columns.joined(separator: ", ")
        try forEach("SELECT \(names) FROM \(table)") { row in
            try new.execute(
                sql: "INSERT INTO \(table) (\(names)) VALUES (\(marks))",
                arguments: StatementArguments(Array(row.databaseValues)))
        }
    }

    // MARK: Values and files

    func values(_ blobs: PlainFolder, _ artifacts: PlainFolder) throws {
        try forEach("SELECT id, hash, size, refs, touched_at, bytes FROM blobs") { row in
            guard let hash = ContentHash(bytes: Array(row[1] as Data)) else { return }
            let place: ContentPlace
            var sealed: Data?
            if let bytes = row[5] as Data? {
                place = sealer.place(of: hash, in: .blobs)
                // A damaged value stays one: it is kept without its content.
                if ContentHash(of: Array(bytes)) == hash {
                    sealed = Data(try sealer.seal(Array(bytes), at: PayloadTable.seal(place)))
                }
            } else {
                place = try blobs.seal(hash)
            }
            try new.execute(
                sql: "INSERT INTO blobs (id, hash, size, refs, touched_at, bytes) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    row[0] as Int64, Data(place.bytes), row[2] as Int64, row[3] as Int64, row[4] as Int64, sealed,
                ])
        }
        try forEach("SELECT hash, bytes, refs, touched_at FROM artifact_files") { row in
            guard let hash = ContentHash(hex: row[0]) else { return }
            try new.execute(
                sql: "INSERT INTO artifact_files (place, bytes, refs, touched_at) VALUES (?, ?, ?, ?)",
                arguments: [
                    Data(try artifacts.seal(hash).bytes), row[1] as Int64, row[2] as Int64, row[3] as Int64,
                ])
        }
        try forEach(
            """
            SELECT run, artifacts.hash, name, media_type, step, kept_at, bytes
            FROM artifacts JOIN artifact_files ON artifact_files.hash = artifacts.hash
            """
        ) { row in
            let run = try RunID(row[0])
            guard let hash = ContentHash(hex: row[1]) else { return }
            let reference = ArtifactRef(sha256: row[1], name: row[2], bytes: row[6], mediaType: row[3])
            let (place, name) = (sealer.place(of: hash, in: .artifacts), sealer.nameToken(reference))
            let sealed = try sealer.seal(reference.record, at: ArtifactRef.place(run, place, name))
            try new.execute(
                sql: """
                    INSERT INTO artifacts (run, place, name_token, step, kept_at, reference)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    run.text, Data(place.bytes), Data(name), row[4] as String?, row[5] as Int64, Data(sealed),
                ])
        }
    }

    // MARK: Runs

    func runs() throws {
        let columns = ["id", "flow", "definition", "input", "output", "state", "mode", "seed", "created_at"]
        let tokens = RunToken.allCases.map(\.column)
        let names = columns + ["finished_at", "failed_step", "about", "ending"] + tokens
        let sql =
            "INSERT INTO runs (\(names.joined(separator: ", "))) VALUES ("
            + names.map { _ in "?" }.joined(separator: ", ") + ")"
        try forEach("SELECT * FROM runs") { row in
            let run = try RunID(row["id"])
            let about = try RunAbout(plain: row)
            let ending = RunEndingText(error: try CorralError(record: json(row["error"])), reason: row["reason"])
            var values: [DatabaseValue] = columns.map { row[$0] }
            values[1] = Self.flow(row["flow"], about).databaseValue
            values += [row["finished_at"], row["failed_step"]]
            values.append(Data(try sealer.seal(about.json, at: RunAbout.place(run))).databaseValue)
            values.append(
                try ending.json.map { Data(try sealer.seal($0, at: RunEndingText.place(run))) }?.databaseValue ?? .null)
            values += RunToken.allCases.map { token in
                token.value(of: about).map { Data(sealer.token($0, token)).databaseValue } ?? .null
            }
            try new.execute(sql: sql, arguments: StatementArguments(values))
        }
    }

    /// An agent that ran alone was named by the part after the slash; now by its id, as `--flow` asks for it.
    private static func flow(_ name: String, _ about: RunAbout) -> String {
        guard let file = about.context["file"]?.stringValue, (try? PluginID(file)) != nil,
            let part = file.split(separator: "/").last, part.replacing(".", with: "-") == name
        else { return name }
        return file
    }

    // MARK: Records

    func records() throws {
        let plain = ["run", "seq", "at", "kind", "step", "item", "lineage", "attempt", "target", "payload"]
        let sql =
            "INSERT INTO journal (\(plain.joined(separator: ", ")), metrics, detail) VALUES ("
            + (plain + ["", ""]).map { _ in "?" }.joined(separator: ", ") + ")"
        try forEach("SELECT * FROM journal") { row in
            let run = try RunID(row["run"])
            var record = JournalRow(row["kind"])
            record.detail = try json(row["detail"])
            let (metrics, content) = record.parts
            var values: [DatabaseValue] = plain.map { row[$0] }
            if record.kind.hasPrefix("effect.") {
                values[8] = record.detail?["service"]?.stringValue?.databaseValue ?? .null
            }
            values.append(metrics?.text().databaseValue ?? .null)
            let place = JournalRow.place(run, row["seq"])
            values.append(try content.map { Data(try sealer.seal($0, at: place)) }?.databaseValue ?? .null)
            try new.execute(sql: sql, arguments: StatementArguments(values))
            if record.kind == "attempt.result" { try note(record.detail, of: run) }
        }
        try forEach("SELECT * FROM effects") { row in
            let key = EffectKey(
                step: row["step"], lineage: row["lineage"], service: row["service"], method: row["method"],
                requestHash: row["request_hash"], ordinal: row["ordinal"])
            try new.execute(
                sql: """
                    INSERT INTO effects (run, step, item, lineage, key_token, ordinal, intent_seq, result_seq)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    row["run"] as String, key.step, row["item"] as Int64, key.lineage, Data(sealer.token(key)),
                    key.ordinal, row["intent_seq"] as Int64, row["result_seq"] as Int64?,
                ])
        }
    }

    private func note(_ detail: JSON?, of run: RunID) throws {
        if let confidence = detail?["confidence"]?.doubleValue {
            try new.execute(
                sql: "UPDATE runs SET confidence = min(coalesce(confidence, ?2), ?2) WHERE id = ?1",
                arguments: [run.text, confidence])
        }
        for name in Set((detail?["changes"]?.arrayValue ?? []).compactMap { $0["class"]?.stringValue }) {
            try new.execute(
                sql: "INSERT INTO run_changes (class_token, run) VALUES (?, ?) ON CONFLICT DO NOTHING",
                arguments: [Data(sealer.changeToken(name)), run.text])
        }
    }

    private func forEach(_ sql: String, _ body: (Row) throws -> Void) throws {
        let rows = try Row.fetchCursor(old, sql: sql)
        while let row = try rows.next() { try body(row) }
    }

    /// What is no JSON any more stays out; reading the record says that something is missing.
    private func json(_ text: String?) throws -> JSON? { text.flatMap { try? JSON(parsing: $0) } }
}

extension RunAbout {
    /// From the columns of an unsealed `runs`.
    fileprivate init(plain row: Row) throws {
        func json(_ column: String) -> JSON? { (row[column] as String?).flatMap { try? JSON(parsing: $0) } }
        let labels = json("labels")?.objectValue?.members ?? []
        self.init(
            flowDigest: row["flow_digest"], user: row["user"], feature: row["feature"], session: row["session"],
            labels: Dictionary(
                labels.map { ($0.key, $0.value.stringValue ?? "") }, uniquingKeysWith: { first, _ in first }),
            clientRequest: row["client_request"], context: json("context") ?? .null)
    }
}
