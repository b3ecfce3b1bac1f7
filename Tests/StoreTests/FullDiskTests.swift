// SPDX-License-Identifier: Apache-2.0
// FullDiskTests: no room for the log or for a value's file. Nothing acknowledged is lost, nothing half is kept, and when
// there is room again the store goes on without being reopened.

import CorralBase
import Testing

@testable import CorralStore
@testable import StoreWriter

@Suite struct FullDiskTests {
    /// The limit hits the log in the first case, and the file of the first large value in the second.
    @Test(arguments: [300_000, 70_000])
    func keepsWhatWasAcknowledgedAndGoesOnWhenThereIsRoom(_ limitBytes: Int) throws {
        let home = try StoreHome()
        let run = runID(1)
        // The database exists, so that the limit hits an append.
        let store = try home.open()
        try store.add(run, SampleRun(run).created.event)
        try store.checkpoint()
        let output = try StoreTests.run(
            storeWriter, ["full", home.tenantFolder, run.text, "sync", "\(limitBytes)"])
        let lines = output.split(separator: "\n")
        #expect(lines.contains("error store_full"), "\(output.suffix(300))")
        #expect(lines.last?.hasPrefix("ack ") ?? false)
        let entries = try home.open().journal(of: run)
        #expect(entries.count == acknowledgements(output).last)
        let expected = (0..<entries.count / 2).flatMap { SampleRun(run).batch($0) }.map(\.event)
        #expect(entries.dropFirst().map(\.event) == expected)
    }

    @Test func reportsAFullDatabase() throws {
        let home = try StoreHome()
        let store = try home.open()
        try store.add(runID(1), .runCreated(creation()))
        try store.database.perform { db in try db.execute(sql: "PRAGMA max_page_count = 1") }
        let value = [UInt8](repeating: 7, count: 60_000)
        let record = JournalEvent.attemptIntent(attempt("a"), target: "t", request: value)
        #expect(code { try store.add(runID(1), record) } == .storeFull)
        try store.database.perform { db in try db.execute(sql: "PRAGMA max_page_count = 100000") }
        try store.add(runID(1), record)
        #expect(try store.journal(of: runID(1)).map(\.event).last == record)
    }
}
