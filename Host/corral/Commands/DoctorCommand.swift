// SPDX-License-Identifier: Apache-2.0
// DoctorCommand: `corral doctor`: what a person needs to know before they ask for help. Runs alone; a host that runs is
// asked, none is started.

import ArgumentParser
import CorralBase
import CorralHome

package struct DoctorCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check this machine, the home, the host, plugins and configuration.",
        discussion: examples("corral doctor", "corral doctor --json"))

    @OptionGroup var homeOptions: HomeOptions
    @OptionGroup var jsonOption: JSONOption

    package init() {}

    package func run() async throws {
        let findings = try await Examination(home: try homeOptions.resolve()).findings()
        let terminal = Terminal.current()
        if jsonOption.json {
            terminal.print(.array(findings.map(\.json)))
        } else {
            terminal.print(Finding.table(findings, terminal: terminal))
        }
        if findings.contains(where: { $0.state == .bad }) { throw Ended(status: .failed) }
    }
}

/// One line of `corral doctor`.
struct Finding: Sendable, Equatable {
    enum State: String, Sendable {
        case good = "ok"
        /// Works, but less than it could, or soon no more.
        case warning
        case bad
    }

    let topic: String
    let state: State
    let detail: String
    /// A command or a setting.
    var fix: String?

    var json: JSON {
        [
            "topic": .string(topic), "state": .string(state.rawValue), "detail": .string(detail),
            "fix": fix.map { .string($0) } ?? .null,
        ]
    }

    static func table(_ findings: [Finding], terminal: Terminal) -> String {
        let style = terminal.output
        let width = findings.map(\.topic.columns).max() ?? 0
        return findings.map { finding in
            let mark =
                switch finding.state {
                case .good: style.good("✔")
                case .warning: style.warn("!")
                case .bad: style.bad("✖")
                }
            let line = "\(mark) \(finding.topic.padded(to: width))  \(printable(finding.detail))\n"
            let margin = String(repeating: " ", count: width + 4)
            return line + (finding.fix.map { margin + style.accent("fix:") + " " + printable($0) + "\n" } ?? "")
        }.joined()
    }
}
