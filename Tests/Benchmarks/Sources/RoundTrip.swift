// SPDX-License-Identifier: Apache-2.0
// RoundTrip: one call to a plugin that gives back what it is given, through the pool, the socket, the worker's thread and
// the C ABI, beside two bare processes that write and read the same bytes.

import CFloor
import CorralBase
import CorralSupervision
import CorralWire

private let sizes: [(name: String, bytes: Int, count: Int)] = [
    ("64 B", 64, 5_000), ("1 KiB", 1 << 10, 5_000), ("64 KiB", 64 << 10, 1_000), ("1 MiB", 1 << 20, 100),
]

func measureRoundTrips(_ rig: Rig, _ report: Report) async throws {
    let plugins = try rig.folder("plugins")
    try rig.compile("echo", into: plugins)
    let echo = try await rig.catalogue(plugins).agent("bench/echo")
    let lane = try Lane(name: "bench")
    let caller = Caller(lane, rig.pool(lane))
    for size in sizes {
        var ours: [Double] = []
        var floor: [Double] = []
        _ = try await caller.roundTrips(echo, bytes: size.bytes, count: size.count / 10)
        for _ in 0..<rig.repetitions {
            let bare = floor_round_trips(size.bytes, Int32(size.count))
            guard bare > 0 else { throw Options.Wrong(description: "the bare echo failed") }
            floor.append(Double(bare) / Double(size.count) / 1e3)
            let taken = try await caller.roundTrips(echo, bytes: size.bytes, count: size.count)
            ours.append(Double(taken) / Double(size.count) / 1e3)
        }
        report.add("round-trip", Report.floor, size.name, Sample(floor), "us")
        report.add("round-trip", Report.ours, size.name, Sample(ours), "us")
        report.compare("round-trip", "\(size.name) : bare", Sample(ours), to: Sample(floor), aim: "≤ 2.5")
    }
    await caller.shutdown()
    lane.stop()
}
