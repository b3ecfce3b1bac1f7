// SPDX-License-Identifier: Apache-2.0
// FlowCommand: `corral flow check|graph`. Both run alone; a host that runs already is asked about the plugins.

import ArgumentParser
import CorralBase
import CorralControl
import CorralFlow
import CorralHome

package struct FlowCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "flow", abstract: "Check and draw flows.",
        discussion: examples("corral flow check market-review", "corral flow graph ./flow.yaml > flow.mmd"),
        subcommands: [Check.self, Graph.self])

    package init() {}

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report every mistake in a flow at once, with line, column and a suggestion.",
            discussion: examples("corral flow check market-review", "corral flow check ./flow.yaml --json"))

        @OptionGroup var chosen: FlowArgument
        @OptionGroup var tenantOptions: TenantOptions
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let home = try homeOptions.resolve()
            let (path, text) = try chosen.read(home)
            let terminal = Terminal.current()
            let (checked, hasPlugins) = try check(path, text, home)
            let errors = checked.diagnostics.count { $0.severity == .error }
            if jsonOption.json {
                terminal.print([
                    "flow": checked.name.map { .string($0) } ?? .null, "errors": .int(Int64(errors)),
                    "plugins_checked": .bool(hasPlugins), "diagnostics": .array(checked.diagnostics.map(\.json)),
                ])
            } else {
                report(checked, errors, path, hasPlugins, terminal)
            }
            if errors > 0 { throw Ended(status: .failed) }
        }

        /// With the plugins, if a host runs that knows them; else without.
        private func check(_ path: String, _ text: String, _ home: Home) throws -> (FlowCheckReply, hasPlugins: Bool) {
            let tenant = try tenantOptions.resolve()
            do {
                let request = FlowCheckRequest(tenant: tenant, file: path, text: text)
                guard case .flowChecked(let reply) = try HostConnection.existing(home).perform(.flowCheck(request))
                else {
                    throw CorralError.unexpectedReply()
                }
                return (reply, true)
            } catch let error as CorralError where error.code == .hostNotRunning {
                let (flow, diagnostics) = FlowDefinition.check(text, file: path, catalogue: nil)
                return (FlowCheckReply(diagnostics: diagnostics, name: flow?.name), false)
            }
        }

        private func report(
            _ checked: FlowCheckReply, _ errors: Int, _ path: String, _ hasPlugins: Bool, _ terminal: Terminal
        ) {
            terminal.print(checked.diagnostics.map { printable($0.description) + "\n" }.joined())
            let warnings = checked.diagnostics.count - errors
            let findings = "\(count(errors, "error")), \(count(warnings, "warning"))"
            terminal.say(errors == 0 ? "\(terminal.talk.good("✔")) \(printable(path)): \(findings)" : findings)
            if !hasPlugins {
                terminal.say(
                    terminal.talk.faint("agents and tools were not looked up: no host is running (`corral serve`)"))
            }
        }

        private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
    }

    struct Graph: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a flow as a Mermaid chart.", discussion: examples("corral flow graph market-review"))

        @OptionGroup var chosen: FlowArgument
        @OptionGroup var homeOptions: HomeOptions

        func run() throws {
            let (path, text) = try chosen.read(try homeOptions.resolve())
            Terminal.current().print(try FlowDefinition.parse(text, file: path).mermaid)
        }
    }
}

/// A flow on a command line.
struct FlowArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("A flow's name or file.", valueName: "flow"))
    var flow: String

    func read(_ home: Home) throws -> (path: String, text: String) {
        let path = try TargetResolver(home: home, installation: try? Installation.current()).flowPath(flow)
        return (path, try InputFile.read(path))
    }
}
