// SPDX-License-Identifier: Apache-2.0
// Peer: LangGraph, in a Python environment of its own, measured by peers/langgraph_peer.py in the same run.

import CorralBase
import Foundation

struct Peer {
    private let rig: Rig
    private let python: String

    /// Installs the peer from PyPI when it is not there yet.
    init(_ rig: Rig) throws {
        self.rig = rig
        let environment = Place.package + "/.build/peers"
        python = environment + "/bin/python"
        let mark = environment + "/installed"
        guard !FileManager.default.fileExists(atPath: mark) else { return }
        try rig.run("/usr/bin/env", ["python3", "-m", "venv", environment])
        let requirements = Place.package + "/peers/requirements.txt"
        try rig.run(python, ["-m", "pip", "install", "--quiet", "-r", requirements])
        guard FileManager.default.createFile(atPath: mark, contents: nil) else {
            throw Options.Wrong(description: "cannot write \(mark)")
        }
    }

    /// - Returns: the medians by metric.
    func run(_ workload: String, _ report: Report) throws -> [String: Double] {
        let scratch = try rig.folder("peer")
        let lines = try rig.run(
            python, [Place.package + "/peers/langgraph_peer.py", workload, scratch, String(rig.repetitions)])
        var medians: [String: Double] = [:]
        for line in lines.split(separator: "\n") {
            report.addPeer(String(line))
            guard let json = try? JSON(parsing: String(line)), let metric = json["metric"]?.stringValue else {
                continue
            }
            medians[metric] = json["value"]?.doubleValue
        }
        return medians
    }
}
