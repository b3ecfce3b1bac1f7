// SPDX-License-Identifier: Apache-2.0
// TenantStore: everything durable of one tenant, in one folder that one host owns at a time. It is called on the
// tenant's own thread and blocks it; it has no threads, locks or queues of its own.

import CorralBase
import GRDB
import Glibc

/// Owned by the tenant's lane; not Sendable on purpose.
package final class TenantStore {
    package struct Options: Sendable {
        /// How long an append waits for another process's write lock, for example a person's `sqlite3`.
        package var busyMilliseconds = 2_000
        /// From this size of the write-ahead log `needsCheckpoint` is true: an idle moment should be used.
        package var checkpointPages = 1_000
        /// From this size an append does the checkpoint itself, so that a busy tenant cannot fill the disk: 64 MiB.
        package var checkpointPagesMax = 16_384

        package init() {}
    }

    package let tenant: TenantID
    /// Input and output files. Sendable: large copies may run on another thread.
    package let artifacts: ArtifactFolder
    let database: StoreDatabase
    let payloads: PayloadTable
    /// Seals what users and agents wrote; for tables of others in the same database, too.
    package let sealer: Sealer
    let path: String
    private let options: Options
    let writer: JournalTables
    private let transaction: TransactionControl
    /// The number this owner has; another opening of the same store takes a higher one.
    package let epoch: Int64
    /// Why appends are refused for good; see `storeBroken`.
    private var brokenBy: String?
    /// The last sequence of runs that are open in this process.
    private var sequences: [RunID: Int64] = [:]

    /// Where a tenant's store lives in a home.
    package static func folder(home: String, tenant: TenantID) -> String { "\(home)/tenants/\(tenant.text)" }

    /// Opens the store, creating it when it is not there, and takes it over: an earlier owner that still lives can no
    /// longer append. One that is not sealed yet is sealed first.
    /// - Parameters:
    ///   - keys: has the tenant's key, or gets one when nothing was ever sealed.
    ///   - now: wall-clock nanoseconds.
    /// - Throws: `store_folder_refused`, `store_foreign`, `store_newer`, `store_corrupt`, `store_locked`,
    ///   `store_read_only`, `store_full`, `store_io`, `key_missing`, `key_unreadable`, `key_exposed`, `key_wrong`.
    package init(
        folder path: String, tenant: TenantID, keys: KeyFolder, now: Int64, options: Options = Options()
    ) throws {
        self.tenant = tenant
        self.options = options
        let folder = try StoreFolder(creating: path)
        let opening = SealedOpening(folder: folder, tenant: tenant, keys: keys, now: now)
        try opening.sealWhatIsPlain(busyMilliseconds: options.busyMilliseconds)
        database = try StoreDatabase(
            folder: folder, name: "state.db", kind: .state, busyMilliseconds: options.busyMilliseconds)
        self.path = database.path
        sealer = try opening.sealer(for: database)
        artifacts = ArtifactFolder(try folder.subfolder("artifacts"), sealer)
        payloads = try PayloadTable(database, folder.subfolder("blobs"), sealer)
        writer = try JournalTables(database, sealer)
        transaction = try TransactionControl(database)
        epoch = try takeOver(database, tenant, now)
        try opening.removePlainFiles(database, payloads, artifacts)
        // Also repairs after a failed flush: what the log holds is written to the database file once more.
        try transaction.checkpoint()
    }

    // MARK: Writing

    /// Appends records, all or none, in one transaction, and returns when they are as durable as asked.
    ///
    /// A `sync` append also makes every earlier `async` one durable: they share one log.
    /// - Throws: `store_full` and `store_locked` (nothing was written; may be tried again), `store_fenced`,
    ///   `store_broken`, `store_corrupt`, `store_io`, `run_exists`, `artifact_missing`; `internal_fault` for a record of
    ///   an unknown run or a second end.
    package func append(_ records: [JournalRecord], durability: Durability) throws {
        guard !records.isEmpty else { return }
        let prepared = try records.map { try PreparedRecord($0, payloads) }
        var last: [RunID: Int64] = [:]
        try commit(durability) {
            for record in prepared {
                let sequence = try nextSequence(record.record, last)
                last[record.record.run] = sequence
                try writer.insert(record, sequence: sequence, payloads, artifacts)
            }
        }
        sequences.merge(last) { _, new in new }
        for record in records {
            if case .runFinished = record.event { sequences[record.run] = nil }
        }
        if transaction.logPages >= options.checkpointPagesMax { checkpointQuietly() }
    }

    /// True when the log is long enough to be worth an idle moment.
    package var needsCheckpoint: Bool { transaction.logPages >= options.checkpointPages }

    /// Moves the log into the database file. A few milliseconds and two flushes; the lane calls it when it is idle.
    /// - Throws: `store_full`, `store_io`; nothing is lost then, the log only stays long.
    package func checkpoint() throws { try transaction.checkpoint() }

    /// The error of the last checkpoint an append tried, nil when it succeeded. The append itself was not affected.
    package private(set) var checkpointProblem: CorralError?

    /// Runs `body` in a transaction of its own after checking that this owner may still write.
    func commit(_ durability: Durability, _ body: () throws -> Void) throws {
        if let brokenBy { throw CorralError.storeBroken(path, cause: brokenBy) }
        do {
            try transaction.run(durability) {
                let current = try writer.currentEpoch()
                guard current == epoch else { throw CorralError.storeFenced(path, ours: epoch, current: current) }
                try body()
            }
        } catch let failure as TransactionControl.FlushFailure {
            // After a failed fsync the kernel may have dropped the pages and report success the next time, so nothing
            // written from now on could be trusted to be on disk.
            brokenBy = failure.cause
            throw CorralError.storeBroken(path, cause: failure.cause)
        }
    }

    func forget(_ run: RunID) { sequences[run] = nil }

    private func nextSequence(_ record: JournalRecord, _ last: [RunID: Int64]) throws -> Int64 {
        if case .runCreated = record.event { return 1 }
        if let known = last[record.run] ?? sequences[record.run] { return known + 1 }
        guard let stored = try writer.lastSequence(of: record.run) else {
            throw CorralError.internalFault("a record for run \"\(record.run)\", which does not exist")
        }
        return stored + 1
    }

    private func checkpointQuietly() {
        do {
            try checkpoint()
            checkpointProblem = nil
        } catch {
            checkpointProblem = CorralError.database(error, path)
        }
    }
}

/// Takes the next epoch, durably, so that an owner from before the takeover notices at its next append.
private func takeOver(_ database: StoreDatabase, _ tenant: TenantID, _ now: Int64) throws -> Int64 {
    try database.perform { db in
        var epoch: Int64 = 0
        try db.inTransaction(.immediate) {
            try db.execute(
                sql: """
                    INSERT INTO owner (one, tenant, epoch, process, opened_at) VALUES (1, ?1, 1, ?2, ?3)
                    ON CONFLICT (one) DO UPDATE SET epoch = epoch + 1, process = ?2, opened_at = ?3
                    """, arguments: [tenant.text, Int64(getpid()), now])
            let row = try Row.fetchOne(db, sql: "SELECT tenant, epoch FROM owner")
            let owner: String = row?["tenant"] ?? ""
            guard owner == tenant.text else {
                throw CorralError.folderRefused(database.path, "it belongs to tenant \"\(owner)\", not \"\(tenant)\"")
            }
            epoch = row?["epoch"] ?? 0
            return .commit
        }
        return epoch
    }
}
