// SPDX-License-Identifier: Apache-2.0
// RunQueries: what can be asked of a tenant's runs. All of it reads the same connection that writes, on the lane.

import CorralBase
import GRDB

extension TenantStore {
    // MARK: Runs

    /// - Returns: nil when there is no such run.
    package func run(_ id: RunID) throws -> StoredRun? {
        try runs(where: "id = ?", [id.text], limit: 1).first
    }

    /// The run that a client's request id started, if any.
    package func run(clientRequest: String) throws -> StoredRun? {
        try runs(where: "client_request = ?", [clientRequest], limit: 1).first
    }

    /// Newest first.
    package func runs(_ filter: RunFilter = RunFilter()) throws -> [StoredRun] {
        var conditions: [String] = []
        var values: [String] = []
        for (column, value) in [
            ("state = ?", filter.state?.rawValue), ("flow = ?", filter.flow), ("session = ?", filter.session),
            ("id < ?", filter.before?.text),
        ] {
            guard let value else { continue }
            conditions.append(column)
            values.append(value)
        }
        let condition = conditions.isEmpty ? "1" : conditions.joined(separator: " AND ")
        return try runs(where: condition, values, limit: filter.limit)
    }

    /// Runs without an end, oldest first: what a starting host resumes.
    package func unfinishedRuns() throws -> [StoredRun] {
        try runs(where: "state = 'running'", [], limit: -1).reversed()
    }

    /// The run whose id is `text` or starts with it.
    /// - Throws: `run_unknown`, naming the nearest id; `run_ambiguous`, naming the candidates.
    package func resolve(_ text: String) throws -> RunID {
        let isPrefix = !text.isEmpty && text.utf8.count <= 16 && text.utf8.allSatisfy { $0 < 0x7B && $0 > 0x2F }
        let matches = isPrefix ? try ids(from: text, below: text + "{", limit: 5) : []
        if matches.count == 1 { return matches[0] }
        guard matches.isEmpty else { throw CorralError.runAmbiguous(text, matches: matches) }
        let recent = try runs(RunFilter(limit: 200)).map(\.id.text)
        throw CorralError.runUnknown(String(text.prefix(40)), nearest: nearestName(to: text, among: recent))
    }

    /// What the run was started with, to build its machine again; nil when there is no such run.
    package func creation(of run: RunID) throws -> RunCreation? {
        guard let stored = try self.run(run) else { return nil }
        let (definition, input) = try payloadIDs(of: run)
        return RunCreation(
            flow: stored.flow, flowDigest: stored.flowDigest, definition: try definition.map(payloads.read) ?? [],
            input: try input.map(payloads.read) ?? [], seed: stored.seed, mode: stored.mode, user: stored.user,
            feature: stored.feature, session: stored.session, labels: stored.labels,
            clientRequest: stored.clientRequest, artifacts: try inputArtifacts(of: run),
            context: stored.context)
    }

    /// The output of a run that succeeded.
    package func output(of run: RunID) throws -> [UInt8]? {
        let id = try database.perform { db in
            try Int64.fetchOne(db, sql: "SELECT output FROM runs WHERE id = ?", arguments: [run.text])
        }
        return try id.map(payloads.read)
    }

    /// The run's files, in the order they were kept.
    package func artifacts(of run: RunID) throws -> [ArtifactRef] {
        try database.perform { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT artifacts.hash, name, artifact_files.bytes, media_type FROM artifacts
                    JOIN artifact_files ON artifact_files.hash = artifacts.hash
                    WHERE run = ? ORDER BY kept_at, name
                    """, arguments: [run.text]
            ).map { ArtifactRef(sha256: $0[0], name: $0[1], bytes: $0[2], mediaType: $0[3]) }
        }
    }

    // MARK: Journal

    /// All records of a run, in order.
    /// - Parameter includesPayloads: false leaves the `[UInt8]` values empty, which is much cheaper.
    /// - Throws: `record_unreadable`, `payload_corrupt`.
    package func journal(of run: RunID, includesPayloads: Bool = true) throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        try forEachEntry(of: run, includesPayloads: includesPayloads) { entries.append($0) }
        return entries
    }

    /// The run's steps with their attempts, in order of first appearance.
    package func steps(of run: RunID) throws -> [StoredStep] {
        var fold = StepFold()
        try forEachEntry(of: run, includesPayloads: false) { fold.add($0) }
        return fold.steps
    }

    /// Attempts that were sent, or about to be, and have no outcome: they may have run.
    package func unresolvedAttempts(of run: RunID) throws -> [StoredAttempt] {
        try steps(of: run).flatMap(\.attempts).filter { $0.state == .queued || $0.state == .running }
    }

    // MARK: Effects

    /// - Returns: nil when the effect was never intended.
    package func effect(_ key: EffectKey, of run: RunID) throws -> StoredEffect? {
        let row = try database.perform { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT journal.kind, journal.payload, journal.detail FROM effects
                    LEFT JOIN journal ON journal.run = effects.run AND journal.seq = effects.result_seq
                    WHERE effects.run = ? AND effects.step = ? AND effects.item = ? AND effects.lineage = ?
                        AND service = ? AND method = ? AND request_hash = ? AND ordinal = ?
                    """,
                arguments: [
                    run.text, key.step, key.item ?? -1, key.lineage, key.service, key.method, key.requestHash,
                    key.ordinal,
                ])
        }
        guard let row else { return nil }
        let (kind, payload, detail): (String?, Int64?, String?) = (row[0], row[1], row[2])
        switch kind {
        case nil: return .pending
        case "effect.result": return .completed(.succeeded(try payload.map(payloads.read) ?? []))
        default:
            let failure = try detail.map { try JSON(parsing: $0) }?["error"]
            guard let error = CorralError(record: failure) else {
                throw CorralError.recordUnreadable(run, sequence: 0, cause: "a failed effect without an error")
            }
            return .completed(.failed(error))
        }
    }

    /// Effects of a run through these services and methods, admitted and so intended, by first intent.
    package func effects(of run: RunID, services: [(service: String, method: String)]) throws -> [EffectKey] {
        try database.perform { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT step, item, lineage, service, method, request_hash, ordinal FROM effects
                    WHERE run = ? ORDER BY intent_seq
                    """, arguments: [run.text]
            ).map(EffectKey.init(row:)).filter { key in
                services.contains { $0.service == key.service && $0.method == key.method }
            }
        }
    }

    /// Effects that were intended and have no result: they may have happened.
    package func unresolvedEffects(of run: RunID) throws -> [EffectKey] {
        try database.perform { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT step, item, lineage, service, method, request_hash, ordinal FROM effects
                    WHERE run = ? AND result_seq IS NULL ORDER BY intent_seq
                    """, arguments: [run.text]
            ).map(EffectKey.init(row:))
        }
    }
}

extension EffectKey {
    /// Columns step, item, lineage, service, method, request_hash, ordinal.
    fileprivate init(row: Row) {
        let item: Int = row[1]
        self.init(
            step: row[0], item: item < 0 ? nil : item, lineage: row[2], service: row[3], method: row[4],
            requestHash: row[5], ordinal: row[6])
    }
}
