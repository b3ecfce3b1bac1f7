// SPDX-License-Identifier: Apache-2.0
// JournalTables: a record's rows. One record is one row of the journal; what must be looked up without folding (runs,
// effects, artifacts) has a table beside it, changed in the same transaction.

import CorralBase
import GRDB

/// A record with its payload's file written and its hash computed, before the transaction begins.
struct PreparedRecord {
    let record: JournalRecord
    let row: JournalRow
    let payload: PreparedPayload?
    /// Of a run that is created.
    var definition: PreparedPayload?
    var input: PreparedPayload?

    init(_ record: JournalRecord, _ payloads: PayloadTable) throws {
        self.record = record
        row = JournalRow(record.event)
        payload = try payloads.prepare(row.payload)
        if case .runCreated(let creation) = record.event {
            definition = try payloads.prepare(creation.definition)
            input = try payloads.prepare(creation.input)
        }
    }
}

struct JournalTables {
    private let epoch: SQLStatement
    private let sequence: SQLStatement
    private let journal: SQLStatement
    private let run: SQLStatement
    private let runEnd: SQLStatement
    private let effectIntent: SQLStatement
    private let effectResult: SQLStatement
    private let artifact: SQLStatement
    private let artifactFile: SQLStatement
    private let usage: SQLStatement
    private let runConfidence: SQLStatement
    private let runChange: SQLStatement
    private let sealer: Sealer

    init(_ database: StoreDatabase, _ sealer: Sealer) throws {
        self.sealer = sealer
        epoch = try database.prepare("SELECT epoch FROM owner")
        sequence = try database.prepare("SELECT seq FROM journal WHERE run = ?1 ORDER BY seq DESC LIMIT 1")
        journal = try database.prepare(
            """
            INSERT INTO journal (run, seq, at, kind, step, item, lineage, attempt, target, payload, metrics, detail)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """)
        run = try database.prepare(
            """
            INSERT INTO runs (id, flow, definition, input, state, mode, seed, created_at, about,
                \(RunToken.allCases.map(\.column).joined(separator: ", ")))
            VALUES (?1, ?2, ?3, ?4, 'running', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            """)
        runConfidence = try database.prepare(
            "UPDATE runs SET confidence = min(coalesce(confidence, ?2), ?2) WHERE id = ?1")
        runChange = try database.prepare(
            "INSERT INTO run_changes (class_token, run) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
        runEnd = try database.prepare(
            """
            UPDATE runs SET state = ?2, finished_at = ?3, output = ?4, failed_step = ?5, ending = ?6
            WHERE id = ?1 AND state = 'running' RETURNING 1
            """)
        effectIntent = try database.prepare(
            """
            INSERT INTO effects (run, step, item, lineage, key_token, ordinal, intent_seq)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING
            """)
        // A second result of the same effect stays in the journal, but the first is the one that counts.
        effectResult = try database.prepare(
            """
            UPDATE effects SET result_seq = coalesce(result_seq, ?7)
            WHERE run = ?1 AND step = ?2 AND item = ?3 AND lineage = ?4 AND key_token = ?5 AND ordinal = ?6 RETURNING 1
            """)
        artifact = try database.prepare(
            """
            INSERT INTO artifacts (run, place, name_token, step, kept_at, reference) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO NOTHING RETURNING 1
            """)
        artifactFile = try database.prepare(
            """
            INSERT INTO artifact_files (place, bytes, refs, touched_at) VALUES (?1, ?2, 1, ?3)
            ON CONFLICT (place) DO UPDATE SET refs = refs + 1, touched_at = excluded.touched_at
            """)
        usage = try database.prepare(DatabaseKind.usageUpsertSQL)
    }

    /// The runs that are counted when their creation is written. One in mode `exit` is written at its end, so whoever
    /// starts it counts it before.
    private func count(_ creation: RunCreation, at time: Int64) throws {
        guard creation.mode != .exit else { return }
        usage.bind(1, UsageDay.number(at: time))
        usage.bind(2, UsageName.executions)
        usage.bind(3, Int64(1))
        try usage.run()
    }

    func currentEpoch() throws -> Int64 { try epoch.runForInteger() ?? 0 }

    /// - Returns: nil when the run has no record.
    func lastSequence(of run: RunID) throws -> Int64? {
        sequence.bind(1, run.text)
        return try sequence.runForInteger()
    }

    func insert(
        _ prepared: PreparedRecord, sequence: Int64, _ payloads: PayloadTable, _ artifacts: ArtifactFolder
    ) throws {
        let record = prepared.record
        let payload = try payloads.insert(prepared.payload, at: record.at)
        switch record.event {
        case .runCreated(let creation): try insertRun(prepared, creation, payloads, artifacts)
        case .attemptResult(_, let success): try note(success, of: record.run)
        case .effectIntent(let key, _, _):
            effectIntent.bindEffect(record.run, key, sealer)
            effectIntent.bind(7, sequence)
            try effectIntent.run()
        case .effectResult(let key, _, _): try endEffect(record.run, key, sequence)
        case .artifactKept(let reference, let attempt): try keep(reference, attempt?.step, record, artifacts)
        case .runFinished(let ending): try endRun(record, ending, prepared, payloads)
        default: break
        }
        try insertRow(prepared.row, record, sequence, payload)
    }

    private func insertRow(_ row: JournalRow, _ record: JournalRecord, _ sequence: Int64, _ payload: Int64?) throws {
        journal.bind(1, record.run.text)
        journal.bind(2, sequence)
        journal.bind(3, record.at)
        journal.bind(4, row.kind)
        journal.bind(5, row.step)
        journal.bind(6, row.item)
        journal.bind(7, row.lineage)
        journal.bind(8, row.attempt)
        journal.bind(9, row.target)
        journal.bind(10, payload)
        let (metrics, content) = row.parts
        journal.bind(11, metrics?.text())
        journal.bind(12, try content.map { try sealer.seal($0, at: JournalRow.place(record.run, sequence)) })
        try journal.run()
    }

    /// What runs are found by.
    private func note(_ success: AttemptSuccess, of run: RunID) throws {
        if let confidence = success.confidence {
            runConfidence.bind(1, run.text)
            runConfidence.bind(2, confidence)
            try runConfidence.run()
        }
        for name in Set(success.changes.map(\.changeClass)) {
            runChange.bind(1, sealer.changeToken(name))
            runChange.bind(2, run.text)
            try runChange.run()
        }
    }

    private func insertRun(
        _ prepared: PreparedRecord, _ creation: RunCreation, _ payloads: PayloadTable, _ artifacts: ArtifactFolder
    ) throws {
        let record = prepared.record
        let about = RunAbout(creation)
        run.bind(1, record.run.text)
        run.bind(2, creation.flow)
        run.bind(3, try payloads.insert(prepared.definition, at: record.at))
        run.bind(4, try payloads.insert(prepared.input, at: record.at))
        run.bind(5, creation.mode.rawValue)
        run.bind(6, Int64(bitPattern: creation.seed))
        run.bind(7, record.at)
        run.bind(8, try sealer.seal(about.json, at: RunAbout.place(record.run)))
        for (index, token) in RunToken.allCases.enumerated() {
            run.bind(Int32(9 + index), token.value(of: about).map { sealer.token($0, token) })
        }
        do {
            try run.run()
        } catch let failure as DatabaseError where failure.resultCode == .SQLITE_CONSTRAINT {
            let isRequest = failure.message?.contains("request_token") ?? false
            let what = isRequest ? "request id \"\(creation.clientRequest ?? "")\"" : "id \"\(record.run)\""
            throw CorralError.runExists(what)
        }
        for reference in creation.artifacts { try keep(reference, nil, record, artifacts) }
        try count(creation, at: record.at)
    }

    /// The output is the journal row's payload too: one value with two references.
    private func endRun(
        _ record: JournalRecord, _ ending: RunEnding, _ prepared: PreparedRecord, _ payloads: PayloadTable
    ) throws {
        let (state, step, text): (String, String?, RunEndingText) =
            switch ending {
            case .succeeded: ("succeeded", nil, RunEndingText())
            case .failed(let error, let step): ("failed", step, RunEndingText(error: error))
            case .cancelled(let reason): ("cancelled", nil, RunEndingText(reason: reason))
            }
        runEnd.bind(1, record.run.text)
        runEnd.bind(2, state)
        runEnd.bind(3, record.at)
        runEnd.bind(4, try payloads.insert(prepared.payload, at: record.at))
        runEnd.bind(5, step)
        runEnd.bind(6, try text.json.map { try sealer.seal($0, at: RunEndingText.place(record.run)) })
        guard try runEnd.runForInteger() != nil else {
            throw CorralError.internalFault("run \"\(record.run)\" ends a second time, or was never created")
        }
    }

    private func endEffect(_ run: RunID, _ key: EffectKey, _ sequence: Int64) throws {
        effectResult.bindEffect(run, key, sealer)
        effectResult.bind(7, sequence)
        guard try effectResult.runForInteger() != nil else {
            throw CorralError.internalFault("a result of effect \"\(key.service).\(key.method)\" without its intent")
        }
    }

    private func keep(
        _ reference: ArtifactRef, _ step: String?, _ record: JournalRecord, _ artifacts: ArtifactFolder
    ) throws {
        let place = ContentHash(hex: reference.sha256).map(artifacts.content.place)
        guard let place, artifacts.content.size(of: place) == reference.bytes else {
            throw CorralError.artifactMissing(reference.sha256)
        }
        let name = sealer.nameToken(reference)
        artifact.bind(1, record.run.text)
        artifact.bind(2, place.bytes)
        artifact.bind(3, name)
        artifact.bind(4, step)
        artifact.bind(5, record.at)
        artifact.bind(6, try sealer.seal(reference.record, at: ArtifactRef.place(record.run, place, name)))
        // The same file kept twice by one run is one reference.
        guard try artifact.runForInteger() != nil else { return }
        artifactFile.bind(1, place.bytes)
        artifactFile.bind(2, reference.bytes)
        artifactFile.bind(3, record.at)
        try artifactFile.run()
    }
}

extension SQLStatement {
    /// Binds the six columns of an effect's key.
    func bindEffect(_ run: RunID, _ key: EffectKey, _ sealer: Sealer) {
        bind(1, run.text)
        bind(2, key.step)
        bind(3, key.item ?? -1)
        bind(4, key.lineage)
        bind(5, sealer.token(key))
        bind(6, key.ordinal)
    }
}
