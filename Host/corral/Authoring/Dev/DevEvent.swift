// SPDX-License-Identifier: Apache-2.0
// DevEvent: what happens in `corral dev`, as a person and as a script see it.

import CorralBase
import CorralConformance
import CorralControl

enum DevEvent: Sendable {
    case watching(folder: String, language: String)
    case changed([String])
    case building(String)
    /// The compiler's words.
    case buildFailed(String)
    case built(Duration)
    case checked([CheckResult])
    case refused(CorralError)
    case swapped(PluginAdder.Added)
    case running(target: String, input: String)
    case partial(String)
    case log(String)
    case noInput
    /// How the run ended, and how long after the save.
    case answered(RunEnd, after: Duration)
    /// Somebody else ran the plugin.
    case call(RunSummary)
    case superseded
}

/// Writes events: lines for a person, JSON objects for a script.
struct DevScreen: Sendable {
    let terminal: Terminal
    let isJSON: Bool

    func show(_ event: DevEvent) {
        if isJSON {
            terminal.print(event.json.text())
        } else if let text = event.text(terminal.output, width: terminal.width) {
            terminal.print(text)
        }
    }
}

extension DevEvent {
    // MARK: For a person

    func text(_ style: Style, width: Int) -> String? {
        switch self {
        case .watching(let folder, let language):
            return "watching \(printable(folder)) (\(language)); r runs it again, q quits"
        case .changed(let files):
            let named = files.prefix(3).joined(separator: ", ") + (files.count > 3 ? ", …" : "")
            return "\n" + style.bold("● changed \(printable(named))")
        case .building(let command): return style.faint("  \(printable(command))")
        case .buildFailed(let output): return output + "\n" + style.bad("✖ does not build")
        case .built(let duration): return "\(style.good("✔")) built in \(Quantity.duration(duration))"
        case .checked(let results): return Self.text(results, style)
        case .refused(let error): return style.error(error)
        case .swapped(let added): return Self.text(added, style)
        case .running(let target, let input):
            return style.accent("▸") + " \(printable(target)) "
                + style.faint(printable(input).fitted(to: max(20, width - 30)))
        case .partial(let text): return style.faint("  … ") + printable(text)
        case .log(let line): return style.faint("  log ") + printable(line)
        case .noInput: return style.warn("!") + " nothing to run it with: give --input, or write sample-input.json"
        case .answered(let end, let after): return Self.text(end, after, style, width)
        case .call(let run): return Self.text(run, style)
        case .superseded: return style.faint("  saved again: starting over")
        }
    }

    private static func text(_ results: [CheckResult], _ style: Style) -> String {
        let failed = results.filter { $0.verdict.isFailure }
        guard failed.isEmpty else { return failed.map { ConformanceReport.line($0, style) }.joined(separator: "\n") }
        let total = results.reduce(Duration.zero) { $0 + $1.duration }
        let names = results.map(\.check.rawValue).joined(separator: ", ")
        return "\(style.good("✔")) checked \(names) in \(Quantity.duration(total))"
    }

    private static func text(_ added: PluginAdder.Added, _ style: Style) -> String {
        let old = added.oldVersion.map { $0 == added.version ? "" : ", was \($0)" } ?? ", new"
        return "\(style.good("✔")) \(added.id) \(added.version)\(old) in \(printable(Path.shortened(added.path)))"
    }

    private static func text(_ end: RunEnd, _ after: Duration, _ style: Style, _ width: Int) -> String {
        let ran = Quantity.duration(end.finishedAt &- end.startedAt)
        let last = style.faint("run \(end.run) took \(ran); \(Quantity.duration(after)) after the save")
        guard end.state == .succeeded else {
            let error = end.error.map { style.error($0) + "\n" } ?? ""
            return error + "\(style.bad("✖")) \(end.state.rawValue), " + last
        }
        let output = end.output.map { Headline.text($0.value, indent: 2, width: width) } ?? ""
        return output + "\(style.good("✔")) answered, " + last
    }

    private static func text(_ run: RunSummary, _ style: Style) -> String {
        let took = run.finishedAt.map { " after \(Quantity.duration($0 &- run.startedAt))" } ?? ""
        return style.faint("  call ") + "run \(run.run) \(run.state.rawValue)\(took)"
            + (run.error.map { ": " + printable($0.message) } ?? "")
    }

    // MARK: For a script

    var json: JSON {
        switch self {
        case .watching(let folder, let language):
            return ["event": "watching", "folder": .string(folder), "language": .string(language)]
        case .changed(let files): return ["event": "changed", "files": .array(files.map { .string($0) })]
        case .building(let command): return ["event": "building", "command": .string(command)]
        case .buildFailed(let output): return ["event": "build_failed", "output": .string(output)]
        case .built(let duration): return ["event": "built", "duration_ns": Self.nanoseconds(duration)]
        case .checked(let results):
            let failed = results.filter { $0.verdict.isFailure }
            return [
                "event": "checked", "passed": .bool(failed.isEmpty),
                "failed": .array(
                    failed.map { ["name": .string($0.check.rawValue), "detail": .string($0.verdict.words)] }),
            ]
        case .refused(let error): return ["event": "refused", "error": error.json]
        case .swapped(let added):
            return [
                "event": "swapped", "id": .string(added.id), "version": .string(added.version),
                "replaced": added.oldVersion.map { .string($0) } ?? .null, "path": .string(added.path),
            ]
        case .running(let target, let input):
            return ["event": "running", "target": .string(target), "input": .string(input)]
        case .partial(let text): return ["event": "partial", "text": .string(text)]
        case .log(let line): return ["event": "log", "line": .string(line)]
        case .noInput: return ["event": "no_input"]
        case .answered(let end, let after):
            return [
                "event": "answered", "run": .string(end.run.text), "state": .string(end.state.rawValue),
                "output": end.output?.value ?? .null, "error": end.error?.json ?? .null,
                "after_save_ns": Self.nanoseconds(after),
            ]
        case .call(let run):
            return ["event": "call", "run": .string(run.run.text), "state": .string(run.state.rawValue)]
        case .superseded: return ["event": "superseded"]
        }
    }

    private static func nanoseconds(_ duration: Duration) -> JSON {
        let parts = duration.components
        return .int(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }
}
