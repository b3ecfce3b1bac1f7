// SPDX-License-Identifier: Apache-2.0
// JournalWriter: group commit. Everything that a turn of the lane's loop wants journaled becomes one transaction, so the
// result of one step and the intent of the next share an fsync, and a thousand parallel branches do not pay for a
// thousand.

import CorralBase
import CorralStore

/// One per tenant, on the tenant's lane; the only writer of the tenant's journal.
package actor JournalWriter {
    private nonisolated let executor: any SerialExecutor & TaskExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let store: TenantStore
    /// Calls its argument when no job of the lane is ready any more.
    private let atEndOfTurn: @Sendable (@escaping @Sendable () -> Void) -> Void
    private var batch: [JournalRecord] = []
    private var durability = Durability.exit
    private var waiters: [CheckedContinuation<Void, any Error>] = []
    /// Records of runs in mode `exit`, kept until the run ends.
    private var held: [RunID: [JournalRecord]] = [:]
    private var isScheduled = false
    package private(set) var commits = 0

    package init(
        store: sending TenantStore, executor: any SerialExecutor & TaskExecutor,
        atEndOfTurn: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        self.store = store
        self.executor = executor
        self.atEndOfTurn = atEndOfTurn
    }

    /// Returns when the records are committed as durably as asked: `sync` after fsync, `async` after the write to the
    /// log, `exit` at once, to be written when their run ends.
    /// - Throws: the store's error; nothing of the batch is then written.
    package func append(_ records: [JournalRecord], _ durability: Durability) async throws {
        post(records, durability)
        if durability == .exit { return }
        try await committed()
    }

    /// Adds records to the turn's commit without waiting: for a result whose follow-up waits for the same commit.
    package func post(_ records: [JournalRecord], _ durability: Durability) {
        if durability == .exit {
            for record in records { held[record.run, default: []].append(record) }
        } else {
            add(records, durability)
        }
    }

    /// Returns when what has been posted is committed as durably as it was asked: at once when nothing waits for it.
    /// - Throws: the store's error; what was posted is then lost.
    package func settled() async throws {
        guard isScheduled else { return }
        try await withCheckedThrowingContinuation { waiters.append($0) }
    }

    /// Writes the end of a run, and in mode `exit` all that was kept for it, with an fsync unless the mode is `async`.
    package func finish(_ records: [JournalRecord], of run: RunID, _ durability: Durability) async throws {
        let kept = held.removeValue(forKey: run) ?? []
        add(kept + records, durability == .async ? .async : .sync)
        try await committed()
    }

    /// How an effect of a run ended, as the store has it or will have it with this turn's commit; nil when it has not.
    package func outcome(of effect: EffectKey, in run: RunID) throws -> EffectOutcome? {
        for record in batch.reversed() where record.run == run {
            if case .effectResult(effect, _, let outcome) = record.event { return outcome }
        }
        guard case .completed(let outcome)? = try store.effect(effect, of: run) else { return nil }
        return outcome
    }

    /// Reads and administrative writes of the store, between commits.
    package func withStore<T: Sendable>(_ body: (TenantStore) throws -> T) throws -> T { try body(store) }

    /// Waits for the turn's commit, and goes on without leaving the lane's thread.
    private func committed() async throws {
        try await withTaskExecutorPreference(executor) {
            try await withCheckedThrowingContinuation { waiters.append($0) }
        }
    }

    private func add(_ records: [JournalRecord], _ wanted: Durability) {
        batch += records
        if wanted == .sync || (wanted == .async && durability == .exit) { durability = wanted }
        guard !isScheduled else { return }
        isScheduled = true
        atEndOfTurn { self.assumeIsolated { $0.flush() } }
    }

    private func flush() {
        let (records, wanted, waiting) = (batch, durability, waiters)
        (batch, durability, waiters, isScheduled) = ([], .exit, [], false)
        do {
            try store.append(records, durability: wanted)
            commits += 1
            for waiter in waiting { waiter.resume() }
            if store.needsCheckpoint { tidy() }
        } catch {
            for waiter in waiting { waiter.resume(throwing: error) }
        }
    }

    /// What waits runs after this: a few milliseconds once in some four megabytes of journal. A failure costs nothing
    /// but a longer log, and comes back with the next append when it is serious.
    private func tidy() { try? store.checkpoint() }
}
