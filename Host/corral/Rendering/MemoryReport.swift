// SPDX-License-Identifier: Apache-2.0
// MemoryReport: what `memory list`, `search` and `show` print.

import CorralBase

enum MemoryReport {
    static func list(_ entries: [JSON], terminal: Terminal) -> String {
        guard !entries.isEmpty else { return "" }
        let isScored = entries.contains { $0["score"] != nil }
        var table = Table([
            .init(title: "ID"), .init(title: isScored ? "SCORE" : ""), .init(title: "LAYER"), .init(title: "PLACE"),
            .init(title: "CHANGED"), .init(title: "TEXT", yields: true),
        ])
        for entry in entries {
            table.add([
                text(entry["id"]), entry["score"]?.doubleValue.map { hundredths($0) } ?? "", text(entry["layer"]),
                text(entry["namespace"]), time(entry["updated_at_ms"], terminal),
                (entry["key"]?.stringValue.map { "\($0): " } ?? "") + text(entry["text"]),
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    static func show(_ entry: JSON, terminal: Terminal) -> String {
        let style = terminal.output
        var table = Table([
            .init(title: "", paint: { style, text in style.faint(text) }), .init(title: "", yields: true),
        ])
        table.add(["layer", text(entry["layer"])])
        table.add(["place", text(entry["namespace"])])
        if let key = entry["key"]?.stringValue { table.add(["key", key]) }
        let tags = (entry["tags"]?.arrayValue ?? []).compactMap(\.stringValue)
        if !tags.isEmpty { table.add(["tags", tags.joined(separator: ", ")]) }
        for (name, value) in entry["author"]?.objectValue?.members ?? [] { table.add([name, text(value)]) }
        table.add(["written", time(entry["created_at_ms"], terminal)])
        table.add(["changed", time(entry["updated_at_ms"], terminal)])
        table.add(["kept until", entry["expires_at_ms"].map { time($0, terminal) } ?? "it is forgotten"])
        var text =
            style.bold(printable(self.text(entry["id"]))) + "\n" + table.text(width: terminal.width, style: style)
        text +=
            "\n"
            + self.text(entry["text"]).split(separator: "\n", omittingEmptySubsequences: false)
            .map { printable(String($0)) + "\n" }.joined()
        if let value = entry["value"] { text += "\n" + value.text(.pretty) + "\n" }
        return text
    }

    private static func text(_ value: JSON?) -> String { value.map { $0.stringValue ?? $0.text() } ?? "" }

    private static func time(_ value: JSON?, _ terminal: Terminal) -> String {
        let (nanoseconds, overflow) = (value?.intValue ?? 0).multipliedReportingOverflow(by: 1_000_000)
        return overflow ? "for ever" : Quantity.time(nanoseconds, zoneSeconds: terminal.zoneSeconds)
    }

    private static func hundredths(_ value: Double) -> String {
        let whole = Int((min(1, max(0, value)) * 100).rounded())
        return "\(whole / 100).\(whole % 100 < 10 ? "0" : "")\(whole % 100)"
    }
}
