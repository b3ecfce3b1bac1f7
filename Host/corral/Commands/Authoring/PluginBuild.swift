// SPDX-License-Identifier: Apache-2.0
// PluginBuild: `corral plugin build`: the right compiler for a folder, its words when it fails, and where the library
// lies. Runs alone.

import ArgumentParser
import CorralAuthor
import CorralBase

extension PluginCommand {
    struct Build: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Build the plugin in a folder: a Swift package, a Cargo package, or a Makefile.",
            discussion: examples("corral plugin build", "corral plugin build ./greeter --debug"))

        @Argument(help: "The plugin's folder: the working directory otherwise.")
        var folder = "."
        @Flag(help: "Build for debugging: sooner there, slower to run.")
        var debug = false
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let terminal = Terminal.current()
            let folder = try PluginFolder(Path.absolute(folder))
            let start = ContinuousClock.now
            let library = try PluginSource.build(folder, isDebug: debug, terminal: terminal)
            if jsonOption.json {
                return terminal.print([
                    "library": .string(library), "language": .string(folder.language.rawValue), "debug": .bool(debug),
                ])
            }
            terminal.say("\(terminal.talk.good("✔")) built in \(Quantity.duration(since: start))")
            terminal.print(library)
            terminal.say(terminal.talk.faint("next: corral plugin check \(printable(Path.shortened(folder.path)))"))
        }
    }
}
