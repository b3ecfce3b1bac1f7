// SPDX-License-Identifier: Apache-2.0
// Workers: from nothing to the first answer, and 45 plugins in one process.

import CorralBase
import CorralCatalog
import CorralSupervision
import Foundation

/// Spawner, fork, exec, dynamic linking, greeting, `dlopen`, call, answer.
func measureWorkerStart(_ rig: Rig, _ report: Report) async throws {
    let plugins = try rig.folder("plugins")
    try rig.compile("echo", into: plugins)
    let echo = try await rig.catalogue(plugins).agent("bench/echo")
    var taken: [Double] = []
    for repetition in 0...(4 * rig.repetitions) {
        let lane = try Lane(name: "bench")
        let caller = Caller(lane, rig.pool(lane))
        let start = monotonicNanoseconds()
        _ = try await caller.call(echo, Array("{}".utf8))
        // The first warms the page cache.
        if repetition > 0 { taken.append(Double(monotonicNanoseconds() - start) / 1e6) }
        await caller.shutdown()
        lane.stop()
    }
    report.add("worker-start", Report.ours, "to first answer [aim ≤ 10]", Sample(taken), "ms")
}

private let pluginCount = 45

func measureManyPlugins(_ rig: Rig, _ report: Report) async throws {
    let plugins = try rig.folder("plugins")
    for number in 0..<pluginCount { try rig.compile("echo", as: "echo-\(number)", into: plugins) }
    let probing = monotonicNanoseconds()
    let catalogue = try await rig.catalogue(plugins)
    report.add(
        "plugins", Report.ours, "\(pluginCount) probed", Double(monotonicNanoseconds() - probing) / 1e6, "ms")
    var taken: [Double] = []
    var growth: [Double] = []
    for repetition in 0...rig.repetitions {
        let lane = try Lane(name: "bench")
        let pool = rig.pool(lane, catalogue)
        let caller = Caller(lane, pool)
        let entries = catalogue.sorted
        _ = try await caller.call(entries[0], Array("{}".utf8))
        let before = await residentKiB(pool)
        let start = monotonicNanoseconds()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for entry in entries.dropFirst() {
                group.addTask { _ = try await caller.call(entry, Array("{}".utf8)) }
            }
            try await group.waitForAll()
        }
        let loaded = Double(monotonicNanoseconds() - start) / 1e6
        if repetition > 0 {
            taken.append(loaded)
            growth.append(await residentKiB(pool) - before)
        }
        guard await pool.listing().count == 1 else { throw Options.Wrong(description: "more than one worker") }
        await caller.shutdown()
        lane.stop()
    }
    report.add("plugins", Report.ours, "\(pluginCount - 1) more loaded and called", Sample(taken), "ms")
    report.add("plugins", Report.ours, "resident, each", Sample(growth.map { $0 / Double(pluginCount - 1) }), "KiB")
}

private func residentKiB(_ pool: WorkerPool) async -> Double {
    guard let pid = await pool.listing().last?.pid,
        let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") })
    else { return .nan }
    return Double(line.split(separator: " ").dropFirst().first ?? "") ?? .nan
}
