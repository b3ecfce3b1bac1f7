// SPDX-License-Identifier: Apache-2.0
// ConfigCommand: `corral config check|show|schema`. Runs alone.

import ArgumentParser
import CorralBase
import CorralConfig
import CorralHome
import Foundation

package struct ConfigCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check and show the configuration.",
        discussion: examples(
            "corral config check", "corral config show --origin", "corral config show host.defaults.timeout"),
        subcommands: [Check.self, Show.self, Schema.self])

    package init() {}

    static func load(_ home: Home) throws -> LoadedConfiguration {
        let environment = ConfigurationEnvironment(variables: ProcessInfo.processInfo.environment)
        return try Configuration.load(directory: home.project, environment: environment)
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report every mistake at once, and what is present, degraded or without effect.",
            discussion: examples("corral config check", "corral config check --fix"))

        @Flag(help: "Quote what is not YAML without it, and change nothing else.")
        var fix = false
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let home = try homeOptions.resolve()
            let terminal = Terminal.current()
            if fix {
                for change in try Configuration.fix(directory: home.project) { change.lines.forEach(terminal.say) }
            }
            let report = Self.report(home)
            if jsonOption.json { terminal.print(report.json) } else { terminal.print(report.text) }
            if report.errorCount > 0 { throw Ended(status: .failed) }
        }

        static func report(_ home: Home) -> CheckReport {
            do {
                return CheckReport(try ConfigCommand.load(home))
            } catch {
                return CheckReport(error as? DiagnosticsError ?? DiagnosticsError([]))
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the configuration in force; secrets stay hidden.",
            discussion: examples("corral config show", "corral config show --origin", "corral config show events"))

        @Argument(help: "A setting, for its bare value, or a section.")
        var setting: String?
        @Flag(help: "Say where each value comes from.")
        var origin = false
        @Flag(help: "Also defaults of settings that have no effect yet.")
        var all = false
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let configuration = try ConfigCommand.load(try homeOptions.resolve())
            let terminal = Terminal.current()
            if let setting { return terminal.print(try ShowReport.text(at: setting, in: configuration)) }
            let report = ShowReport(configuration, isComplete: all)
            if jsonOption.json { return terminal.print(report.json) }
            terminal.print(report.text(hasOrigins: origin))
        }
    }

    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the JSON schema of corral.yaml, for editors.",
            discussion: examples("corral config schema > corral.schema.json"))

        func run() throws { Terminal.current().print(CorralConfig.Schema.jsonSchema) }
    }
}
