// SPDX-License-Identifier: Apache-2.0
// PluginCommand: `corral plugin list|show`. The verbs of authors lie in Commands/Authoring.

import ArgumentParser
import CorralBase
import CorralControl

package struct PluginCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "See which agents and tools are there, and make new ones.",
        discussion: examples(
            "corral plugin list", "corral plugin show corral/market-data",
            "corral plugin new acme/greeter --kind agent --lang swift"),
        subcommands: [List.self, Show.self, New.self, Build.self, Check.self, Add.self, Release.self])

    package init() {}

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List plugins, and files in plugins.d that cannot be used with the reason.",
            discussion: examples("corral plugin list", "corral plugin list --json"))

        @OptionGroup var tenantOptions: TenantOptions
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = PluginListRequest(tenant: try tenantOptions.resolve())
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .plugins(let plugins) = try client.perform(.pluginList(request)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(.array(plugins.map(\.json))) }
            guard !plugins.isEmpty else { return terminal.say("no plugins; drop a library into plugins.d") }
            terminal.print(PluginReport.list(plugins, terminal: terminal))
        }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a plugin run again that was put into quarantine after it crashed.",
            discussion: examples(
                "corral plugin release acme/greeter", "corral plugin release acme/greeter --tenant acme"))

        @Argument(help: "A plugin's id: publisher/name.")
        var id: String
        @OptionGroup var tenantOptions: TenantOptions
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = PluginReleaseRequest(tenant: try tenantOptions.resolve(), id: id)
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .done(let text) = try client.perform(.pluginRelease(request)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(.object(["done": .string(text)])) }
            terminal.say(text)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a plugin: what it takes and gives, what it may do, with whom it shares a process.",
            discussion: examples("corral plugin show corral/market-data"))

        @Argument(help: "A plugin's id: publisher/name.")
        var id: String
        @OptionGroup var tenantOptions: TenantOptions
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = PluginShowRequest(tenant: try tenantOptions.resolve(), id: id)
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .plugin(let plugin) = try client.perform(.pluginShow(request)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(plugin.json) }
            terminal.print(PluginReport.show(plugin, terminal: terminal))
        }
    }
}
