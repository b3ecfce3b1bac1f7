// SPDX-License-Identifier: Apache-2.0
// Corral: the program `corral`. It parses, composes and runs; everything else lies in the targets it links.

import ArgumentParser
import CorralCommand
import CorralControl
import CorralServe

@main
struct Corral: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corral",
        abstract: "Run flows of agents, each agent a shared library in its own sandboxed process.",
        discussion: CommandLineProgram.discussion, version: corralVersion,
        subcommands: CommandLineProgram.verbs + [ServeCommand.self])

    static func main() async {
        await CommandLineProgram.main(Corral.self, Array(CommandLine.arguments.dropFirst()))
    }
}
