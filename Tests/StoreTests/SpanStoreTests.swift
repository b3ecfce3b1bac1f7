// SPDX-License-Identifier: Apache-2.0
// SpanStoreTests: traces are kept in order, and a damaged file costs spans, never a run.

import CorralBase
import Foundation
import Testing

@testable import CorralStore

@Suite struct SpanStoreTests {
    let home: StoreHome
    var file: String { home.tenantFolder + "/spans.db" }

    init() throws { home = try StoreHome() }

    private func span(_ number: Int, run: UInt32 = 1, end: Int64? = nil) -> SpanRecord {
        let digits = String(number, radix: 16)
        return SpanRecord(
            trace: String(repeating: "a", count: 32), span: String(repeating: "0", count: 16 - digits.count) + digits,
            parent: number == 0 ? nil : String(repeating: "0", count: 16), run: runID(run), step: "load", item: number,
            attempt: 1, name: "agent corral/x", kind: "agent", startedAt: Int64(number / 2), queuedUntil: 5,
            endedAt: end, status: "ok", attributes: ["tokens": 3])
    }

    @Test func readsBackTheSpansOfARunByStart() throws {
        let store = try SpanStore(folder: home.tenantFolder)
        for number in (0..<6).reversed() { store.record(span(number)) }
        store.record(span(9, run: 2))
        #expect(try store.spans(of: runID(1)) == (0..<6).map { span($0) })
        #expect(store.dropped == 0 && store.problem == nil)
    }

    @Test func aSpanRecordedAgainIsTheSameSpanEnded() throws {
        let store = try SpanStore(folder: home.tenantFolder)
        store.record(span(1))
        store.flush()
        store.record(span(1, end: 77))
        #expect(try store.spans(of: runID(1)).map(\.endedAt) == [77])
    }

    @Test func survivesReopening() throws {
        let store = try SpanStore(folder: home.tenantFolder)
        for number in 0..<2_000 { store.record(span(number)) }
        store.flush()
        #expect(try SpanStore(folder: home.tenantFolder).spans(of: runID(1)).count == 2_000)
    }

    @Test func deletesByRunAndByAge() throws {
        let store = try SpanStore(folder: home.tenantFolder)
        for number in 0..<4 { store.record(span(number)) }
        store.record(span(1, run: 2))
        store.flush()
        try store.prune(before: 1)
        #expect(try store.spans(of: runID(1)).count == 2)
        try store.deleteSpans(of: runID(1))
        #expect(try store.spans(of: runID(1)).isEmpty && store.spans(of: runID(2)).isEmpty)
    }

    @Test(arguments: ["no database", "newer", "foreign"])
    func movesAnUnusableFileAside(_ kind: String) throws {
        try FileManager.default.createDirectory(atPath: home.tenantFolder, withIntermediateDirectories: true)
        switch kind {
        case "no database": try Data(repeating: 65, count: 5_000).write(to: URL(fileURLWithPath: file))
        case "foreign": try home.sqlite("CREATE TABLE mine (a)", file)
        default:
            _ = try SpanStore(folder: home.tenantFolder)
            try home.sqlite("INSERT INTO schema_version (number, name) VALUES (2, '2 x')", file)
        }
        let store = try SpanStore(folder: home.tenantFolder)
        #expect(store.problem?.code == .spansReset)
        store.record(span(1))
        #expect(try store.spans(of: runID(1)) == [span(1)])
        #expect(FileManager.default.fileExists(atPath: file + ".damaged-1"))
    }

    @Test func recoversFromDamageWhileItRuns() throws {
        let store = try SpanStore(folder: home.tenantFolder)
        try home.sqlite("DROP TABLE spans; CREATE TABLE spans (a)", file)
        store.record(span(1))
        store.flush()
        #expect(store.dropped == 1 && store.problem != nil)
    }

    @Test func dropsAndCountsWhenTheDiskTakesNothing() throws {
        let store = try SpanStore(folder: home.tenantFolder)
        let other = try StoreDatabase(
            folder: StoreFolder(creating: home.tenantFolder), name: "spans.db", kind: .spans, busyMilliseconds: 10)
        try other.perform { db in try db.execute(sql: "BEGIN IMMEDIATE") }
        for number in 0..<SpanStore.pendingMax + 10 { store.record(span(number)) }
        #expect(store.dropped == 10 && store.problem?.code == .storeLocked)
        try other.perform { db in try db.execute(sql: "ROLLBACK") }
        #expect(try store.spans(of: runID(1)).count == SpanStore.pendingMax)
    }
}
