// SPDX-License-Identifier: Apache-2.0
// DevCommand: `corral dev`: the author's loop. Save, and the answer of what was saved is on the screen.

import ArgumentParser
import CorralAuthor
import CorralBase
import CorralHome

package struct DevCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Watch a plugin's sources: on each save build, check, swap it into plugins.d and run it again.",
        discussion: examples(
            "corral dev", "corral dev ./greeter --input name=Ada", "corral dev ./statistics --tool mean",
            "corral dev --json | jq -c 'select(.event == \"answered\")'"))

    @Argument(help: "The plugin's folder: the working directory otherwise.")
    var folder = "."
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "An input of the run: the folder's sample input otherwise. Several times.", valueName: "name=value"))
    var input: [String] = []
    @Option(help: ArgumentHelp("The tool to run, of a plugin that has several.", valueName: "tool"))
    var tool: String?
    @Flag(help: "Build for release, not for debugging.")
    var release = false
    @OptionGroup var tenantOptions: TenantOptions
    @OptionGroup var homeOptions: HomeOptions

    @Flag(help: "Print each event as one JSON object a line.")
    var json = false

    package init() {}

    package func run() throws {
        let installation = try Installation.current()
        try installation.requirePrograms()
        let home = try homeOptions.resolve()
        let adder = PluginAdder(home: home, tenant: try tenantOptions.resolve(), installation: installation)
        let terminal = Terminal.current()
        let screen = DevScreen(terminal: terminal, isJSON: json)
        let runner = DevRunner(adder: adder, inputs: input, tool: tool, screen: screen)
        let loop = DevLoop(
            folder: try PluginFolder(Path.absolute(folder)), isDebug: !release, runner: runner, screen: screen)
        // Mistakes in --input are said before anything is built.
        _ = try RunInputs.forAgent(input).close()
        try loop.run()
    }
}
