// SPDX-License-Identifier: Apache-2.0
// HostCommand: `corral host status|stop`. Never starts a host.

import ArgumentParser
import CorralBase
import CorralControl

package struct HostCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "host", abstract: "See and stop the running host.",
        discussion: examples("corral host status", "corral host stop"), subcommands: [Status.self, Stop.self])

    package init() {}

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the running host, its isolation and its workers.",
            discussion: examples("corral host status", "corral host status --json"))

        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let client = try HostConnection.existing(try homeOptions.resolve())
            guard case .status(let status) = try client.perform(.hostStatus) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(status.json) }
            terminal.print(StatusReport.text(status, terminal: terminal))
        }
    }

    struct Stop: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let the running host finish its calls and end.",
            discussion: "Runs under way are interrupted and can be resumed.\n\n" + examples("corral host stop"))

        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let client = try HostConnection.existing(try homeOptions.resolve())
            guard case .done(let text) = try client.perform(.hostStop) else { throw CorralError.unexpectedReply() }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(["done": .string(text)]) }
            terminal.say(printable(text))
        }
    }
}
