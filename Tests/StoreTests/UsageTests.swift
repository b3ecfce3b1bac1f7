// SPDX-License-Identifier: Apache-2.0
// UsageTests: what counts against a day survives restarts, and a clock that is stepped gives nothing back.

import CorralBase
import Testing

@testable import CorralStore

@Suite struct UsageTests {
    private let day: Int64 = 86_400_000_000_000

    @Test func aRunCountsInTheTransactionThatCreatesIt() throws {
        let home = try StoreHome()
        let store = try home.open()
        try store.append([created(1, at: 5 * day)], durability: .sync)
        try store.append([created(2, at: 5 * day + 7)], durability: .sync)
        #expect(code { try store.append([created(2, at: 5 * day)], durability: .sync) } == .runExists)
        #expect(try home.open().usage(from: 5)[UsageName.executions] == 2)
        #expect(try home.open().usage(from: 6)[UsageName.executions] == nil)
    }

    @Test func aRunInModeExitIsLeftToWhoeverStartsIt() throws {
        let store = try StoreHome().open()
        try store.append([created(1, at: 5 * day, mode: .exit)], durability: .sync)
        #expect(try store.usage(from: 0).isEmpty)
        try store.addUsage([UsageName.executions: 1], on: 5)
        #expect(try store.usage(from: 5)[UsageName.executions] == 1)
    }

    @Test func whatWasUsedOnALaterDayCountsToo() throws {
        let store = try StoreHome().open()
        try store.addUsage(["executions": 3, "log_bytes": 10], on: 7)
        try store.addUsage(["executions": 2], on: 6)
        try store.addUsage(["executions": 1], on: 7)
        #expect(try store.usage(from: 6) == ["executions": 6, "log_bytes": 10])
        #expect(try store.usage(from: 7) == ["executions": 4, "log_bytes": 10])
    }

    @Test func oldDaysAreForgotten() throws {
        let store = try StoreHome().open()
        try store.addUsage(["executions": 3], on: 7)
        try store.addUsage(["executions": 1], on: 60)
        #expect(try store.usage(from: 0) == ["executions": 1])
    }

    private func created(_ number: UInt32, at time: Int64, mode: Durability = .sync) -> JournalRecord {
        JournalRecord(
            run: RunID(milliseconds: 1, random: number), at: time,
            event: .runCreated(RunCreation(flow: "f", flowDigest: "", definition: [], input: [], seed: 1, mode: mode)))
    }
}
