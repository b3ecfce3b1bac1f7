// SPDX-License-Identifier: Apache-2.0
// ScanReport: what was found in a call, and what policy made of it, as the call's span tells it: classes, counts and places,
// never a value.

import CorralBase

struct ScanReport {
    struct Line: Hashable {
        var direction: String
        var foundClass: String
        var severity: String
        var action: ScanAction
        /// The first place.
        var path: String
        var count: Int
        var setting: String
    }

    private(set) var lines: [Line] = []
    private(set) var isIncomplete = false

    mutating func add(_ line: Line) {
        if let index = lines.firstIndex(where: {
            $0.direction == line.direction && $0.foundClass == line.foundClass && $0.action == line.action
        }) {
            lines[index].count += line.count
        } else if lines.count < Limits.scanEventsMax {
            lines.append(line)
        } else {
            isIncomplete = true
        }
    }

    /// Writes it among a span's attributes, beside what another report wrote.
    func write(to attributes: inout JSONObject) {
        guard !lines.isEmpty else { return }
        let written = attributes["corral.findings"]?.arrayValue ?? []
        attributes["corral.findings"] = .array(written + lines.map(\.json))
    }
}

extension ScanReport.Line {
    fileprivate var json: JSON {
        [
            "direction": .string(direction), "class": .string(foundClass), "severity": .string(severity),
            "action": .string(action.rawValue), "count": .int(Int64(count)), "path": .string(path),
        ]
    }
}
