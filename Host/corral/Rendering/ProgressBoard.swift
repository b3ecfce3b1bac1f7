// SPDX-License-Identifier: Apache-2.0
// ProgressBoard: a run's events → lines. Pure: what is finished is said once, what is under way is drawn again and again.

import CorralBase
import CorralControl

struct ProgressBoard: Sendable {
    private struct Active {
        var since: Int64
        var isRunning = false
        var fraction: Double?
        var text = ""
    }

    /// The items of a `for_each`, told as one line.
    private struct Items {
        var done = 0
        var failed = 0
        var running = 0
        var firstAt: Int64
        var lastAt: Int64
    }

    private let width: Int
    private let style: Style
    private var nameWidth = 8
    private var active: [String: Active] = [:]
    private var order: [String] = []
    private var items: [String: Items] = [:]
    /// Known from the first event on.
    private(set) var run: RunID?
    private(set) var name = ""

    init(width: Int, style: Style) {
        self.width = max(40, width)
        self.style = style
    }

    /// Takes an event in; the lines to print once, for good.
    mutating func apply(_ event: RunEvent) -> [String] {
        switch event.body {
        case .runStarted(let run, let name, let steps):
            (self.run, self.name) = (run, name)
            nameWidth = min(24, max(8, steps.map { printable($0).columns }.max() ?? 0))
            return []
        case .stepQueued(let step): begin(step, at: event.at, isRunning: false)
        case .stepStarted(let step, _): begin(step, at: event.at, isRunning: true)
        case .stepProgress(let step, let fraction, let text):
            active[step.text]?.fraction = fraction
            active[step.text]?.text = printable(text)
        case .stepPartial: break
        case .stepFinished(let step, let end): return finish(step, end, at: event.at)
        case .stepSkipped(let step, let reason):
            return [line(style.faint("↷"), step, style.faint("skipped: " + printable(reason)))]
        case .stepRetrying(let step, let error, let delay):
            end(step)
            return [line(style.warn("↻"), step.text, retryText(step, error, delay))]
        case .log(let level, let plugin, let step, let text):
            return level >= 3 ? [logLine(level, plugin, step, text)] : []
        case .notice(let text): return ["  \(style.warn("warning")) \(printable(text))"]
        case .eventsDropped(let count): return [style.faint("  \(count) lines left out: the terminal is too slow")]
        case .runFinished: return finishItems()
        }
        return []
    }

    /// What is under way, for a screen that is drawn again. At most `max` lines.
    func live(at now: Int64, frame: Int, max: Int = 8) -> [String] {
        let spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
        let mark = style.accent(spinner[abs(frame) % spinner.count])
        var lines = items.keys.sorted().compactMap { name -> String? in
            guard let item = items[name], item.running > 0 else { return nil }
            return line(mark, name, "\(item.done) done, \(item.running) under way")
        }
        for name in order {
            guard let step = active[name] else { continue }
            lines.append(line(step.isRunning ? mark : style.faint("·"), name, state(step, now)))
        }
        guard lines.count > max else { return lines }
        return lines.prefix(max - 1) + [style.faint("  … and \(lines.count - max + 1) more")]
    }

    private func state(_ step: Active, _ now: Int64) -> String {
        let elapsed = Quantity.duration(Swift.max(0, now.subtractingClamped(step.since)) / 100_000_000 * 100_000_000)
        guard step.isRunning else { return style.faint("queued \(elapsed)") }
        let share = step.fraction.map { " \(Int((Swift.min(1, Swift.max(0, $0)) * 100).rounded())) %" } ?? ""
        return elapsed + share + (step.text.isEmpty ? "" : "  " + step.text)
    }

    private mutating func begin(_ step: StepReference, at: Int64, isRunning: Bool) {
        if step.item != nil {
            var item = items[step.step] ?? Items(firstAt: at, lastAt: at)
            // A queued item is not under way yet; one that is started is, until it ends.
            if isRunning { item.running += 1 }
            items[step.step] = item
            return
        }
        if active[step.text] == nil { order.append(step.text) }
        active[step.text] = Active(since: at, isRunning: isRunning)
    }

    private mutating func end(_ step: StepReference) {
        if step.item != nil {
            if let running = items[step.step]?.running { items[step.step]?.running = Swift.max(0, running - 1) }
            return
        }
        active[step.text] = nil
        order.removeAll { $0 == step.text }
    }

    private mutating func finish(_ step: StepReference, _ end: StepEnd, at: Int64) -> [String] {
        self.end(step)
        if step.item != nil {
            items[step.step]?.lastAt = at
            if end.state == .succeeded {
                items[step.step]?.done += 1
                return []
            }
            items[step.step]?.failed += 1
        }
        let queued =
            end.queuedNanoseconds >= 1_000_000
            ? style.faint("  queued \(Quantity.duration(end.queuedNanoseconds))") : ""
        let took = Quantity.duration(end.runningNanoseconds).padded(to: 8)
        switch end.state {
        case .succeeded:
            let confidence =
                end.confidence.map { "  confidence \(Quantity.fixed(Swift.min(1, Swift.max(0, $0)), 2))" } ?? ""
            return [line(style.good("✔"), step.text, took + style.faint(confidence) + queued)]
        case .failed:
            return [
                line(style.bad("✖"), step.text, took + "  " + (end.error.map { printable($0.message) } ?? "failed"))
            ]
        default: return [line(style.warn("■"), step.text, end.state.rawValue)]
        }
    }

    private mutating func finishItems() -> [String] {
        defer { items = [:] }
        return items.keys.sorted().compactMap { name in
            guard let item = items[name] else { return nil }
            let took = Quantity.duration(item.lastAt.subtractingClamped(item.firstAt)).padded(to: 8)
            let counts = "\(item.done) items" + (item.failed > 0 ? ", \(item.failed) failed" : "")
            return line(item.failed > 0 ? style.bad("✖") : style.good("✔"), name, took + "  " + counts)
        }
    }

    private func retryText(_ step: StepReference, _ error: CorralError, _ delay: Int64) -> String {
        "attempt \(step.attempt) failed (\(error.code.name)), again in \(Quantity.duration(delay)): "
            + printable(error.message)
    }

    private func logLine(_ level: Int, _ plugin: String, _ step: StepReference?, _ text: String) -> String {
        let word = level >= 4 ? style.bad("error") : style.warn("warning")
        let place = step.map { "\($0.text) · " } ?? ""
        return "  \(word) \(style.faint(printable(place + plugin)))  \(printable(text))"
    }

    /// `✔ load      120 ms`, cut to the terminal so that a line stays one line.
    private func line(_ mark: String, _ name: String, _ text: String) -> String {
        let shown = printable(name).fitted(to: nameWidth).padded(to: nameWidth)
        return "\(mark) \(shown)  " + text.trimmedEnd.fittedStyled(to: Swift.max(10, width - nameWidth - 5))
    }
}

extension String {
    fileprivate var trimmedEnd: String { String(reversed().drop { $0 == " " }.reversed()) }

    /// Cut like `fitted`, not counting colour sequences; a cut text loses its colours.
    fileprivate func fittedStyled(to width: Int) -> String {
        guard contains("\u{1B}") else { return fitted(to: width) }
        let bare = replacing(/\u{1B}\[[0-9;]*m/, with: "")
        return bare.columns <= width ? self : bare.fitted(to: width)
    }
}
