// SPDX-License-Identifier: Apache-2.0
// BreakoutReport: the table of attempts as it grows, and what it comes to.

import CorralBase
import Glibc

final class BreakoutReport {
    private let terminal: Terminal
    private let isJSON: Bool
    private var nameWidth = 24
    private var kindWidth = 10
    private var total = 0
    private var shown = 0

    init(terminal: Terminal, isJSON: Bool) {
        self.terminal = terminal
        self.isJSON = isJSON
    }

    func begin(_ sweep: BreakoutSweep) {
        total = sweep.attempts.count
        nameWidth = sweep.attempts.map(\.name.columns).max() ?? nameWidth
        kindWidth = sweep.attempts.map(\.kind.columns).max() ?? kindWidth
        terminal.say(
            "\(total) attempts of a hostile plugin, level \(terminal.talk.bold(sweep.levelName)), as "
                + (getuid() == 0 ? "root" : "the ordinary user \(getuid())"))
    }

    func show(_ result: BreakoutResult) {
        shown += 1
        guard !isJSON else {
            if terminal.isLive { Terminal.write("\r\(shown) of \(total)", STDERR_FILENO) }
            return
        }
        let style = terminal.output
        let head =
            "\(mark(result, style)) \(result.attempt.kind.padded(to: kindWidth))  "
            + "\(result.attempt.name.padded(to: nameWidth))  "
        let space = max(20, terminal.width - kindWidth - nameWidth - 6)
        terminal.print(head + printable(words(result)).fitted(to: space))
    }

    func end(_ sweep: BreakoutSweep, _ results: [BreakoutResult]) {
        if isJSON {
            if terminal.isLive { Terminal.write("\r", STDERR_FILENO) }
            return terminal.print(json(sweep, results))
        }
        terminal.print("")
        terminal.print(summary(results))
        let accepted = results.filter { $0.accepted != nil }
        if !accepted.isEmpty {
            terminal.print("accepted at level \(sweep.levelName), each with its reason (SECURITY.md):")
        }
        for result in accepted { terminal.print("  \(result.attempt.name): \(result.accepted ?? "")") }
        let failed = results.filter { !$0.isHarmless }
        for result in failed {
            terminal.print("\(terminal.output.bad("✖")) \(result.attempt.name): \(printable(words(result)))")
        }
        terminal.say(
            failed.isEmpty
                ? "\(terminal.talk.good("✔")) nothing got out that must not"
                : terminal.talk.bad("✖ \(failed.count) of \(results.count) attempts were not blocked"))
    }

    private func words(_ result: BreakoutResult) -> String {
        switch result.outcome {
        case .blocked: result.detail
        case .escaped: (result.accepted == nil ? "ESCAPED: " : "accepted: ") + result.detail
        case .skipped: "skipped: " + result.detail
        case .unclear: "UNCLEAR: " + result.detail
        }
    }

    private func mark(_ result: BreakoutResult, _ style: Style) -> String {
        switch result.outcome {
        case .blocked: style.good("✔")
        case .skipped: style.faint("-")
        case .escaped where result.accepted != nil: style.warn("!")
        case .escaped, .unclear: style.bad("✖")
        }
    }

    private func summary(_ results: [BreakoutResult]) -> String {
        var table = Table([
            Table.Column(title: "CLASS"), Table.Column(title: "ATTEMPTS", isRight: true),
            Table.Column(title: "BLOCKED", isRight: true), Table.Column(title: "ACCEPTED", isRight: true),
            Table.Column(title: "SKIPPED", isRight: true), Table.Column(title: "ESCAPED", isRight: true),
        ])
        var kinds: [String] = []
        for result in results where !kinds.contains(result.attempt.kind) { kinds.append(result.attempt.kind) }
        for kind in kinds { table.add(row(kind, results.filter { $0.attempt.kind == kind })) }
        table.add(row("all", results))
        return table.text(width: terminal.width, style: terminal.output)
    }

    private func row(_ name: String, _ results: [BreakoutResult]) -> [String] {
        [
            name, "\(results.count)", "\(results.count { $0.outcome == .blocked })",
            "\(results.count { $0.accepted != nil })", "\(results.count { $0.outcome == .skipped })",
            "\(results.count { !$0.isHarmless })",
        ]
    }

    private func json(_ sweep: BreakoutSweep, _ results: [BreakoutResult]) -> JSON {
        func number(_ outcome: BreakoutResult.Outcome) -> JSON {
            .int(Int64(results.count { $0.outcome == outcome && $0.accepted == nil }))
        }
        return [
            "level": .string(sweep.levelName), "user": .int(Int64(getuid())), "home": .string(sweep.home),
            "passed": .bool(results.allSatisfy(\.isHarmless)),
            "counts": [
                "attempts": .int(Int64(results.count)), "blocked": number(.blocked),
                "accepted": .int(Int64(results.count { $0.accepted != nil })), "skipped": number(.skipped),
                "escaped": number(.escaped), "unclear": number(.unclear),
            ],
            "attempts": .array(results.map(\.json)),
        ]
    }
}
