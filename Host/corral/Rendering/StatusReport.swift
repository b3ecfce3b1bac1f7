// SPDX-License-Identifier: Apache-2.0
// StatusReport: what `host status` prints.

import CorralBase
import CorralControl

enum StatusReport {
    static func text(_ status: HostStatus, terminal: Terminal) -> String {
        let style = terminal.output
        var table = Table([
            .init(title: "", paint: { style, text in style.faint(text) }), .init(title: "", yields: true),
        ])
        let kind = status.isEphemeral ? "started by a command, leaves when idle" : "serves until it is stopped"
        table.add(["home", status.home])
        table.add(["kind", kind])
        table.add(["isolation", ([status.isolationLevel] + status.isolationFacts).joined(separator: " · ")])
        table.add(["plugins", "\(status.plugins) usable, \(status.pluginErrors) with errors"])
        table.add(["runs", "\(status.runsActive) under way"])
        var text =
            style.bold("host \(status.version)") + " pid \(status.pid), up "
            + Quantity.duration(status.uptimeNanoseconds) + "\n" + table.text(width: terminal.width, style: style)
        text += "\n" + style.bold("workers") + "\n" + workers(status.workers, terminal)
        guard !status.counters.isEmpty else { return text }
        var counters = Table([.init(title: ""), .init(title: "", isRight: true)], indent: 2)
        for (name, value) in status.counters.sorted(by: { $0.key < $1.key }) { counters.add([name, String(value)]) }
        text += "\n" + style.bold("since the start") + "\n" + counters.text(width: terminal.width, style: style)
        return text
    }

    static func workers(_ workers: [WorkerStatus], _ terminal: Terminal) -> String {
        guard !workers.isEmpty else { return "  none; they start with the first call\n" }
        var table = Table(
            [
                .init(title: "WORKER"), .init(title: "PID", isRight: true), .init(title: "ISOLATION"),
                .init(title: "STATE"),
                .init(title: "CALLS", isRight: true), .init(title: "SINCE"), .init(title: "PLUGINS", yields: true),
            ], indent: 2)
        for worker in workers {
            table.add([
                worker.key, String(worker.pid), worker.isolationLevel, worker.state, String(worker.callsRunning),
                Quantity.time(worker.startedAt, zoneSeconds: terminal.zoneSeconds),
                worker.plugins.joined(separator: ", "),
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }
}
