// SPDX-License-Identifier: Apache-2.0
// Report: numbers as people read them, or as JSON lines: {"w","peer","metric","value","unit","min","max","n"}.

import CorralBase
import Foundation

/// Repetitions of one measurement.
struct Sample {
    let values: [Double]

    init(_ values: [Double]) { self.values = values.sorted() }

    var median: Double {
        let middle = values.count / 2
        guard !values.isEmpty else { return .nan }
        return values.count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
    }
    var least: Double { values.first ?? .nan }
    var most: Double { values.last ?? .nan }
}

/// Prints as it goes: a run takes minutes.
final class Report: Sendable {
    static let ours = "corral"
    static let floor = "floor"
    private let isJSON: Bool

    init(isJSON: Bool) { self.isJSON = isJSON }

    func begin() {
        guard !isJSON else { return }
        say(row("what", "who", "median", "least", "most", "unit"))
    }

    func add(_ workload: String, _ peer: String, _ metric: String, _ sample: Sample, _ unit: String) {
        guard isJSON else {
            let name = "\(workload) \(metric)"
            return say(row(name, peer, text(sample.median), text(sample.least), text(sample.most), unit))
        }
        let line: JSON = [
            "w": .string(workload), "peer": .string(peer), "metric": .string(metric), "value": .double(sample.median),
            "unit": .string(unit), "min": .double(sample.least), "max": .double(sample.most),
            "n": .int(Int64(sample.values.count)),
        ]
        say(line.text())
    }

    /// A counter or a quotient: one value.
    func add(_ workload: String, _ peer: String, _ metric: String, _ value: Double, _ unit: String) {
        add(workload, peer, metric, Sample([value]), unit)
    }

    /// How many times as much as the other, of medians of the same run, and the aim.
    func compare(
        _ workload: String, _ metric: String, _ ours: Sample, to other: Sample, aim: String
    ) {
        add(workload, Report.ours, "\(metric) [aim \(aim)]", ours.median / other.median, "×")
    }

    /// A JSON line that a peer's script printed.
    func addPeer(_ line: String) {
        guard let json = try? JSON(parsing: line), let workload = json["w"]?.stringValue,
            let peer = json["peer"]?.stringValue, let metric = json["metric"]?.stringValue,
            let unit = json["unit"]?.stringValue
        else { return }
        if isJSON { return say(line) }
        let numbers = ["value", "min", "max"].map { text(json[$0]?.doubleValue ?? .nan) }
        say(row("\(workload) \(metric)", peer, numbers[0], numbers[1], numbers[2], unit))
    }

    func note(_ text: String) { FileHandle.standardError.write(Data("note: \(text)\n".utf8)) }

    private func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    private func row(_ cells: String...) -> String {
        let widths = [46, 18, 10, 10, 10]
        let padded = zip(cells, widths + [0]).enumerated().map { index, cell in
            let space = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return index < 2 || index == 5 ? cell.0 + space : space + cell.0
        }
        return padded.joined(separator: " ")
    }

    private func text(_ value: Double) -> String {
        value >= 1_000 ? String(format: "%.0f", value) : String(format: value >= 100 ? "%.1f" : "%.2f", value)
    }
}
