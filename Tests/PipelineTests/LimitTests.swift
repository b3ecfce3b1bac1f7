// SPDX-License-Identifier: Apache-2.0
// LimitTests: the order in which agents get places, days of usage, and what a tenant's gate lets in.

import CorralBase
import CorralSupervision
import Testing

@testable import CorralPipeline

@Suite struct AgentSlotsTests {
    private func run(_ number: UInt32) -> RunID { RunID(milliseconds: 1, random: number) }

    /// One place, taken by call 0; the others wait in this order.
    private func waiting(_ calls: [(UInt64, UInt32)]) -> AgentSlots {
        var slots = AgentSlots(limit: 1)
        _ = slots.begin(0, of: run(1))
        for (call, number) in calls { _ = slots.begin(call, of: run(number)) }
        return slots
    }

    private func ends(_ count: Int, _ slots: inout AgentSlots) -> [UInt64?] {
        var next: [UInt64?] = []
        for _ in 0..<count { next.append(slots.end()) }
        return next
    }

    @Test func withoutALimitEverybodyBegins() {
        var slots = AgentSlots(limit: nil)
        for call: UInt64 in 0..<1_000 {
            let begins = slots.begin(call, of: run(1))
            #expect(begins)
        }
        #expect(slots.running == 1_000 && slots.waitingCount == 0)
    }

    @Test func runsTakeTurns() {
        var slots = waiting((1...100).map { ($0, 1) } + [(200, 2), (201, 2)])
        #expect(slots.waitingCount == 102)
        #expect(ends(5, &slots) == [1, 200, 2, 201, 3])
    }

    @Test func whoWithdrewIsPassedOver() {
        var slots = waiting([(1, 1), (2, 1), (3, 1)])
        let withdrawn = [slots.withdraw(1), slots.withdraw(2), slots.withdraw(2), slots.withdraw(99)]
        #expect(withdrawn == [true, true, false, false])
        #expect(slots.waitingCount == 1)
        #expect(ends(2, &slots) == [3, nil] && slots.running == 0)
    }

    @Test func aHigherLimitLetsWaitersBeginAndALowerOneNobody() {
        var slots = waiting([(1, 1), (2, 1), (3, 1), (4, 1)])
        let (higher, lower) = (slots.setLimit(3), slots.setLimit(1))
        #expect(higher == [1, 2] && lower == [])
        #expect(ends(3, &slots) == [nil, nil, 3])
        let all = slots.setLimit(nil)
        #expect(all == [4])
    }

    @Test func nobodyOvertakesWhoWaits() {
        var slots = waiting([(2, 1)])
        let begins = slots.begin(9, of: run(2))
        #expect(!begins)
        #expect(ends(3, &slots) == [2, 9, nil])
    }

    @Test func aHundredThousandWaitersCostNoMoreEach() {
        var slots = waiting((1...100_000).map { ($0, UInt32($0 % 100)) })
        var begun = 0
        while slots.end() != nil { begun += 1 }
        #expect(begun == 100_000 && slots.waitingCount == 0)
    }
}

@Suite struct UsageDayTests {
    private let day: Int64 = 86_400_000_000_000

    @Test(
        arguments: [(0, 0), (1, 0), (-1, -1), (86_400_000_000_000, 1), (-86_400_000_000_001, -2)] as [(Int64, Int64)])
    func aDayIsFromMidnightUTC(_ time: Int64, _ number: Int64) { #expect(UsageDay.number(at: time) == number) }

    @Test func theResetIsTheNextMidnight() {
        #expect(UsageDay.end(at: 5 * day) == 6 * day && UsageDay.end(at: 5 * day + 1) == 6 * day)
        #expect(UsageDay.textUntilEnd(at: 6 * day - 3_600_000_000_000) == "in 1 h 0 min, at midnight UTC")
        #expect(UsageDay.textUntilEnd(at: 6 * day - 1) == "in 0 h 1 min, at midnight UTC")
    }

    @Test(
        arguments: [
            (TenantLimit.dailyExecutions, 10, "10"), (.storageBytes, 3 << 20, "3072 KiB"),
            (.storageBytes, 64 << 20, "64 MiB"),
            (.logBytesPerMinute, 1_024, "1024 bytes"), (.callTime, 90_000_000_000, "90 s"),
            (.callTime, 250_000_000, "250 ms"),
        ] as [(TenantLimit, Int64, String)]) func amountsAreSaidWithTheirUnit(
            _ limit: TenantLimit, _ value: Int64, _ text: String
        )
    {
        #expect(limit.text(value) == text)
    }
}
