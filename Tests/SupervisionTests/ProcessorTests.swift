// SPDX-License-Identifier: Apache-2.0
// ProcessorTests: a tenant that uses much stands back, one that uses little never does, and nobody starves.

import CorralBase
import CorralSandbox
import Foundation
import Testing

@testable import CorralSupervision

private let millisecond: UInt64 = 1_000_000

struct ProcessorAccountTests {
    /// Spends in windows of 50 ms. Returns after how many of them it first yields, or nil.
    private func windowsUntilYielding(_ account: inout ProcessorAccount, processors: Double, windows: Int) -> Int? {
        for window in 1...windows {
            account.spend(UInt64(processors * 50) * millisecond, over: 50 * millisecond)
            if account.isYielding { return window }
        }
        return nil
    }

    @Test func whoSpinsStandsBackSoonAndForAsLongAsItSpins() throws {
        var account = ProcessorAccount()
        let window = try #require(windowsUntilYielding(&account, processors: 2, windows: 10))
        #expect(window <= 3)
        for _ in 0..<1000 {
            account.spend(100 * millisecond, over: 50 * millisecond)
            #expect(account.isYielding)
        }
    }

    @Test func whoUsesLittleNeverStandsBack() {
        var account = ProcessorAccount()
        #expect(windowsUntilYielding(&account, processors: 0.4, windows: 10_000) == nil)
    }

    @Test func whoGetsNothingIsOrdinaryWithinASecond() {
        var account = ProcessorAccount()
        for _ in 0..<100 { account.spend(100 * millisecond, over: 50 * millisecond) }
        for _ in 0..<20 { account.spend(0, over: 50 * millisecond) }
        #expect(!account.isYielding)
    }

    @Test func absurdNumbersAreSurvived() {
        var account = ProcessorAccount()
        for (used, elapsed) in [(UInt64.max, UInt64.max), (0, .max), (.max, 0), (0, 0)] {
            account.spend(used, over: elapsed)
        }
    }
}

@Suite(.serialized) struct YieldingTests {
    private func process(_ bench: Bench, of entry: String) async throws -> ProcessFolder {
        let listing = await bench.pool.listing()
        let worker = try #require(listing.first { $0.state != .gone && $0.plugins.map(\.text) == ["test/\(entry)"] })
        return try #require(ProcessFolder(worker.pid))
    }

    @Test func aSpinningTenantsWorkersStandBackAndStepForwardAgain() async throws {
        // So little that a spinning plugin uses it on the busiest machine.
        let bench = try Bench {
            $0.grace = .milliseconds(50)
            $0.processorShare = 0.05
            $0.processorBurst = .milliseconds(20)
        }
        let (good, bad) = (try entry("echo", isIsolated: true), try entry("endless-loop", isIsolated: true))
        #expect(await bench.call(good).success != nil)
        let echo = try await process(bench, of: "echo")
        guard echo.isYieldingProcessor != nil else { return print("this system has neither cpu groups nor autogroups") }
        #expect(echo.isYieldingProcessor == false)
        async let spinning = bench.call(bad, seconds: 2)
        await bench.until("the tenant stands back") { echo.isYieldingProcessor == true }
        #expect(try await process(bench, of: "endless-loop").isYieldingProcessor == true)
        _ = await spinning
        await bench.until("it has paid its debt") { echo.isYieldingProcessor == false }
        await bench.pool.shutdown()
    }

    @Test func aProcessThatIsGoneCannotBeSet() async throws {
        let bench = try Bench()
        _ = await bench.call(try entry("echo"))
        let worker = try await process(bench, of: "echo")
        guard worker.isYieldingProcessor != nil else { return }
        await bench.pool.shutdown()
        #expect(!worker.yieldProcessor(true))
    }
}
