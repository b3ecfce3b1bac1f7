// SPDX-License-Identifier: Apache-2.0
// RunQueries: what can be asked of a tenant's runs. All of it reads the same connection that writes, on the lane.

import CorralBase
import Foundation
import GRDB

extension TenantStore {
    // MARK: Runs

    /// - Returns: nil when there is no such run.
    package func run(_ id: RunID) throws -> StoredRun? {
        try runs(where: "id = ?", [id.text.databaseValue], limit: 1).first
    }

    /// The run that a client's request id started, if any.
    package func run(clientRequest: String) throws -> StoredRun? {
        try runs(where: "request_token = ?", [Data(sealer.token(clientRequest, .request)).databaseValue], limit: 1)
            .first
    }

    /// Newest first.
    package func runs(_ filter: RunFilter = RunFilter()) throws -> [StoredRun] {
        let (condition, values) = filter.condition(sealer)
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
            feature: stored.feature, session: stored.session, taskType: stored.taskType, complexity: stored.complexity,
            labels: stored.labels, clientRequest: stored.clientRequest, artifacts: try inputArtifacts(of: run),
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
        let rows = try database.perform { db in
            try Row.fetchAll(
                db, sql: "SELECT place, name_token, reference, kept_at FROM artifacts WHERE run = ?",
                arguments: [run.text])
        }
        let found = try rows.map { row in
            (at: row[3] as Int64, artifact: try artifact(row[0] as Data, row[1] as Data, row[2] as Data, run))
        }
        return found.sorted { ($0.at, $0.artifact.name) < ($1.at, $1.artifact.name) }.map(\.artifact)
    }

    private func artifact(_ place: Data, _ name: Data, _ reference: Data, _ run: RunID) throws -> ArtifactRef {
        guard let place = ContentPlace(bytes: Array(place)) else {
            throw CorralError.recordUnreadable(run, sequence: 0, cause: "a file without its place")
        }
        return try readable(run, 0) {
            try ArtifactRef(
                record: sealer.openJSON(Array(reference), at: ArtifactRef.place(run, place, Array(name))))
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
                    SELECT journal.kind, journal.payload, journal.detail, journal.seq FROM effects
                    LEFT JOIN journal ON journal.run = effects.run AND journal.seq = effects.result_seq
                    WHERE effects.run = ? AND effects.step = ? AND effects.item = ? AND effects.lineage = ?
                        AND key_token = ? AND ordinal = ?
                    """,
                arguments: [run.text, key.step, key.item ?? -1, key.lineage, Data(sealer.token(key)), key.ordinal])
        }
        guard let row else { return nil }
        let (kind, payload, detail, sequence): (String?, Int64?, Data?, Int64?) = (row[0], row[1], row[2], row[3])
        switch kind {
        case nil: return .pending
        case "effect.result": return .completed(.succeeded(try payload.map(payloads.read) ?? []))
        default:
            let failure = try self.detail(detail, run, sequence ?? 0)?["error"]
            guard let error = CorralError(record: failure) else {
                throw CorralError.recordUnreadable(
                    run, sequence: sequence ?? 0, cause: "a failed effect without an error")
            }
            return .completed(.failed(error))
        }
    }

    /// Effects of a run through these services and methods, admitted and so intended, by first intent.
    package func effects(of run: RunID, services: [(service: String, method: String)]) throws -> [EffectKey] {
        try effects(of: run, where: "1").filter { key in
            services.contains { $0.service == key.service && $0.method == key.method }
        }
    }

    /// Effects that were intended and have no result: they may have happened.
    package func unresolvedEffects(of run: RunID) throws -> [EffectKey] {
        try effects(of: run, where: "result_seq IS NULL")
    }

    /// - Parameter condition: text of this file.
    private func effects(of run: RunID, where condition: String) throws -> [EffectKey] {
        let rows = try database.perform { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT effects.step, effects.item, effects.lineage, effects.ordinal, intent_seq, detail FROM effects
                    JOIN journal ON journal.run = effects.run AND journal.seq = effects.intent_seq
                    WHERE effects.run = ? AND \(condition) ORDER BY intent_seq
                    """, arguments: [run.text])
        }
        return try rows.map { row in
            let detail = try self.detail(row[5] as Data?, run, row[4])
            guard let service = detail?["service"]?.stringValue, let method = detail?["method"]?.stringValue,
                let hash = detail?["request_hash"]?.stringValue
            else { throw CorralError.recordUnreadable(run, sequence: row[4], cause: "an effect without its key") }
            let item: Int = row[1]
            return EffectKey(
                step: row[0], item: item < 0 ? nil : item, lineage: row[2], service: service, method: method,
                requestHash: hash, ordinal: row[3])
        }
    }
}

extension RunFilter {
    /// - Returns: SQL over `runs`, and what its question marks stand for.
    func condition(_ sealer: Sealer) -> (String, [DatabaseValue]) {
        var parts: [String] = []
        var values: [DatabaseValue] = []
        func require(_ sql: String, _ value: DatabaseValue?) {
            guard let value else { return }
            parts.append(sql)
            values.append(value)
        }
        func require(_ token: RunToken, _ text: String?) {
            require("\(token.column) = ?", text.map { Data(sealer.token($0, token)).databaseValue })
        }
        require("state = ?", state?.rawValue.databaseValue)
        require("flow = ?", flow?.databaseValue)
        require("id < ?", before?.text.databaseValue)
        require("id >= ?", since.map { RunID(milliseconds: $0, random: 0).text.databaseValue })
        require(.user, user)
        require(.feature, feature)
        require(.session, session)
        require(.taskType, taskType)
        require(.complexity, complexity)
        // As lists of ids, because SQLite would rather walk through all runs than sort the few that an index finds.
        require("id IN (SELECT id FROM runs WHERE confidence >= ?)", confidenceMin?.databaseValue)
        require("id IN (SELECT id FROM runs WHERE confidence <= ?)", confidenceMax?.databaseValue)
        require(
            "id IN (SELECT run FROM run_changes WHERE class_token = ?)",
            changeClass.map { Data(sealer.changeToken($0)).databaseValue })
        return (parts.isEmpty ? "1" : parts.joined(separator: " AND "), values)
    }
}
