// SPDX-License-Identifier: Apache-2.0
// JournalTests: what is appended is read back, all or nothing, in order.

import CorralBase
import Testing

@testable import CorralStore

@Suite struct JournalTests {
    let home: StoreHome
    let store: TenantStore
    let run = runID(1)

    init() throws {
        home = try StoreHome()
        store = try home.open()
    }

    static let effect = EffectKey(
        step: "load", item: 4, lineage: 1, service: "tool", method: "corral/libm.pow", requestHash: "ff", ordinal: 2)

    static let events: [JournalEvent] = [
        .attemptIntent(attempt("load", item: 4), target: "corral/market-data", request: [0, 255, 10, 32]),
        .attemptStarted(attempt("load", item: 4), worker: "default·pure·1", pluginDigest: "aa"),
        .attemptResult(
            attempt("load", item: 4),
            AttemptSuccess(
                value: Array(#"{ "x":1.0e2 }"#.utf8), confidence: 0.25,
                changes: [Change(changeClass: "database_schema_changes", target: "orders")],
                metrics: AttemptMetrics(
                    startedAt: 1, queuedNanoseconds: 2, runningNanoseconds: 3, cpuNanoseconds: 4, worker: "w",
                    pluginDigest: "d"))),
        .attemptResult(attempt("empty"), AttemptSuccess(value: [])),
        .attemptFailed(attempt("load"), failure, isInfrastructure: true, metrics: AttemptMetrics(worker: "w")),
        .stepSkipped(step: "report", item: nil, reason: "when is false"),
        .stepSkipped(step: "each", item: 0, reason: ""),
        .timerSet(key: "retry:load:1", delayNanoseconds: 1_500_000_000),
        .timerFired(key: "retry:load:1"),
        .effectIntent(effect, attempt: 3, request: [1]),
        .effectResult(effect, attempt: 3, .succeeded([2])),
        .effectResult(effect, attempt: 3, .failed(failure)),
        .cancelRequested(reason: "user \"mia\"\n"),
        .note(topic: "resumed", ["by": 2, "text": .string("\u{0}ü")]),
        .runFinished(.succeeded(output: [34, 34])),
        .note(topic: "late", nil),
    ]

    @Test func readsBackEveryKindOfRecordExactly() throws {
        try store.add(run, .runCreated(creation()))
        try store.append(
            Self.events.enumerated().map { JournalRecord(run: run, at: Int64($0), event: $1) }, durability: .sync)
        let entries = try store.journal(of: run)
        #expect(entries.map(\.event) == [.runCreated(creation())] + Self.events)
        #expect(entries.map(\.sequence) == Array(1...Int64(Self.events.count + 1)))
        #expect(entries.dropFirst().map(\.at) == Array(0..<Int64(Self.events.count)))
    }

    @Test func readsBackTheSameAfterReopening() throws {
        try store.add(run, .runCreated(creation()))
        try store.append(Self.events.map { JournalRecord(run: run, at: 1, event: $0) }, durability: .async)
        #expect(try home.open().journal(of: run).map(\.event) == [.runCreated(creation())] + Self.events)
    }

    @Test(arguments: [
        RunEnding.failed(failure, step: "load"), .failed(failure, step: nil), .cancelled(reason: "enough"),
    ])
    func readsBackEveryEnd(_ ending: RunEnding) throws {
        try store.add(run, .runCreated(creation()), .runFinished(ending))
        #expect(try store.journal(of: run).last?.event == .runFinished(ending))
    }

    @Test func continuesTheSequenceAfterReopening() throws {
        try store.add(run, .runCreated(creation()), .note(topic: "a", nil))
        let again = try home.open()
        try again.add(run, .note(topic: "b", nil))
        #expect(try again.journal(of: run).map(\.sequence) == [1, 2, 3])
    }

    @Test func countsEachRunOfAGroupCommitForItself() throws {
        let other = runID(2)
        try store.append(
            [
                JournalRecord(run: run, at: 1, event: .runCreated(creation())),
                JournalRecord(run: other, at: 1, event: .runCreated(creation())),
                JournalRecord(run: run, at: 1, event: .note(topic: "a", nil)),
                JournalRecord(run: other, at: 1, event: .note(topic: "b", nil)),
            ], durability: .sync)
        #expect(try store.journal(of: run).map(\.sequence) == [1, 2])
        #expect(try store.journal(of: other).map(\.sequence) == [1, 2])
    }

    @Test func writesNothingOfABatchThatFails() throws {
        try store.add(run, .runCreated(creation()))
        let stranger = JournalRecord(run: runID(9), at: 1, event: .note(topic: "x", nil))
        let own = JournalRecord(run: run, at: 1, event: .attemptIntent(attempt("a"), target: "t", request: [7]))
        #expect(code { try store.append([own, stranger], durability: .sync) } == .internalFault)
        #expect(try store.journal(of: run).count == 1)
        #expect(try home.sqlite("SELECT count(*) FROM blobs WHERE size = 1") == "0")
        try store.append([own], durability: .sync)
        #expect(try store.journal(of: run).map(\.sequence) == [1, 2])
    }

    @Test func refusesASecondEnd() throws {
        try store.add(run, .runCreated(creation()), .runFinished(.cancelled(reason: "a")))
        #expect(code { try store.add(run, .runFinished(.succeeded(output: []))) } == .internalFault)
        #expect(try store.run(run)?.state == .cancelled)
    }

    @Test func refusesTheSameRunOrRequestTwice() throws {
        try store.add(run, .runCreated(creation(request: "req-1")))
        #expect(code { try store.add(run, .runCreated(creation())) } == .runExists)
        #expect(code { try store.add(runID(2), .runCreated(creation(request: "req-1"))) } == .runExists)
        #expect(try store.run(clientRequest: "req-1")?.id == run)
        #expect(try store.run(runID(2)) == nil)
    }

    @Test func anEmptyBatchDoesNothing() throws { try store.append([], durability: .exit) }

    @Test func refusesARecordItCannotRead() throws {
        try store.add(run, .runCreated(creation()), .note(topic: "a", nil))
        try home.sqlite("UPDATE journal SET kind = 'from.the.future' WHERE seq = 2")
        #expect(code { _ = try store.journal(of: run) } == .recordUnreadable)
        try home.sqlite("UPDATE journal SET kind = 'note', detail = x'7b' WHERE seq = 2")
        #expect(code { _ = try store.journal(of: run) } == .recordUnreadable)
    }

    @Test func noticesAMissingRecord() throws {
        try store.add(run, .runCreated(creation()), .note(topic: "a", nil), .note(topic: "b", nil))
        try home.sqlite("DELETE FROM journal WHERE seq = 2")
        #expect(code { _ = try store.journal(of: run) } == .recordUnreadable)
    }

    @Test func anOwnerThatWasReplacedCanNoLongerAppend() throws {
        try store.add(run, .runCreated(creation()))
        let newer = try home.open()
        #expect(newer.epoch == store.epoch + 1)
        #expect(code { try store.add(run, .note(topic: "old", nil)) } == .storeFenced)
        try newer.add(run, .note(topic: "new", nil))
        #expect(try newer.journal(of: run).count == 2)
    }
}

/// The code of the error that `body` throws; nil when it throws none.
func code(_ body: () throws -> Void) -> ErrorCode? {
    do {
        try body()
        return nil
    } catch {
        return (error as? CorralError)?.code
    }
}
