// SPDX-License-Identifier: Apache-2.0
// WorkerLifeTests: real workers come and go: idle, killed from outside, with their spawner, at shutdown; and many calls.

import CorralBase
import CorralCatalog
import CorralSupervision
import Foundation
import Testing

@Suite(.serialized) struct WorkerLifeTests {
    @Test func aWorkerStaysWarm() async throws {
        let bench = try Bench()
        let first = await bench.call(try entry("echo"), "1")
        let second = await bench.call(try entry("echo"), "2")
        #expect(first.metrics.workerPID == second.metrics.workerPID)
    }

    @Test func anIdleWorkerSaysGoodbye() async throws {
        let bench = try Bench { $0.idle = .milliseconds(50) }
        _ = await bench.call(try entry("echo"), "1")
        await bench.until("the worker is gone") { await bench.pool.listing().allSatisfy { $0.state == .gone } }
        let gone = try #require(await bench.pool.listing().first)
        #expect(gone.ending == "exit code 0")
        #expect(gone.residentBytesMax ?? 0 > 0)
        #expect(await bench.call(try entry("echo"), "1").metrics.worker?.generation == 2)
    }

    @Test func aWorkerKilledFromOutsideCostsItsCallsNothing() async throws {
        let bench = try Bench()
        let events = Box<CallEvent>()
        let waiting = try entry("never-complete")
        async let call = bench.call(waiting, events: events)
        await bench.until("the call runs") { events.all.count == 2 }
        kill(try #require(await bench.pool.listing().first).pid, SIGKILL)
        let failure = try #require(await call.failure)
        #expect(failure.error.code == .workerLost)
        #expect(failure.isInfrastructure)
        #expect(await bench.call(try entry("echo"), "1").text == "1")
    }

    @Test func whenTheSpawnerDiesCallsAreLostAndTheNextWorks() async throws {
        let bench = try Bench()
        let events = Box<CallEvent>()
        let waiting = try entry("never-complete")
        async let call = bench.call(waiting, events: events)
        await bench.until("the call runs") { events.all.count == 2 }
        kill(try #require(bench.spawner?.processID), SIGKILL)
        let failure = try #require(await call.failure)
        #expect(failure.error.code == .workerLost)
        #expect(failure.isInfrastructure)
        #expect(await bench.call(try entry("echo"), "1").text == "1")
    }

    @Test func manyCallsWaitInTheHostAndAllEnd() async throws {
        let bench = try Bench()
        let echo = try entry("echo")
        let outcomes = await withTaskGroup(of: CallOutcome.self) { group in
            for number in 0..<1000 { group.addTask { await bench.call(echo, "\(number)", seconds: 60) } }
            var all: [CallOutcome] = []
            for await outcome in group { all.append(outcome) }
            return all
        }
        #expect(Set(outcomes.compactMap(\.text)).count == 1000)
        #expect(outcomes.contains { $0.metrics.queuedNanoseconds > 0 })
        #expect(await bench.pool.listing().count == 1)
    }

    @Test func shutdownEndsCallsThatWaitAndCallsThatHang() async throws {
        let bench = try Bench()
        let events = Box<CallEvent>()
        let hanging = try entry("endless-loop")
        async let call = bench.call(hanging, events: events)
        await bench.until("the call runs") { events.all.count == 2 }
        await bench.pool.shutdown()
        #expect(await call.failure?.error.code == .callCancelled)
        #expect(await bench.call(try entry("echo"), "1").failure?.error.code == .hostStopping)
        #expect(await bench.pool.listing().allSatisfy { $0.state == .gone })
    }

    @Test func aMissingWorkerProgramFailsCallsSoon() async throws {
        let spawner = Bench.realSpawner()
        let bench = try Bench(
            SpawnerLauncher(spawner: spawner, workerExecutable: "/nonexistent/corral-worker"), spawner: spawner)
        let failure = try #require(await bench.call(try entry("echo")).failure)
        #expect(failure.error.message.contains("/nonexistent/corral-worker"))
        #expect(!failure.isInfrastructure)
    }

    @Test func artifactsReachTheWorkerSealed() async throws {
        let bench = try Bench()
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("corral-artifact-\(getpid())").path
        try Data("the content".utf8).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        let good = CallArtifact(reference: "sha256:1", bytes: 11) { open(path, O_RDONLY | O_CLOEXEC) }
        #expect(await bench.call(try entry("echo"), "1", artifacts: [good]).text == "1")
        let short = CallArtifact(reference: "sha256:1", bytes: 12) { open(path, O_RDONLY | O_CLOEXEC) }
        let failure = try #require(await bench.call(try entry("echo"), "1", artifacts: [short]).failure)
        #expect(failure.error.code == .artifactUnreadable)
    }

    /// The last worker may be gone before the caller has begun to wait for it.
    @Test(.timeLimit(.minutes(1))) func shutdownReturnsHoweverFastTheWorkersEnd() async throws {
        for _ in 0..<40 {
            let bench = try Bench(
                ScriptedLauncher { worker in
                    try worker.serve { if $0.kind == .call { try worker.complete($0.call) } }
                })
            #expect(await bench.call(try entry("a")).text == "1")
            await bench.pool.shutdown()
            #expect(await bench.pool.listing().allSatisfy { $0.state == .gone })
        }
    }
}
