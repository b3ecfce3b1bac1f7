// SPDX-License-Identifier: Apache-2.0
// HostilePluginTests: native plugins that attack what holds them: the socket, the signals, the log. Real workers; whatever
// such a plugin does, its call ends at its deadline at the latest, and a plugin in another worker goes on.

import CorralBase
import CorralCatalog
import CorralSandbox
import CorralSupervision
import Foundation
import Testing

struct HostilePlugin: Sendable, CustomTestStringConvertible {
    var name: String
    /// How its call may end; empty = well.
    var codes: [ErrorCode] = []
    /// What error, cause or log say.
    var says = ""
    /// It may go on in its worker: nothing it did reached the host.
    var mayStay = false
    var testDescription: String { name }
}

@Suite(.serialized) struct HostilePluginTests {
    static let plugins = [
        HostilePlugin(name: "send-descriptors", codes: [.pluginBrokeProtocol], says: "descriptors"),
        HostilePlugin(name: "dup-over-socket", codes: [.pluginBrokeProtocol, .pluginCrashed]),
        HostilePlugin(name: "huge-frame", codes: [.pluginBrokeProtocol], says: "4294967295 bytes"),
        HostilePlugin(name: "catch-faults", codes: [.callTimeout], says: "was killed after"),
        HostilePlugin(name: "ignore-signals", codes: [.callTimeout], says: "was killed after"),
        HostilePlugin(name: "stop-itself", codes: [.callTimeout], says: "was killed after"),
        HostilePlugin(name: "flood-frames", codes: [.callTimeout], says: "was killed after"),
        HostilePlugin(name: "flood-crash-pipe", codes: [.pluginBrokeProtocol], says: "as its crash record"),
        HostilePlugin(name: "never-complete", codes: [.callTimeout], says: "was killed after"),
        HostilePlugin(name: "complete-twice", mayStay: true),
        HostilePlugin(name: "leak-threads", mayStay: true),
        HostilePlugin(name: "flood-services", mayStay: true),
        HostilePlugin(name: "flood-artifacts", mayStay: true),
    ]

    @Test(arguments: plugins) func isEndedAndItsNeighbourGoesOn(_ plugin: HostilePlugin) async throws {
        let bench = try Bench()
        let good = try entry("echo", isIsolated: true)
        #expect(await bench.call(good, "1").text == "1")
        let bad = try entry(plugin.name)
        async let attack = bench.call(bad, "7", seconds: plugin.codes.isEmpty ? 20 : 0.7)
        // Whoever is beside it does not wait for it.
        for _ in 0..<20 { #expect(await bench.call(good, "1", seconds: 10).text == "1") }
        let outcome = await attack
        if plugin.codes.isEmpty {
            #expect(outcome.success != nil, "\(String(describing: outcome.failure))")
        } else {
            let failure = try #require(outcome.failure)
            #expect(plugin.codes.contains(failure.error.code), "\(failure.error)")
            let words = [failure.error.message, failure.error.cause ?? ""] + bench.log.all.map(\.text)
            #expect(plugin.says.isEmpty || words.contains { $0.contains(plugin.says) }, "\(words)")
            await bench.until("its worker is gone") {
                await bench.pool.listing().contains { $0.state == .gone && $0.plugins == [bad.id] }
            }
        }
        #expect(await bench.call(good, "1").metrics.worker?.generation == 1)
        await bench.pool.shutdown()
    }

    struct Doomed: Sendable, CustomTestStringConvertible {
        var level: IsolationLevel
        var plugin: String
        var testDescription: String { "\(level.rawValue), \(plugin)" }
    }

    /// What a killed host comes down to: its spawner dies of it, and they of their spawner. Busy, deaf or stopped makes no
    /// difference.
    @Test(
        arguments: IsolationLevel.allCases.flatMap { level in
            ["endless-loop", "ignore-signals", "stop-itself", "leak-threads"].map { Doomed(level: level, plugin: $0) }
        })
    func nobodyOutlivesAKilledSpawner(_ doomed: Doomed) async throws {
        let spawner = Bench.realSpawner()
        let launcher = SpawnerLauncher(
            spawner: spawner, workerExecutable: Built.worker, policy: SandboxPolicy(level: doomed.level))
        let bench = try Bench(launcher, spawner: spawner) { $0.backoffFirst = .seconds(20) }
        let (good, bad) = (try entry("echo", isIsolated: true), try entry(doomed.plugin))
        guard await bench.call(good, "1").text == "1" else {
            return print("level \(doomed.level.rawValue) cannot be had here; nobody was killed at it")
        }
        async let call = bench.call(bad, "1", seconds: 20)
        await bench.until("both are there") {
            await bench.pool.listing().count { $0.pid > 0 && ($0.callsRunning + $0.callsEnded > 0) } == 2
        }
        let workers = await bench.pool.listing().map(\.pid)
        #expect(await bench.pool.listing().allSatisfy { $0.level == doomed.level.rawValue })
        let killedAt = monotonicNanoseconds()
        kill(try #require(spawner.processID), SIGKILL)
        await bench.until("all are gone") { workers.allSatisfy { isGone($0) } }
        #expect(monotonicNanoseconds() - killedAt < 1_000_000_000)
        _ = await call
    }

    /// Ended, whether or not somebody has asked how.
    private func isGone(_ process: Int32) -> Bool {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return true }
        let text = String(decoding: data, as: UTF8.self)
        return text.lastIndex(of: ")").map { text[$0...].hasPrefix(") Z") } ?? true
    }

    /// Its call may be answered before the first byte of garbage; its worker is not there for the next.
    @Test func aThreadThatOutlivesItsCallAndWritesGarbageEndsItsWorker() async throws {
        let bench = try Bench()
        let bad = try entry("write-from-thread")
        let outcome = await bench.call(bad, "7")
        #expect(outcome.text == "7" || outcome.failure?.error.code == .pluginBrokeProtocol)
        await bench.until("its worker is gone") { await bench.pool.listing().contains { $0.state == .gone } }
        #expect(await bench.call(try entry("echo"), "1").text == "1")
    }

    @Test func whoPrintsWithoutEndWaitsInItsOwnPipe() async throws {
        let bench = try Bench()
        let events = Box<CallEvent>()
        let printed = try #require(await bench.call(try entry("flood-output"), "1", events: events).text)
        // A second's allowance, its burst, and what the pipe and one read hold.
        #expect(try #require(Int(printed)) < Limits.printedBytesPerSecondMax * 3 / 2)
        let lines = events.all.compactMap { if case .log(_, _, let text) = $0 { text } else { nil } }
        #expect(!lines.isEmpty && lines.count <= 2 * Limits.logLinesPerSecondMax)
        #expect(lines.allSatisfy(isHarmless))
    }

    @Test func noTextOfAPluginReachesPeopleWithControlCharacters() async throws {
        let bench = try Bench()
        let events = Box<CallEvent>()
        let failure = try #require(await bench.call(try entry("control-characters"), "1", events: events).failure)
        #expect(failure.error.code == .pluginFailed)
        await bench.pool.shutdown()
        let shown = events.all.compactMap { event in
            switch event {
            case .log(_, _, let text), .progress(_, let text): text
            default: nil
            }
        }
        let all = shown + bench.log.all.map(\.text)
        #expect(all.count { $0.contains("\\u{1b}[2J") } >= 3, "\(all)")
        #expect(all.allSatisfy(isHarmless), "\(all)")
        #expect(all.contains { $0.contains("one line\\n2026") })
    }
}

/// Nothing in it moves a cursor, starts a line or turns the direction of writing.
private func isHarmless(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy {
        $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) && ![0x202E, 0x061C].contains($0.value)
    }
}
