// SPDX-License-Identifier: Apache-2.0
// Neighbours: a tenant makes a call every other millisecond while the tenant next door does its worst with everything it
// has. What its slowest calls take then, beside what they take alone, both in turns in one run.

import CorralBase
import CorralCatalog
import CorralSupervision
import Foundation

private let attacks = ["spin", "memory bomb", "thread bomb", "log flood", "disk fill"]
private let callCount = 1_000

func measureNeighbours(_ rig: Rig, _ report: Report) async throws {
    let plugins = try rig.folder("neighbours")
    try rig.compile("echo", into: plugins)
    try rig.compile("neighbour", into: plugins)
    let catalogue = try await rig.catalogue(plugins)
    let echo = try catalogue.agent("bench/echo")
    let lane = try Lane(name: "victim")
    let victim = Caller(lane, try rig.pool(lane, tenant: "victim", catalogue))
    _ = try await victim.steadyCalls(echo, count: callCount / 10)
    for (how, attack) in attacks.enumerated() {
        var alone: [Tail] = []
        var beside: [Tail] = []
        var attacksMade = 0
        for _ in 0..<rig.repetitions {
            alone.append(try await victim.steadyCalls(echo, count: callCount))
            let noisy = try NoisyTenant(rig, catalogue, how)
            try await noisy.begin()
            beside.append(try await victim.steadyCalls(echo, count: callCount))
            attacksMade += await noisy.end()
        }
        guard attacksMade > 0 else { throw Options.Wrong(description: "the neighbour made no \(attack)") }
        let names = [("p50", \Tail.median), ("p99", \Tail.p99), ("slowest", \Tail.slowest)]
        for (name, path) in names {
            report.add(
                "neighbour", Report.floor, "\(attack): \(name) alone", Sample(alone.map { $0[keyPath: path] }), "us")
            report.add(
                "neighbour", Report.ours, "\(attack): \(name) beside", Sample(beside.map { $0[keyPath: path] }), "us")
        }
        report.compare(
            "neighbour", "\(attack): p99 beside : alone", Sample(beside.map(\.p99)), to: Sample(alone.map(\.p99)),
            aim: "≤ 2")
    }
    await victim.shutdown()
    lane.stop()
}

/// The end of a distribution, in microseconds.
private struct Tail {
    var median: Double
    var p99: Double
    var slowest: Double

    init(_ nanoseconds: [UInt64]) {
        let sorted = nanoseconds.sorted().map { Double($0) / 1e3 }
        median = sorted[sorted.count / 2]
        p99 = sorted[sorted.count * 99 / 100]
        slowest = sorted[sorted.count - 1]
    }
}

extension Caller {
    /// A call, a pause, a call…: each must be answered.
    fileprivate func steadyCalls(_ plugin: CatalogEntry, count: Int) async throws -> Tail {
        var taken: [UInt64] = []
        for _ in 0..<count {
            let start = monotonicNanoseconds()
            _ = try await call(plugin, Array("{}".utf8))
            taken.append(monotonicNanoseconds() - start)
            await withCheckedContinuation { continuation in
                lane.after(nanoseconds: 1_000_000) { continuation.resume() }
            }
        }
        return Tail(taken)
    }
}

/// As many attacks at once as its workers take, until told to stop. That some of them end its worker is its own affair.
private actor NoisyTenant {
    private let lane: Lane
    private let caller: Caller
    private let plugin: CatalogEntry
    private let body: [UInt8]
    private var isOver = false
    private var tasks: [Task<Int, Never>] = []

    init(_ rig: Rig, _ catalogue: CatalogSnapshot, _ how: Int) throws {
        lane = try Lane(name: "noisy")
        var settings = SupervisionSettings()
        settings.grace = .milliseconds(200)
        settings.backoffFirst = .milliseconds(1)
        settings.backoffMax = .milliseconds(10)
        settings.quarantineCrashes = .max
        settings.spoolFolder = rig.scratch
        caller = Caller(lane, try rig.pool(lane, tenant: "noisy", catalogue, settings))
        plugin = try catalogue.agent("bench/neighbour")
        body = Array("{\"how\":\(how)}".utf8)
    }

    /// Returns when the first attack has begun to hurt: the second call follows the first.
    func begin() async throws {
        _ = try? await caller.call(plugin, body)
        for _ in 0..<4 { tasks.append(Task { await attackOnAndOn() }) }
    }

    private func attackOnAndOn() async -> Int {
        var count = 0
        while !isOver {
            _ = try? await caller.call(plugin, body)
            count += 1
        }
        return count
    }

    /// - Returns: how many attacks there were.
    func end() async -> Int {
        isOver = true
        var count = 0
        for task in tasks { count += await task.value }
        await caller.shutdown()
        lane.stop()
        return count
    }
}
