// SPDX-License-Identifier: Apache-2.0
// SurvivalTests: real workers with plugins that do their worst. The host answers each call, says who did what, and goes on.

import CorralBase
import CorralCatalog
import CorralSupervision
import CorralWire
import Foundation
import Testing

@Suite(.serialized) struct SurvivalTests {
    @Test func answersACall() async throws {
        let bench = try Bench()
        let events = Box<CallEvent>()
        let outcome = await bench.call(try entry("echo"), "{\"a\":1}", events: events)
        #expect(outcome.text == "{\"a\":1}")
        #expect(outcome.metrics.worker?.description == "default·shared·1")
        #expect(outcome.metrics.workerPID > 0)
        #expect(outcome.metrics.runningNanoseconds > 0)
        #expect(events.all.first == .queued)
        guard case .started(_, let pid, _) = events.all.last else {
            Issue.record("no started event")
            return
        }
        #expect(pid == outcome.metrics.workerPID)
    }

    @Test func passesMegabytesBothWays() async throws {
        let bench = try Bench()
        let body = "\"" + String(repeating: "x", count: 5 << 20) + "\""
        let outcome = await bench.call(try entry("echo"), body)
        #expect(outcome.success?.result.count == body.utf8.count)
    }

    struct Crash: Sendable, CustomTestStringConvertible {
        var plugin: String
        var says: String
        var testDescription: String { plugin }
    }

    @Test(arguments: [
        Crash(plugin: "segfault", says: "crashed with SIGSEGV while running agent call"),
        Crash(plugin: "abort", says: "crashed with SIGABRT while running agent call"),
        Crash(plugin: "exit0", says: "ended the worker process with exit code 0 while running agent call"),
        Crash(plugin: "trap", says: "crashed with "),
        Crash(plugin: "stack-overflow", says: "crashed with SIGSEGV"),
        Crash(plugin: "throw-exception", says: "crashed with SIGABRT"),
        Crash(plugin: "crash-on-own-thread", says: "crashed with SIGSEGV"),
    ])
    func namesPluginCallAndSignalOfACrash(_ crash: Crash) async throws {
        let bench = try Bench()
        let outcome = await bench.call(try entry(crash.plugin))
        let failure = try #require(outcome.failure)
        #expect(failure.error.code == .pluginCrashed)
        #expect(!failure.isInfrastructure)
        // Where in the library it was stands between the two halves, when the plugin's own code was at work.
        let message = failure.error.message
        #expect(crash.plugin != "segfault" || message.contains(/\ at \+0x[0-9a-f]+\ while/))
        #expect(
            message.replacing(/\ at \+0x[0-9a-f]+/, with: "").hasPrefix("plugin \"test/\(crash.plugin)\" \(crash.says)")
        )
        #expect(await bench.call(try entry("echo"), "1").text == "1")
    }

    @Test func bystandersOfACrashAreLostAndNotBlamed() async throws {
        let bench = try Bench()
        let neighbour = try entry("never-complete")
        let waiting = Box<CallEvent>()
        async let bystander = bench.call(neighbour, events: waiting)
        await bench.until("the bystander runs") { waiting.all.count == 2 }
        let suspect = await bench.call(try entry("segfault"))
        #expect(suspect.failure?.error.code == .pluginCrashed)
        let lost = try #require(await bystander.failure)
        #expect(lost.error.code == .workerLost)
        #expect(lost.isInfrastructure)
        #expect(lost.error.message.contains("plugin \"test/segfault\" crashed in it"))
        #expect(await bench.pool.compartment(of: try entry("segfault")).isAlone)
        #expect(await !bench.pool.compartment(of: neighbour).isAlone)
    }

    @Test func aPluginThatKeepsCrashingAloneIsRefused() async throws {
        let bench = try Bench()
        let bad = try entry("segfault", isIsolated: true)
        for _ in 0..<3 { #expect(await bench.call(bad).failure?.error.code == .pluginCrashed) }
        let refused = try #require(await bench.call(bad).failure)
        #expect(refused.error.code == .pluginQuarantined)
        #expect(refused.error.message.contains("crashed 3 times within 60 seconds"))
        #expect(await bench.call(try entry("echo"), "1").text == "1")
    }

    @Test(arguments: ["endless-loop", "never-complete"])
    func aCallThatHangsIsKilledAfterItsDeadline(_ plugin: String) async throws {
        let bench = try Bench()
        let outcome = await bench.call(try entry(plugin), seconds: 0.3)
        let failure = try #require(outcome.failure)
        #expect(failure.error.code == .callTimeout)
        #expect(failure.error.message.contains("was killed after"))
        #expect(!failure.isInfrastructure)
        #expect(await bench.call(try entry("echo"), "1").text == "1")
    }

    @Test func newCallsGoToAFreshGenerationWhileAHangDrains() async throws {
        let bench = try Bench { $0.grace = .milliseconds(400) }
        let started = Box<CallEvent>()
        let (neighbour, bad) = (try entry("never-complete"), try entry("endless-loop"))
        async let bystander = bench.call(neighbour, seconds: 30, events: started)
        await bench.until("the bystander runs") { started.all.count == 2 }
        async let hang = bench.call(bad, seconds: 0.1)
        await bench.until("the worker drains") { await bench.pool.listing().contains { $0.state == .draining } }
        let fresh = await bench.call(try entry("echo"), "1")
        #expect(fresh.text == "1")
        #expect(fresh.metrics.worker?.generation == 2)
        #expect(await hang.failure?.error.code == .callTimeout)
        let lost = try #require(await bystander.failure)
        #expect(lost.error.code == .workerLost && lost.isInfrastructure)
    }

    @Test func aCancelledCallEndsAndIsKilledWhenItDoesNot() async throws {
        let bench = try Bench()
        let events = Box<CallEvent>()
        let id = await bench.pool.makeCallID()
        let call = PluginCall(
            id: id, plugin: try entry("endless-loop"), target: .agent, body: Array("1".utf8),
            deadline: monotonicNanoseconds() + 20_000_000_000)
        async let outcome = bench.pool.call(call) { events.append($0) }
        await bench.until("the call runs") { events.all.count == 2 }
        await bench.pool.cancel(id)
        let failure = try #require(await outcome.failure)
        #expect(failure.error.code == .callCancelled)
        #expect(failure.error.message.contains("did not stop"))
    }

    @Test func aResultThatCompletesAfterTheDeadlineIsATimeout() async throws {
        let bench = try Bench { $0.grace = .seconds(2) }
        // The start of a worker is not what the deadline is to interrupt.
        _ = await bench.call(try entry("echo"), "1")
        let outcome = await bench.call(try entry("complete-late"), seconds: 0.1)
        #expect(outcome.failure?.error.code == .callTimeout)
        #expect(outcome.failure?.error.message.contains("did not finish by its deadline") == true)
        // The worker goes on: nothing was killed.
        #expect(await bench.call(try entry("echo"), "1").metrics.worker?.generation == 1)
    }

    @Test func aReplyOfAGigabyteEndsTheCall() async throws {
        let bench = try Bench()
        let failure = try #require(await bench.call(try entry("huge-reply")).failure)
        #expect(failure.error.code == .callLimit)
        #expect(failure.error.message.contains("\(Limits.resultBytesMax) bytes"))
        #expect(await bench.call(try entry("echo"), "1").text == "1")
    }

    @Test func endlessOutputDoesNotDrownItsWatchers() async throws {
        let bench = try Bench()
        let events = Box<CallEvent>()
        let failure = try #require(await bench.call(try entry("endless-output"), seconds: 0.5, events: events).failure)
        #expect([.callLimit, .callTimeout].contains(failure.error.code))
        #expect(events.all.count < 1000)
        #expect(await bench.call(try entry("echo"), "1").text == "1")
    }

    @Test(arguments: ["write-descriptors", "huge-frame"])
    func whoeverWritesToTheSocketIsStopped(_ plugin: String) async throws {
        let bench = try Bench()
        let outcome = await bench.call(try entry(plugin))
        let failure = try #require(outcome.failure)
        #expect(failure.error.code == .pluginBrokeProtocol)
        #expect(await bench.call(try entry("echo"), "1").text == "1")
    }

    @Test func forgedFramesGainNothingBeyondTheirCompartment() async throws {
        let bench = try Bench()
        let neighbour = try entry("never-complete", isIsolated: true)
        let started = Box<CallEvent>()
        async let other = bench.call(neighbour, seconds: 1, events: started)
        await bench.until("the neighbour runs") { started.all.count == 2 }
        // It may complete its own call with what it forged; the call in the other process stays untouched.
        _ = await bench.call(try entry("forge-frames"))
        await bench.until("its worker is ended") {
            await bench.pool.listing().contains { $0.state == .gone && $0.plugins.map(\.text) == ["test/forge-frames"] }
        }
        #expect(await other.failure?.error.code == .callTimeout)
        #expect(bench.log.all.contains { $0.text.contains("which is not running there") })
    }

    @Test func closingEveryDescriptorEndsThePluginOnly() async throws {
        let bench = try Bench()
        let failure = try #require(await bench.call(try entry("close-descriptors")).failure)
        #expect([.pluginCrashed, .pluginBrokeProtocol].contains(failure.error.code))
        #expect(await bench.call(try entry("echo"), "1").text == "1")
    }

    @Test(arguments: ["complete-twice", "leak-threads", "print", "life-cycle"])
    func whatIsOnlyOddHarmsNobody(_ plugin: String) async throws {
        let bench = try Bench()
        #expect(await bench.call(try entry(plugin), "7").success != nil)
        #expect(await bench.call(try entry("echo"), "1").metrics.worker?.generation == 1)
    }

    @Test func staleHandlesAreGone() async throws {
        let bench = try Bench()
        #expect(await bench.call(try entry("stale-handle")).text == "\"kept\"")
        #expect(await bench.call(try entry("stale-handle")).text == "\"gone\"")
    }

    @Test func aFloodOfLogLinesIsHeldBack() async throws {
        let bench = try Bench()
        let events = Box<CallEvent>()
        #expect(await bench.call(try entry("endless-log"), "1", events: events).text == "1")
        let lines = events.all.count { if case .log = $0 { true } else { false } }
        #expect(lines > 0 && lines < 10_000)
    }

    @Test func whatAPluginPrintsIsLoggedInItsName() async throws {
        let bench = try Bench()
        let events = Box<CallEvent>()
        _ = await bench.call(try entry("print"), "1", events: events)
        await bench.pool.shutdown()
        // Output has a pipe of its own, so it may arrive while the call runs or after.
        let during = events.all.compactMap {
            if case .log(_, let plugin, let text) = $0 { (plugin, text) } else { nil }
        }
        let after = bench.log.all.compactMap { line in line.plugin.map { ($0, line.text) } }
        let printed = (during + after).filter { $0.0.text == "test/print" }.map(\.1)
        #expect(Set(printed).isSuperset(of: ["a line on standard output", "a line on standard error"]))
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        var plugin: String
        var code: ErrorCode
        var testDescription: String { plugin }
    }

    @Test(arguments: [
        Broken(plugin: "entry-null", code: .pluginRefusedLoad), Broken(plugin: "no-entry", code: .pluginNoEntryPoint),
        Broken(plugin: "wrong-abi", code: .pluginWrongABI),
        Broken(plugin: "missing-dependency", code: .pluginMissingDependency),
        Broken(plugin: "missing-extension", code: .pluginMissingExtension),
        Broken(plugin: "activation-fails", code: .pluginRefusedLoad),
        Broken(plugin: "short-descriptor", code: .pluginBadDescriptor),
        Broken(plugin: "entry-crash", code: .pluginCrashed), Broken(plugin: "entry-hang", code: .pluginProbeHung),
        Broken(plugin: "nowhere", code: .pluginCannotOpen),
    ])
    func aLibraryThatCannotBeLoadedFailsItsCallsOnly(_ broken: Broken) async throws {
        let bench = try Bench { $0.load = .milliseconds(500) }
        let failure = try #require(await bench.call(try entry(broken.plugin)).failure)
        #expect(failure.error.code == broken.code)
        #expect(await bench.call(try entry("echo"), "1").text == "1")
    }
}
