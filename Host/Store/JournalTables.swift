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

    init(_ database: StoreDatabase) throws {
        epoch = try database.prepare("SELECT epoch FROM owner")
        sequence = try database.prepare("SELECT seq FROM journal WHERE run = ?1 ORDER BY seq DESC LIMIT 1")
        journal = try database.prepare(
            """
            INSERT INTO journal (run, seq, at, kind, step, item, lineage, attempt, target, payload, detail)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """)
        run = try database.prepare(
            """
            INSERT INTO runs (id, flow, flow_digest, definition, input, state, mode, seed, user, feature, session,
                labels, client_request, context, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, 'running', ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            """)
        runEnd = try database.prepare(
            """
            UPDATE runs SET state = ?2, finished_at = ?3, output = ?4, error = ?5, failed_step = ?6, reason = ?7
            WHERE id = ?1 AND state = 'running' RETURNING 1
            """)
        effectIntent = try database.prepare(
            """
            INSERT INTO effects (run, step, item, lineage, service, method, request_hash, ordinal, intent_seq)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING
            """)
        // A second result of the same effect stays in the journal, but the first is the one that counts.
        effectResult = try database.prepare(
            """
            UPDATE effects SET result_seq = coalesce(result_seq, ?9)
            WHERE run = ?1 AND step = ?2 AND item = ?3 AND lineage = ?4 AND service = ?5 AND method = ?6
                AND request_hash = ?7 AND ordinal = ?8 RETURNING 1
            """)
        artifact = try database.prepare(
            """
            INSERT INTO artifacts (run, hash, name, media_type, step, kept_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO NOTHING RETURNING 1
            """)
        artifactFile = try database.prepare(
            """
            INSERT INTO artifact_files (hash, bytes, refs, touched_at) VALUES (?1, ?2, 1, ?3)
            ON CONFLICT (hash) DO UPDATE SET refs = refs + 1, touched_at = excluded.touched_at
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
        case .effectIntent(let key, _, _):
            effectIntent.bindEffect(record.run, key)
            effectIntent.bind(9, sequence)
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
        journal.bind(11, row.detail?.text())
        try journal.run()
    }

    private func insertRun(
        _ prepared: PreparedRecord, _ creation: RunCreation, _ payloads: PayloadTable, _ artifacts: ArtifactFolder
    ) throws {
        let record = prepared.record
        run.bind(1, record.run.text)
        run.bind(2, creation.flow)
        run.bind(3, creation.flowDigest)
        run.bind(4, try payloads.insert(prepared.definition, at: record.at))
        run.bind(5, try payloads.insert(prepared.input, at: record.at))
        run.bind(6, creation.mode.rawValue)
        run.bind(7, Int64(bitPattern: creation.seed))
        run.bind(8, creation.user)
        run.bind(9, creation.feature)
        run.bind(10, creation.session)
        run.bind(11, labelText(creation.labels))
        run.bind(12, creation.clientRequest)
        run.bind(13, creation.context.text())
        run.bind(14, record.at)
        do {
            try run.run()
        } catch let failure as DatabaseError where failure.resultCode == .SQLITE_CONSTRAINT {
            let isRequest = failure.message?.contains("client_request") ?? false
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
        let (state, error, step, reason): (String, CorralError?, String?, String?) =
            switch ending {
            case .succeeded: ("succeeded", nil, nil, nil)
            case .failed(let error, let step): ("failed", error, step, nil)
            case .cancelled(let reason): ("cancelled", nil, nil, reason)
            }
        runEnd.bind(1, record.run.text)
        runEnd.bind(2, state)
        runEnd.bind(3, record.at)
        runEnd.bind(4, try payloads.insert(prepared.payload, at: record.at))
        runEnd.bind(5, error?.json.text())
        runEnd.bind(6, step)
        runEnd.bind(7, reason)
        guard try runEnd.runForInteger() != nil else {
            throw CorralError.internalFault("run \"\(record.run)\" ends a second time, or was never created")
        }
    }

    private func endEffect(_ run: RunID, _ key: EffectKey, _ sequence: Int64) throws {
        effectResult.bindEffect(run, key)
        effectResult.bind(9, sequence)
        guard try effectResult.runForInteger() != nil else {
            throw CorralError.internalFault("a result of effect \"\(key.service).\(key.method)\" without its intent")
        }
    }

    private func keep(
        _ reference: ArtifactRef, _ step: String?, _ record: JournalRecord, _ artifacts: ArtifactFolder
    ) throws {
        guard let hash = ContentHash(hex: reference.sha256), artifacts.content.size(of: hash) == reference.bytes else {
            throw CorralError.artifactMissing(reference.sha256)
        }
        artifact.bind(1, record.run.text)
        artifact.bind(2, reference.sha256)
        artifact.bind(3, reference.name)
        artifact.bind(4, reference.mediaType)
        artifact.bind(5, step)
        artifact.bind(6, record.at)
        // The same file kept twice by one run is one reference.
        guard try artifact.runForInteger() != nil else { return }
        artifactFile.bind(1, reference.sha256)
        artifactFile.bind(2, reference.bytes)
        artifactFile.bind(3, record.at)
        try artifactFile.run()
    }

    private func labelText(_ labels: [String: String]) -> String? {
        guard !labels.isEmpty else { return nil }
        return JSON.object(JSONObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })).text()
    }
}

extension SQLStatement {
    /// Binds the eight columns of an effect's key.
    func bindEffect(_ run: RunID, _ key: EffectKey) {
        bind(1, run.text)
        bind(2, key.step)
        bind(3, key.item ?? -1)
        bind(4, key.lineage)
        bind(5, key.service)
        bind(6, key.method)
        bind(7, key.requestHash)
        bind(8, key.ordinal)
    }
}
