// SPDX-License-Identifier: Apache-2.0
// LogBudgetTests: what is over the bytes of a minute or a day is counted and not kept.

import CorralBase
import Glibc
import Testing

@testable import CorralSupervision

@Suite struct LogBudgetTests {
    private let minute: UInt64 = 60_000_000_000

    private func budget(minute: Int64?, day: Int64?) -> LogBudget {
        var limits = TenantLimits()
        (limits[.logBytesPerMinute], limits[.logBytesPerDay]) = (minute, day)
        return LogBudget(limits)
    }

    @Test func aMinutesBytesAreAMinutes() {
        var budget = budget(minute: 100, day: nil)
        let first = [budget.passes(60, at: 0), budget.passes(60, at: 1), budget.passes(40, at: 2)]
        #expect(first == [true, false, true])
        let second = budget.passes(100, at: minute)
        #expect(second && budget.linesDropped == 1 && budget.usedInDay == 200)
        #expect(budget.usedInMinute(at: minute) == 100 && budget.usedInMinute(at: 2 * minute) == 0)
    }

    @Test func aDaysBytesCountWhatWasBeforeARestart() {
        var budget = budget(minute: nil, day: 100)
        budget.beginDay(used: 90, dropped: 7)
        let passed = [budget.passes(10, at: 0), budget.passes(1, at: minute)]
        #expect(passed == [true, false] && budget.linesDropped == 8)
        let news = [budget.takeNews(), budget.takeNews()]
        #expect(news.map(\.bytes) == [10, 0] && news.map(\.dropped) == [1, 0])
        budget.beginDay(used: 0, dropped: 0)
        let renewed = budget.passes(100, at: 2 * minute)
        #expect(renewed)
    }
}

@Suite struct WorkerAccountTests {
    @Test func ownProcessIsMeteredByTheKernel() throws {
        let meter = try #require(ProcessMeter(process: getpid()))
        let before = try #require(meter.processorNanoseconds())
        var sum: UInt64 = 0
        while try #require(meter.processorNanoseconds()) < before + 5_000_000 { sum &+= 1 }
        #expect(sum > 0)
        let status = try #require(meter.readStatus())
        let resident = try #require(meter.residentBytes())
        #expect(status.threads >= 1 && status.ownBytes > 1 << 20)
        #expect(status.highWaterBytes >= resident / 2 && resident > 1 << 20)
    }

    @Test func aProcessThatIsGoneHasNoMeter() { #expect(ProcessMeter(process: 0) == nil) }

    @Test func callsBesideEachOtherShareWhatIsUsed() {
        var worker = WorkerAccount()
        var (first, second) = (CallAccount(), CallAccount())
        first.begin(in: worker)
        worker.end(processorNanoseconds: 100, residentBytesMax: 5, calls: 1)
        second.begin(in: worker)
        worker.end(processorNanoseconds: 300, residentBytesMax: 9, calls: 2)
        #expect(first.processorNanoseconds(worker) == 200 && second.processorNanoseconds(worker) == 100)
        #expect(second.residentBytesMax(worker) == 9)
    }
}
