// SPDX-License-Identifier: Apache-2.0
// Benchmarks: what Corral costs, beside the least the machine can do and beside a peer, all in one run, because a time
// alone says more about the machine than about the program. Recorded in docs/benchmarks.md, not gated.

import CorralBase
import Foundation

@main
struct Benchmarks {
    /// In the order of the report.
    private static let all: [(name: String, run: @Sendable (Rig, Report) async throws -> Void)] = [
        ("round-trip", measureRoundTrips),
        ("worker-start", measureWorkerStart),
        ("plugins", measureManyPlugins),
        ("cold-start", measureColdStart),
        ("idle", measureIdleTenants),
        ("neighbour", measureNeighbours),
        ("reload", measureReload),
        ("chain", measureChain),
        ("fan-out", measureFanOut),
    ]

    static func main() async {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()), names: all.map(\.name))
            let report = Report(isJSON: options.isJSON)
            let rig = try Rig(options)
            defer { rig.stop() }
            report.begin()
            for benchmark in all where options.runs(benchmark.name) {
                try await benchmark.run(rig, report)
            }
        } catch {
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            exit(1)
        }
    }
}
