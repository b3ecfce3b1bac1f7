// SPDX-License-Identifier: Apache-2.0
// Waterfall: the spans of a run on one time axis, each below its parent: ░ waited for a worker, █ ran. So one sees at a
// glance what ran beside what, and whether time went into work or into waiting.

import CorralBase
import CorralControl

struct Waterfall: Sendable {
    private struct Row {
        var name: String
        var level: Int
        var span: SpanDetail
    }

    /// Rows that are drawn; a terminal's history ends somewhere, and `--json` has them all.
    private static let rowsMax = 500
    private static let levelMax = 24

    private let rows: [Row]
    private let hidden: Int
    private let start: Int64
    private let end: Int64

    init(_ spans: [SpanDetail]) {
        let ordered = Self.tree(spans)
        rows = Array(ordered.prefix(Self.rowsMax))
        hidden = ordered.count - rows.count
        start = spans.map(\.startedAt).min() ?? 0
        end = spans.map { max($0.startedAt, $0.queuedUntil ?? 0, $0.endedAt ?? 0) }.max() ?? 0
    }

    func text(width: Int, style: Style) -> String {
        guard !rows.isEmpty else { return "" }
        let names = rows.map { String(repeating: "  ", count: $0.level) + printable($0.name) }
        let times = rows.map { time(of: $0.span) }
        let meters = rows.map { meter(of: $0.span) }
        let meterWidth = meters.map(\.columns).max() ?? 0
        let nameWidth = min(max(12, names.map(\.columns).max() ?? 0), max(12, width / 3))
        let timeWidth = times.map(\.columns).max() ?? 0
        let barWidth = max(8, width - nameWidth - timeWidth - 4 - (meterWidth > 0 ? meterWidth + 2 : 0))
        var text = axis(indent: nameWidth + 2, barWidth: barWidth, style: style)
        for (index, row) in rows.enumerated() {
            let name = names[index].fitted(to: nameWidth).padded(to: nameWidth)
            let time = times[index].paddedLeft(to: timeWidth)
            let isBad = row.span.status == "error"
            text += "\(row.level == 0 ? style.bold(name) : name)  \(bar(row.span, barWidth, style))  "
            text += isBad ? style.bad(time) : time
            if !meters[index].isEmpty { text += "  " + style.faint(meters[index].paddedLeft(to: meterWidth)) }
            text += "\n"
        }
        if hidden > 0 { text += style.faint("… and \(hidden) more; `--json` has them all") + "\n" }
        return text + style.faint("░ queued  █ running" + (hasOpen ? "  ▒ did not end" : "")) + "\n"
    }

    private var hasOpen: Bool { rows.contains { $0.span.endedAt == nil } }

    /// `0` at the left end, the whole at the right, half between when there is room.
    private func axis(indent: Int, barWidth: Int, style: Style) -> String {
        let whole = Quantity.duration(length)
        let half = Quantity.duration(length / 2)
        var line = "0"
        let middle = barWidth / 2
        if barWidth >= 2 * (half.columns + whole.columns) + 6 { line = line.padded(to: middle) + half }
        line = line.padded(to: max(line.columns + 1, barWidth - whole.columns)) + whole
        return String(repeating: " ", count: indent) + style.faint(line) + "\n"
    }

    private var length: Int64 { max(1, end.subtractingClamped(start)) }

    private func bar(_ span: SpanDetail, _ width: Int, _ style: Style) -> String {
        let runs = span.queuedUntil ?? span.startedAt
        let stops = span.endedAt ?? end
        let first = min(column(span.startedAt, width), width - 1)
        // What happened is seen, however short: a bar has one cell at least, and what ran has one that says so.
        let hasRun = runs < stops || runs == span.startedAt
        let middle = max(first, min(column(runs, width), hasRun ? width - 1 : width))
        let last = max(column(stops, width), hasRun ? middle + 1 : middle, first + 1)
        let running = String(repeating: span.endedAt == nil ? "▒" : "█", count: hasRun ? last - middle : 0)
        let queued = String(repeating: "░", count: hasRun ? middle - first : last - first)
        let drawn = style.faint(queued) + (span.status == "error" ? style.bad(running) : style.accent(running))
        return String(repeating: " ", count: first) + drawn + String(repeating: " ", count: max(0, width - last))
    }

    private func column(_ at: Int64, _ width: Int) -> Int {
        let share = Double(at.subtractingClamped(start)) / Double(length)
        return Int((min(1, max(0, share)) * Double(width)).rounded())
    }

    private func time(of span: SpanDetail) -> String {
        guard let ended = span.endedAt else { return "?" }
        let runs = span.queuedUntil ?? span.startedAt
        let ran = Quantity.duration(ended.subtractingClamped(runs))
        let queued = runs.subtractingClamped(span.startedAt)
        let mark = span.status == "error" ? "✖ " : ""
        return mark + (queued >= 100_000 ? "\(Quantity.duration(queued)) + \(ran)" : ran)
    }

    /// `cpu 12.0 ms, 34.1 MiB`: what the kernel counted; empty for what no worker did.
    private func meter(of span: SpanDetail) -> String {
        guard let cpu = span.attributes.value["corral.cpu_ns"]?.intValue,
            let resident = span.attributes.value["corral.rss_peak_bytes"]?.intValue, resident > 0
        else { return "" }
        return "cpu \(Quantity.duration(cpu)), \(Quantity.bytes(resident))"
    }

    /// Depth first, children by start. A span whose parent is not there stands at the top; circles, which only a broken
    /// database could hold, end where they would begin again.
    private static func tree(_ spans: [SpanDetail]) -> [Row] {
        let known = Set(spans.map(\.id))
        var children: [String: [SpanDetail]] = [:]
        var roots: [SpanDetail] = []
        for span in spans.sorted(by: { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }) {
            if let parent = span.parent, known.contains(parent), parent != span.id {
                children[parent, default: []].append(span)
            } else {
                roots.append(span)
            }
        }
        var rows: [Row] = []
        var stack = roots.reversed().map { Row(name: $0.name, level: 0, span: $0) }
        while let row = stack.popLast() {
            rows.append(row)
            let below = children.removeValue(forKey: row.span.id) ?? []
            let level = min(levelMax, row.level + 1)
            stack.append(contentsOf: below.reversed().map { Row(name: $0.name, level: level, span: $0) })
        }
        return rows
    }
}

extension Int64 {
    /// The difference, at the ends of the range instead of past them: times come from a database.
    func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (self < other ? .min : .max) : difference
    }
}
