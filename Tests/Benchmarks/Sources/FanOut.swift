// SPDX-License-Identifier: Apache-2.0
// FanOut: one source, a thousand branches, one join.

import CorralBase
import Foundation

private let branchCount = 1_000

private let fanFlow = """
    flow: fan-out
    input: {n: int}
    steps:
      source: {agent: bench/source, with: "${input}"}
      branch: {agent: bench/branch, after: source, for_each: "${source}", with: "${item}"}
      join:   {agent: bench/join, after: branch, with: "${branch}"}
    output: "${join}"

    """

func measureFanOut(_ rig: Rig, _ report: Report) async throws {
    var times: [String: Sample] = [:]
    for mode in ["exit", "async", "sync"] {
        let host = try await HostRig(rig, home: "fan-\(mode)", plugins: ["source", "branch", "join"])
        var taken: [Double] = []
        var last: Cost?
        for repetition in 0...rig.repetitions {
            let inputs: [String: JSON] = ["n": .int(Int64(branchCount))]
            let (output, cost) = try await host.run(fanFlow, inputs: inputs, mode: mode)
            guard output.intValue == Int64(branchCount * (branchCount + 1) / 2) else {
                throw Options.Wrong(description: "the fan-out gave \(output.text().prefix(80))")
            }
            if repetition > 0 { taken.append(Double(cost.nanoseconds) / 1e6) }
            last = cost
        }
        await host.shutDown()
        times[mode] = Sample(taken)
        report.add("fan-out", Report.ours, mode, Sample(taken), "ms")
        guard let last else { continue }
        report.add("fan-out", Report.ours, "\(mode) host CPU", Double(last.processorNanoseconds) / 1e6, "ms")
        report.add("fan-out", Report.ours, "\(mode) flushes", Double(last.flushes), "1/run")
        report.add(
            "fan-out", Report.ours, "\(mode) written", Double(last.writtenBytes) / Double(branchCount), "B/branch")
    }
    guard rig.includesPeers else { return }
    let peer = try Peer(rig).run("fan-out", report)
    for (ours, theirs) in [("exit", "none"), ("async", "sqlite"), ("sync", "sqlite")] {
        guard let theirMedian = peer[theirs], let our = times[ours] else { continue }
        report.compare(
            "fan-out", "LangGraph \(theirs) : \(ours)", Sample([theirMedian]), to: our, aim: "≥ 10")
    }
}
