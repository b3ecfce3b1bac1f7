// SPDX-License-Identifier: Apache-2.0
// GenerationTests: plugins that are replaced, removed and broken while calls run, played by scripts.

import CorralBase
import CorralCatalog
import CorralWire
import Foundation
import Synchronization
import Testing

@testable import CorralSupervision

/// What the workers of one test do: each remembers what it loaded, answers calls with the load path of the plugin that
/// runs, and keeps those whose body is "hold" until told.
private final class Stage: Sendable {
    struct Held: Sendable {
        var worker: ScriptedWorker
        var call: UInt64
        var path: String
    }

    struct Asked: Sendable {
        var worker: ScriptedWorker
        var plugin: UInt32
    }

    let held = Mutex<[Held]>([])
    /// Paths in the order they were loaded.
    let loads = Box<String>()
    let cancelled = Box<UInt64>()
    /// Paths whose load fails, crashes the worker, or is killed from outside.
    let refuses = Mutex<Set<String>>([])
    let crashes = Mutex<Set<String>>([])
    /// How often the load of a path ends with SIGKILL.
    let kills = Mutex<[String: Int]>([:])
    /// Paths whose load is not answered until `answer`.
    let slow = Mutex<Set<String>>([])
    let asked = Mutex<[Asked]>([])
    let alive = Mutex((now: 0, most: 0))

    func launcher() -> ScriptedLauncher {
        ScriptedLauncher(onEnd: { self.alive.withLock { $0.now -= 1 } }) { worker in
            self.alive.withLock { alive in
                alive.now += 1
                alive.most = max(alive.most, alive.now)
            }
            try self.play(worker)
        }
    }

    private func play(_ worker: ScriptedWorker) throws {
        var paths: [UInt32: String] = [:]
        while true {
            let frame = try worker.next()
            switch frame.kind {
            case .hello: try worker.send(ReadyMessage(toolchain: "script").frame)
            case .load:
                let load = try LoadMessage(frame)
                paths[load.plugin] = load.path
                loads.append(load.path)
                if try !answer(load, worker) { return }
            case .call: try run(frame, paths, worker)
            case .cancel: cancelled.append(frame.call)
            case .shutdown:
                try worker.send(Frame(.goodbye))
                return
            default: break
            }
        }
    }

    /// - Returns: false when the worker ended.
    private func answer(_ load: LoadMessage, _ worker: ScriptedWorker) throws -> Bool {
        if refuses.withLock({ $0.contains(load.path) }) {
            try worker.send(
                LoadFailedMessage(plugin: load.plugin, reason: .activationFailed, detail: "no thanks").frame)
            return true
        }
        if crashes.withLock({ $0.contains(load.path) }) {
            worker.crash(11)
            return false
        }
        let isKilled = kills.withLock { kills -> Bool in
            guard let left = kills[load.path], left > 0 else { return false }
            kills[load.path] = left - 1
            return true
        }
        if isKilled {
            worker.crash(9)
            return false
        }
        if slow.withLock({ $0.contains(load.path) }) {
            asked.withLock { $0.append(Asked(worker: worker, plugin: load.plugin)) }
            return true
        }
        try worker.send(LoadedMessage(plugin: load.plugin).frame)
        return true
    }

    private func run(_ frame: Frame, _ paths: [UInt32: String], _ worker: ScriptedWorker) throws {
        let message = try CallMessage(frame)
        let path = paths[message.plugin] ?? "?"
        guard String(decoding: message.body, as: UTF8.self) != "\"hold\"" else {
            return held.withLock { $0.append(Held(worker: worker, call: frame.call, path: path)) }
        }
        try worker.complete(frame.call, "\"\(path)\"")
    }

    func releaseLoads() throws {
        slow.withLock { $0 = [] }
        let loads = asked.withLock { asked -> [Asked] in
            defer { asked = [] }
            return asked
        }
        for load in loads { try? load.worker.send(LoadedMessage(plugin: load.plugin).frame) }
    }

    func releaseCalls() throws {
        let calls = held.withLock { held -> [Held] in
            defer { held = [] }
            return held
        }
        for held in calls { try? held.worker.complete(held.call, "\"\(held.path)\"") }
    }

    var heldCount: Int { held.withLock { $0.count } }
}

private final class Cell<Value: Sendable>: Sendable {
    private let state: Mutex<Value>
    init(_ value: Value) { state = Mutex(value) }
    var value: Value {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

@Suite struct GenerationTests {
    private let stage = Stage()

    private func plugin(_ name: String, _ version: Int, isSingleton: Bool = false, isIsolated: Bool = false) throws
        -> CatalogEntry
    {
        try entry(
            name, isIsolated: isIsolated, isSingleton: isSingleton, loadPath: "/copies/\(name)/\(version)",
            digest: "\(name)-\(version)")
    }

    private func path(_ name: String, _ version: Int) -> String { "\"/copies/\(name)/\(version)\"" }

    @Test func aChangeIsLoadedWithoutACallAndTakesTheNextOne() async throws {
        let bench = try Bench(stage.launcher())
        let (old, new) = (try plugin("a", 1), try plugin("a", 2))
        await bench.put(old)
        #expect(await bench.call(old).text == path("a", 1))
        await bench.put(new)
        await bench.until("the next generation serves") { await bench.generations() == ["2 serving"] }
        #expect(stage.loads.all == ["/copies/a/1", "/copies/a/2"])
        let outcome = await bench.call(new)
        #expect(outcome.text == path("a", 2) && outcome.metrics.plugin == new.digest)
        // Who still holds the old snapshot gets what is current, too.
        #expect(await bench.call(old).text == path("a", 2))
    }

    @Test func callsGoOnInTheOldVersionUntilTheNewOneIsChecked() async throws {
        let bench = try Bench(stage.launcher())
        let (old, new) = (try plugin("a", 1), try plugin("a", 2))
        await bench.put(old)
        _ = await bench.call(old)
        stage.slow.withLock { _ = $0.insert("/copies/a/2") }
        await bench.put(new)
        await bench.until("it loads") { stage.asked.withLock { $0.count == 1 } }
        let meanwhile = await bench.call(new)
        #expect(meanwhile.text == path("a", 1))
        #expect(meanwhile.metrics.plugin == old.digest)
        try stage.releaseLoads()
        await bench.until("it serves") { await bench.call(new).text == path("a", 2) }
    }

    @Test func theSuccessorHasEverythingItsPredecessorHad() async throws {
        let bench = try Bench(stage.launcher())
        let (a, b, c) = (try plugin("a", 1), try plugin("b", 1), try plugin("c", 1))
        await bench.put(a, b, c)
        for entry in [a, b, c] { _ = await bench.call(entry) }
        await bench.put(try plugin("b", 2))
        await bench.until("the next generation serves") { await bench.generations() == ["2 serving"] }
        #expect(Set(stage.loads.all.dropFirst(3)) == ["/copies/a/1", "/copies/b/2", "/copies/c/1"])
        #expect(await bench.call(a).metrics.worker?.generation == 2)
    }

    @Test func aRefusedLoadLeavesTheOldVersionServingAndSaysWhy() async throws {
        let bench = try Bench(stage.launcher())
        let (old, bad) = (try plugin("a", 1), try plugin("a", 2))
        await bench.put(old)
        _ = await bench.call(old)
        stage.refuses.withLock { _ = $0.insert("/copies/a/2") }
        await bench.put(bad)
        await bench.until("the reason is there") { await bench.pool.rejection(of: bad.id) != nil }
        #expect(await bench.pool.rejection(of: bad.id)?.code == .pluginRefusedLoad)
        await bench.until("the candidate is gone") { await bench.generations() == ["1 serving"] }
        #expect(await bench.call(bad).text == path("a", 1))
        #expect(bench.log.all.contains { $0.text.contains("goes on serving") && $0.text.contains("no thanks") })
        // A repaired file is tried again.
        await bench.put(try plugin("a", 3))
        await bench.until("the repaired one serves") { await bench.call(bad).text == path("a", 3) }
        #expect(await bench.pool.rejection(of: bad.id) == nil)
    }

    @Test func oneBadAmongSeveralChangesDoesNotHoldUpTheOthers() async throws {
        let bench = try Bench(stage.launcher())
        let (a, b) = (try plugin("a", 1), try plugin("b", 1))
        await bench.put(a, b)
        for entry in [a, b] { _ = await bench.call(entry) }
        stage.crashes.withLock { _ = $0.insert("/copies/b/2") }
        await bench.put(try plugin("a", 2), try plugin("b", 2))
        await bench.until("the good one is replaced") { await bench.call(a).text == path("a", 2) }
        #expect(await bench.call(b).text == path("b", 1))
        #expect(await bench.pool.rejection(of: b.id)?.code == .pluginCrashed)
        #expect(await bench.pool.isQuarantined(b) == false)
    }

    @Test func aSuccessorThatIsKilledWhileItLoadsIsStartedAgain() async throws {
        let bench = try Bench(stage.launcher())
        let (old, new) = (try plugin("a", 1), try plugin("a", 2))
        await bench.put(old)
        _ = await bench.call(old)
        stage.kills.withLock { $0["/copies/a/2"] = 2 }
        await bench.put(new)
        await bench.until("the third try serves") { await bench.call(new).text == path("a", 2) }
        #expect(await bench.pool.rejection(of: new.id) == nil)
    }

    @Test func afterThreeLostSuccessorsTheOldOneGoesOnUntilTheNextChange() async throws {
        let bench = try Bench(stage.launcher())
        let (old, new) = (try plugin("a", 1), try plugin("a", 2))
        await bench.put(old)
        _ = await bench.call(old)
        stage.kills.withLock { $0["/copies/a/2"] = 3 }
        await bench.put(new)
        await bench.until("it is given up") { await bench.pool.rejection(of: new.id)?.code == .reloadBlocked }
        #expect(await bench.call(new).text == path("a", 1))
        await bench.pool.catalogueChanged()
        await bench.until("it is tried again") { await bench.call(new).text == path("a", 2) }
    }

    @Test func callsOfTheOldGenerationFinish() async throws {
        let bench = try Bench(stage.launcher())
        let (old, new) = (try plugin("a", 1), try plugin("a", 2))
        await bench.put(old)
        async let long = bench.call(old, "\"hold\"")
        await bench.until("it runs") { stage.heldCount == 1 }
        await bench.put(new)
        await bench.until("both live") { await bench.generations() == ["1 draining", "2 serving"] }
        #expect(await bench.call(new).text == path("a", 2))
        try stage.releaseCalls()
        #expect(await long.text == path("a", 1))
        await bench.until("the old one is gone") { await bench.generations() == ["2 serving"] }
    }

    @Test func atTheDrainDeadlineACallEndsAsGenerationRetired() async throws {
        let bench = try Bench(stage.launcher()) { $0.drain = .milliseconds(30) }
        let (old, new) = (try plugin("a", 1), try plugin("a", 2))
        await bench.put(old)
        async let long = bench.call(old, "\"hold\"")
        await bench.until("it runs") { stage.heldCount == 1 }
        await bench.put(new)
        let failure = try #require(await long.failure)
        #expect(failure.error.code == .generationRetired && failure.isInfrastructure)
        #expect(failure.error.message.contains("0.03"))
        #expect(await bench.call(new).text == path("a", 2))
    }

    @Test func aFourthGenerationRetiresTheOldest() async throws {
        let bench = try Bench(stage.launcher())
        await bench.put(try plugin("a", 1))
        let ended = Box<String>()
        await withTaskGroup(of: Void.self) { group in
            for version in 1...4 {
                let current = try? plugin("a", version)
                guard let current else { continue }
                await bench.put(current)
                await bench.until("version \(version) serves") { await bench.call(current).text == path("a", version) }
                if version == 4 { break }
                group.addTask {
                    let outcome = await bench.call(current, "\"hold\"")
                    ended.append("\(version) \(outcome.failure?.error.code.name ?? "finished")")
                }
                await bench.until("the call of version \(version) runs") { stage.heldCount == version }
            }
            #expect(await bench.generations() == ["2 draining", "3 draining", "4 serving"])
            #expect(ended.all == ["1 generation_retired"])
            #expect(stage.alive.withLock { $0.most } == 3)
            try? stage.releaseCalls()
        }
        #expect(Set(ended.all) == ["1 generation_retired", "2 finished", "3 finished"])
    }

    @Test func aSingletonIsStoppedBeforeItsSuccessorStarts() async throws {
        let bench = try Bench(stage.launcher())
        let (old, new) = (try plugin("a", 1, isSingleton: true), try plugin("a", 2, isSingleton: true))
        await bench.put(old)
        async let long = bench.call(old, "\"hold\"")
        await bench.until("it runs") { stage.heldCount == 1 }
        await bench.put(new)
        async let waiting = bench.call(new)
        await bench.until("it waits") { bench.log.all.contains { $0.text.contains("singleton") } }
        // A call that the running one made must not wait for its ancestor's end.
        #expect(await bench.call(old, depth: 1).text == path("a", 1))
        #expect(stage.loads.all == ["/copies/a/1"])
        try stage.releaseCalls()
        #expect(await long.text == path("a", 1))
        #expect(await waiting.text == path("a", 2))
        #expect(stage.alive.withLock { $0.most } == 1)
    }

    @Test func aSingletonWhoseNewVersionFailsComesBackAsItWas() async throws {
        let bench = try Bench(stage.launcher())
        let (old, bad) = (try plugin("a", 1, isSingleton: true), try plugin("a", 2, isSingleton: true))
        await bench.put(old)
        _ = await bench.call(old)
        stage.refuses.withLock { _ = $0.insert("/copies/a/2") }
        await bench.put(bad)
        await bench.until("the old one is back") { await bench.generations() == ["3 serving"] }
        #expect(await bench.call(bad).text == path("a", 1))
        #expect(await bench.pool.rejection(of: bad.id)?.code == .pluginRefusedLoad)
        #expect(stage.alive.withLock { $0.most } == 1)
    }

    @Test func aPluginThatWantsToBeAloneMovesOutWithItsNewVersion() async throws {
        let bench = try Bench(stage.launcher())
        let (old, new) = (try plugin("a", 1), try plugin("a", 2, isIsolated: true))
        let neighbour = try plugin("b", 1)
        await bench.put(old, neighbour)
        for entry in [old, neighbour] { _ = await bench.call(entry) }
        stage.slow.withLock { _ = $0.insert("/copies/a/2") }
        await bench.put(new)
        await bench.until("it loads elsewhere") { stage.asked.withLock { $0.count == 1 } }
        #expect(await bench.call(new).text == path("a", 1))
        try stage.releaseLoads()
        await bench.until("it serves there") { await bench.call(new).metrics.worker?.compartment.isAlone == true }
        #expect(await bench.call(neighbour).metrics.worker?.generation == 1)
    }

    @Test func aRemovedPluginsCallsFinishAndItsNeighboursStay() async throws {
        let bench = try Bench(stage.launcher())
        let (gone, neighbour) = (try plugin("a", 1), try plugin("b", 1))
        await bench.put(gone, neighbour)
        _ = await bench.call(neighbour)
        async let long = bench.call(gone, "\"hold\"")
        await bench.until("it runs") { stage.heldCount == 1 }
        await bench.remove(gone)
        #expect(await bench.generations() == ["1 serving"])
        let error = #expect(throws: CorralError.self) { try bench.shelf.snapshot.agent("test/a") }
        #expect(error?.code == .pluginUnknown && error?.message.contains("was removed") == true)
        try stage.releaseCalls()
        #expect(await long.text == path("a", 1))
        // It is not carried into the next generation.
        await bench.put(try plugin("b", 2))
        await bench.until("the next generation serves") { await bench.call(neighbour).text == path("b", 2) }
        #expect(stage.loads.all.suffix(1) == ["/copies/b/2"])
        await bench.put(try plugin("a", 2))
        #expect(await bench.call(try plugin("a", 2)).text == path("a", 2))
    }

    @Test func aPluginDroppedInLaterNeedsAWorkerThatCanSeeIt() async throws {
        let bench = try Bench(stage.launcher())
        let (a, b) = (try plugin("a", 1), try plugin("b", 1))
        await bench.put(a)
        _ = await bench.call(a)
        await bench.put(b)
        #expect(await bench.generations() == ["1 serving"])
        #expect(await bench.call(b).text == path("b", 1))
        let after = await bench.call(a)
        #expect(after.metrics.worker?.generation == 2, "\(after) \(bench.log.all)")
    }

    @Test func aChangeThatIsTakenBackEndsTheCandidate() async throws {
        let bench = try Bench(stage.launcher())
        let (old, new) = (try plugin("a", 1), try plugin("a", 2))
        await bench.put(old)
        _ = await bench.call(old)
        stage.slow.withLock { _ = $0.insert("/copies/a/2") }
        await bench.put(new)
        await bench.until("it loads") { await bench.generations() == ["1 serving", "2 checking"] }
        await bench.put(old)
        await bench.until("it is gone") { await bench.generations() == ["1 serving"] }
        #expect(await bench.call(old).text == path("a", 1))
    }

    @Test func whoeverSettlesGetsTheNewVersionAndOthersDoNotWait() async throws {
        let bench = try Bench(stage.launcher())
        let (old, new, other) = (try plugin("a", 1), try plugin("a", 2), try plugin("b", 1))
        await bench.put(old, other)
        for entry in [old, other] { _ = await bench.call(entry) }
        stage.slow.withLock { _ = $0.insert("/copies/a/2") }
        await bench.put(new)
        await bench.until("it loads") { stage.asked.withLock { $0.count == 1 } }
        await bench.pool.settle([other.id], within: .seconds(60))
        let settled = Box<String>()
        async let settling: Void = {
            await bench.pool.settle([new.id, other.id], within: .seconds(60))
            settled.append("now")
        }()
        #expect(await bench.call(new).text == path("a", 1))
        #expect(settled.all.isEmpty)
        try stage.releaseLoads()
        await settling
        #expect(await bench.call(new).text == path("a", 2))
        // Content that is known not to load is waited for no longer.
        stage.refuses.withLock { _ = $0.insert("/copies/a/3") }
        await bench.put(try plugin("a", 3))
        await bench.pool.settle([new.id], within: .seconds(60))
        #expect(await bench.pool.rejection(of: new.id)?.code == .pluginRefusedLoad)
    }

    @Test func aWorkerThatSaidGoodbyeIsNotBlamedForALateEnd() async throws {
        let late = DispatchSemaphore(value: 0)
        let launcher = ScriptedLauncher { worker in
            try worker.serve { if $0.kind == .call { try worker.complete($0.call) } }
            // Its end of the socket is closed long before anyone hears that the process is gone.
            guard worker.number == 1 else { return }
            shutdown(worker.socket.descriptor, Int32(SHUT_RDWR))
            late.wait()
        }
        let bench = try Bench(launcher) { $0.grace = .milliseconds(20) }
        let (old, new) = (try plugin("a", 1), try plugin("a", 2))
        await bench.put(old)
        _ = await bench.call(old)
        await bench.put(new)
        await bench.until("the first is gone") { await bench.generations() == ["2 serving"] }
        late.signal()
        #expect(await bench.pool.compartment(of: old).isAlone == false)
        #expect(!bench.log.all.contains { $0.level == .error }, "\(bench.log.all)")
    }

    @Test func settlingEndsWithItsPatience() async throws {
        let bench = try Bench(stage.launcher())
        let (old, new) = (try plugin("a", 1), try plugin("a", 2))
        await bench.put(old)
        _ = await bench.call(old)
        stage.slow.withLock { _ = $0.insert("/copies/a/2") }
        await bench.put(new)
        await bench.pool.settle([new.id], within: .milliseconds(20))
        #expect(await bench.call(new).text == path("a", 1))
        try stage.releaseLoads()
        await bench.pool.settle([new.id], within: .seconds(60))
        #expect(await bench.call(new).text == path("a", 2))
    }

    @Test func afterAnIdleStopTheNextCallGetsTheNewestVersionOrTheLastThatLoaded() async throws {
        let bench = try Bench(stage.launcher()) { $0.idle = .milliseconds(20) }
        let (old, bad) = (try plugin("a", 1), try plugin("a", 2))
        await bench.put(old)
        _ = await bench.call(old)
        await bench.until("it is idle") { await bench.generations().isEmpty }
        stage.refuses.withLock { _ = $0.insert("/copies/a/2") }
        await bench.put(bad)
        #expect(await bench.call(bad).text == path("a", 1))
        #expect(await bench.pool.rejection(of: bad.id)?.code == .pluginRefusedLoad)
        await bench.put(try plugin("a", 3))
        await bench.until("the repaired one serves") { await bench.call(bad).text == path("a", 3) }
    }

    @Test func aHundredReplacementsUnderLoadLoseNoCall() async throws {
        let bench = try Bench(stage.launcher())
        await bench.put(try plugin("a", 0))
        let newest = Cell(try plugin("a", 0))
        let isOver = Cell(false)
        let failures = Box<String>()
        let answered = Box<Int>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while !isOver.value {
                        let outcome = await bench.call(newest.value)
                        if let failure = outcome.failure { failures.append("\(failure.error)") }
                        answered.append(1)
                    }
                }
            }
            for version in 1...100 {
                let entry = try plugin("a", version)
                newest.value = entry
                await bench.put(entry)
                await bench.until("version \(version) answers") {
                    await bench.call(entry).text == path("a", version)
                }
            }
            isOver.value = true
            try await group.waitForAll()
        }
        #expect(failures.all.isEmpty, "\(failures.all.prefix(3))")
        #expect(answered.all.count > 100)
        await bench.until("one generation is left") { await bench.generations().count == 1 }
    }

    @Test func aReleasedPluginRunsAgain() async throws {
        let launcher = ScriptedLauncher { worker in
            try worker.serve { frame in
                guard frame.kind == .call else { return }
                if String(decoding: try CallMessage(frame).body, as: UTF8.self) == "\"crash\"" {
                    return worker.crash(11)
                }
                try worker.complete(frame.call)
            }
        }
        let bench = try Bench(launcher) { $0.quarantineCrashes = 2 }
        let plugin = try plugin("a", 1, isIsolated: true)
        await bench.put(plugin)
        for _ in 0..<2 { _ = await bench.call(plugin, "\"crash\"") }
        let refusal = try #require(await bench.call(plugin).failure)
        #expect(refusal.error.code == .pluginQuarantined)
        #expect(refusal.error.hint?.contains("corral plugin release test/a") == true)
        #expect(await bench.pool.release(plugin))
        #expect(await bench.call(plugin).text == "1")
        #expect(await bench.pool.release(plugin) == false)
    }
}
