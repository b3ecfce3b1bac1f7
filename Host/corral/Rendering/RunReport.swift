// SPDX-License-Identifier: Apache-2.0
// RunReport: what `runs list` and `runs show` print.

import CorralBase
import CorralControl

enum RunReport {
    static func list(_ runs: [RunSummary], terminal: Terminal) -> String {
        var columns: [Table.Column] = [
            .init(title: "RUN"), .init(title: "FLOW", yields: true),
            .init(title: "STATE", paint: { style, text in style.state(text, text.trimmed) }),
            .init(title: "STEPS", isRight: true), .init(title: "STARTED"), .init(title: "TOOK", isRight: true),
        ]
        // What no run of the list has takes no room.
        let hasConfidence = runs.contains { $0.confidence != nil }
        let hasChanges = runs.contains { !$0.changes.isEmpty }
        if hasConfidence { columns.append(.init(title: "CONF", isRight: true)) }
        if hasChanges { columns.append(.init(title: "CHANGES")) }
        var table = Table(columns + [.init(title: "ERROR")])
        for run in runs {
            var cells = [
                run.run.text, run.name, run.state.rawValue, "\(run.stepsDone)/\(run.stepsTotal)",
                Quantity.time(run.startedAt, zoneSeconds: terminal.zoneSeconds), took(run),
            ]
            if hasConfidence { cells.append(confidence(run.confidence)) }
            if hasChanges { cells.append(changes(run.changes)) }
            table.add(cells + [run.error?.code.name ?? ""])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    static func show(_ detail: RunDetail, terminal: Terminal) -> String {
        let style = terminal.output
        var text = head(detail, terminal)
        text += "\n" + style.bold("steps") + "\n" + steps(detail.steps, terminal)
        for step in detail.steps { if let error = step.error { text += stepError(step, error, style) } }
        if let error = detail.summary.error { text += "\n" + style.error(error) + "\n" }
        text += mayHaveRun(detail.mayHaveRun, style)
        if let output = detail.output?.value {
            text += "\n" + style.bold("output") + "\n" + Headline.text(output, indent: 2, width: terminal.width)
        }
        if !detail.scores.isEmpty { text += "\n" + style.bold("scores") + "\n" + scores(detail.scores, terminal) }
        if !detail.artifacts.isEmpty {
            text += "\n" + style.bold("artifacts") + "\n" + artifacts(detail.artifacts, terminal)
        }
        if !detail.spans.isEmpty {
            text +=
                "\n" + style.bold("trace") + "\n" + Waterfall(detail.spans).text(width: terminal.width, style: style)
        }
        if detail.spansDropped > 0 { text += style.warn("\(detail.spansDropped) spans were lost") + "\n" }
        return text
    }

    /// The first class and how many more: `runs show` has them all.
    private static func changes(_ classes: [String]) -> String {
        guard let first = classes.first else { return "" }
        return String(first.prefix(24)) + (classes.count > 1 ? " +\(classes.count - 1)" : "")
    }

    private static func confidence(_ value: Double?) -> String {
        value.map { Quantity.fixed(min(1, max(0, $0)), 2) } ?? ""
    }

    /// `512 ms`; `…` while it runs.
    private static func took(_ run: RunSummary) -> String {
        if let finishedAt = run.finishedAt { return Quantity.duration(finishedAt.subtractingClamped(run.startedAt)) }
        return run.state == .running ? "…" : ""
    }

    private static func head(_ detail: RunDetail, _ terminal: Terminal) -> String {
        let run = detail.summary
        let style = terminal.output
        let ended = run.finishedAt == nil ? "" : " after \(took(run))"
        var table = Table([
            .init(title: "", paint: { style, text in style.faint(text) }), .init(title: "", yields: true),
        ])
        table.add(["started", Quantity.time(run.startedAt, zoneSeconds: terminal.zoneSeconds)])
        table.add(["tenant", run.tenant.text])
        let stated = [
            ("user", run.user), ("feature", run.feature), ("session", run.session), ("task type", run.taskType),
            ("complexity", run.complexity),
        ]
        for (name, value) in stated { if let value { table.add([name, value]) } }
        if let value = run.confidence { table.add(["confidence", "\(confidence(value)), the lowest of its results"]) }
        if !run.changes.isEmpty { table.add(["changes", run.changes.joined(separator: ", ")]) }
        if !run.labels.isEmpty {
            table.add([
                "labels", run.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", "),
            ])
        }
        table.add(["mode", "\(detail.mode) · isolation \(detail.isolationLevel)"])
        if let digest = detail.flowDigest { table.add(["flow", String(digest.prefix(12))]) }
        return style.bold(printable(run.name)) + " " + run.run.text + " "
            + style.state(run.state.rawValue, run.state.rawValue) + ended + "\n"
            + table.text(width: terminal.width, style: style)
    }

    private static func steps(_ steps: [StepDetail], _ terminal: Terminal) -> String {
        var table = Table(
            [
                .init(title: "STEP"), .init(title: "STATE", paint: { style, text in style.state(text, text.trimmed) }),
                .init(title: "AGENT"), .init(title: "QUEUED", isRight: true),
                .init(title: "RAN", isRight: true), .init(title: "WORKER"), .init(title: "NOTE", yields: true),
            ], indent: 2)
        for step in steps {
            let hasRun = step.startedAt != nil
            table.add([
                name(step.reference), step.state.rawValue, step.target,
                hasRun ? Quantity.duration(step.queuedNanoseconds) : "",
                hasRun ? Quantity.duration(step.runningNanoseconds) : "", step.worker ?? "", note(step),
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    private static func name(_ reference: StepReference) -> String {
        reference.text + (reference.attempt > 1 ? " #\(reference.attempt)" : "")
    }

    private static func note(_ step: StepDetail) -> String {
        var notes: [String] = []
        if let confidence = step.confidence {
            notes.append("confidence \(Self.confidence(confidence))")
        }
        if let error = step.error { notes.append(error.code.name) }
        if let reason = step.reason { notes.append(reason) }
        if step.isFromJournal { notes.append("from the journal") }
        if !step.opaque.isEmpty { notes.append("opaque (\(step.opaque.joined(separator: ", ")))") }
        notes += step.changes.map { "changes \($0.changeClass) \($0.target)" }
        return notes.joined(separator: ", ")
    }

    private static func scores(_ scores: [ScoreDetail], _ terminal: Terminal) -> String {
        var table = Table(
            [
                .init(title: "STEP"), .init(title: "CRITERION"), .init(title: "SCORE", isRight: true),
                .init(title: "JUDGE"), .init(title: "WHY", yields: true),
            ], indent: 2)
        for score in scores {
            table.add([
                name(score.step), score.criterion, score.score.map { Quantity.fixed($0, 1) } ?? "–", score.judge,
                score.explanation,
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    private static func stepError(_ step: StepDetail, _ error: CorralError, _ style: Style) -> String {
        let cause = error.cause.map { ": " + $0 } ?? ""
        return "  " + style.bad(name(step.reference)) + " " + printable(error.message + cause) + "\n"
    }

    private static func mayHaveRun(_ references: [StepReference], _ style: Style) -> String {
        guard !references.isEmpty else { return "" }
        let names = references.map(name).joined(separator: ", ")
        return "\n" + style.warn("may have run: ") + printable(names)
            + " was under way when its host or worker ended; its effects may have happened\n"
    }

    private static func artifacts(_ artifacts: [ArtifactDescription], _ terminal: Terminal) -> String {
        var table = Table(
            [
                .init(title: "NAME", yields: true), .init(title: "SIZE", isRight: true), .init(title: "TYPE"),
                .init(title: "SHA-256"),
            ],
            indent: 2)
        for artifact in artifacts {
            table.add([
                artifact.name, Quantity.bytes(artifact.bytes), artifact.mediaType, String(artifact.sha256.prefix(12)),
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }
}

extension String {
    var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}

extension Style {
    /// A run's or step's state in the colour of its meaning.
    func state(_ text: String, _ state: String) -> String {
        switch state {
        case "succeeded": good(text)
        case "failed": bad(text)
        case "interrupted", "cancelled": warn(text)
        case "running": accent(text)
        default: text
        }
    }
}
