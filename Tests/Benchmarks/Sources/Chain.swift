// SPDX-License-Identifier: Apache-2.0
// Chain: a hundred steps, each waiting for the one before, each giving another 1 KiB to the next: what orchestration adds
// to work. Beside it the least a durable step can be, and LangGraph's same chain in its own process.

import CFloor
import CorralBase
import Foundation

private let stepCount = 100
private let modes = ["exit", "async", "sync"]

private var chainFlow: String {
    var lines = ["flow: chain", "input: {i: int, s: string}", "steps:"]
    lines.append("  n0: {agent: bench/step, with: \"${input}\"}")
    for number in 1..<stepCount {
        lines.append("  n\(number): {agent: bench/step, after: n\(number - 1), with: \"${n\(number - 1)}\"}")
    }
    lines.append("output: \"${n\(stepCount - 1)}\"")
    return lines.joined(separator: "\n") + "\n"
}

private func payload(_ number: Int) -> String {
    let unit = String(format: "%08d:", number)
    return String(String(repeating: unit, count: 1024 / unit.count + 1).prefix(1024))
}

func measureChain(_ rig: Rig, _ report: Report) async throws {
    let inputs: [String: JSON] = ["i": 0, "s": .string(payload(0))]
    var times: [String: [Double]] = [:]
    var last: [String: Cost] = [:]
    var floor: [Double] = []
    var stored: [String: Double] = [:]
    for mode in modes {
        let host = try await HostRig(rig, home: "chain-\(mode)", plugins: ["step"])
        for repetition in 0...rig.repetitions {
            let (output, cost) = try await host.run(chainFlow, inputs: inputs, mode: mode)
            guard output["i"]?.intValue == Int64(stepCount), output["s"]?.stringValue == payload(stepCount) else {
                throw Options.Wrong(description: "the chain gave \(output.text().prefix(80))")
            }
            if repetition == 0 { continue }
            times[mode, default: []].append(Double(cost.nanoseconds) / 1e3 / Double(stepCount))
            last[mode] = cost
            // Between the runs it is compared with, so that both see the same machine.
            if mode == "sync" { floor.append(try durableStep(rig)) }
        }
        stored[mode] = Double(host.storedBytes) / Double(stepCount * (rig.repetitions + 1))
        await host.shutDown()
    }
    if let cost = last["exit"] {
        report.add("chain", Report.ours, "flow read and checked", Double(cost.preparation) / 1e6, "ms")
    }
    report.add("chain", Report.floor, "durable step", Sample(floor), "us/step")
    for mode in modes {
        report.add("chain", Report.ours, mode, Sample(times[mode] ?? []), "us/step")
        guard let cost = last[mode] else { continue }
        let steps = Double(stepCount)
        report.add(
            "chain", Report.ours, "\(mode) host CPU", Double(cost.processorNanoseconds) / 1e3 / steps, "us/step")
        report.add("chain", Report.ours, "\(mode) flushes", Double(cost.flushes) / steps, "1/step")
        report.add("chain", Report.ours, "\(mode) written", Double(cost.writtenBytes) / steps, "B/step")
        report.add("chain", Report.ours, "\(mode) stored", stored[mode] ?? .nan, "B/step")
    }
    let sync = Sample(times["sync"] ?? [])
    report.compare("chain", "sync : floor", sync, to: Sample(floor), aim: "≤ 1.7")
    guard rig.includesPeers else { return }
    let peer = try Peer(rig).run("chain", report)
    for (ours, theirs) in [("exit", "none"), ("async", "sqlite async"), ("sync", "sqlite sync FULL")] {
        guard let median = peer[theirs] else { continue }
        report.compare(
            "chain", "\(ours) : LangGraph \(theirs)", Sample(times[ours] ?? []), to: Sample([median]),
            aim: ours == "async" ? "≤ 0.2" : "-")
    }
}

private func durableStep(_ rig: Rig) throws -> Double {
    let taken = floor_durable_steps(rig.scratch + "/floor.log", Int32(stepCount))
    guard taken > 0 else { throw Options.Wrong(description: "the durable floor failed") }
    return Double(taken) / 1e3 / Double(stepCount)
}
