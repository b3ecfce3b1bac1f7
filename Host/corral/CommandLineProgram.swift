// SPDX-License-Identifier: Apache-2.0
// CommandLineProgram: from arguments to an exit status. It says mistakes in Corral's own form, with the nearest name, and
// keeps the statuses that docs/cli.md promises.

import ArgumentParser
import CorralBase
import Glibc

package enum CommandLineProgram {
    /// Every verb of this module, for the root command's configuration.
    package static let verbs: [any ParsableCommand.Type] = [
        RunCommand.self, RunsCommand.self, PluginCommand.self, TenantCommand.self, MemoryCommand.self,
        PromptCommand.self, UserCommand.self, AuditCommand.self, FlowCommand.self, ConfigCommand.self,
        NotifyCommand.self, DevCommand.self, HostCommand.self, DoctorCommand.self, ExplainCommand.self,
        DemoCommand.self,
    ]

    /// The help of `corral` itself.
    package static let discussion = examples(
        "corral run market-review", "corral runs show last --trace", "corral plugin list", "corral doctor")

    /// Parses, runs and exits.
    package static func main(_ root: any ParsableCommand.Type, _ arguments: [String]) async -> Never {
        // A reader that left (`corral … | head`) is seen as a failed write.
        signal(SIGPIPE, SIG_IGN)
        exit(await run(root, arguments).rawValue)
    }

    private static func run(_ root: any ParsableCommand.Type, _ arguments: [String]) async -> ExitStatus {
        do {
            if let error = unknownVerb(root, arguments) { throw error }
            var command = try root.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .ok
        } catch {
            return finish(root, error, arguments)
        }
    }

    private static func finish(
        _ root: any ParsableCommand.Type, _ error: any Error, _ arguments: [String]
    ) -> ExitStatus {
        let terminal = Terminal.current()
        let asJSON = arguments.prefix { $0 != "--" }.contains("--json")
        if error is CorralError || error is DiagnosticsError || error is Ended {
            return terminal.report(error, asJSON: asJSON)
        }
        let status = root.exitCode(for: error)
        if status == .success {
            terminal.print(root.fullMessage(for: error))
            return .ok
        }
        guard status == .validationFailure else { return terminal.report(error, asJSON: asJSON) }
        return terminal.report(usage(root, error, arguments), asJSON: asJSON)
    }

    /// The parser's own words about a mistyped flag or a missing argument, in our form.
    private static func usage(
        _ root: any ParsableCommand.Type, _ error: any Error, _ arguments: [String]
    ) -> CorralError {
        let message = root.message(for: error)
        let firstLine = message.split(separator: "\n").first.map(String.init) ?? "the command was not understood"
        let sentences = firstLine.split(separator: /\. (?=Did you mean)/, maxSplits: 1).map(String.init)
        let text = sentences[0].prefix(1).lowercased() + sentences[0].dropFirst()
        let help = "`\((["corral"] + verbPath(root, arguments)).joined(separator: " ")) --help` shows how"
        guard sentences.count == 2 else { return .usage(text, hint: help) }
        return .usage(text, hint: sentences[1].prefix(1).lowercased() + sentences[1].dropFirst())
    }

    /// The parser calls a mistyped verb an unexpected argument and knows no nearest name, so it is looked for first.
    private static func unknownVerb(_ root: any ParsableCommand.Type, _ arguments: [String]) -> CorralError? {
        let path = verbPath(root, arguments)
        var command = root
        for verb in path { command = subcommands(of: command).first { $0._commandName == verb } ?? command }
        let known = subcommands(of: command).map { $0._commandName }
        guard !known.isEmpty, let word = arguments.dropFirst(path.count).first, !word.hasPrefix("-"), word != "help"
        else {
            return nil
        }
        let whole = (["corral"] + path).joined(separator: " ")
        return .usage(
            "there is no command \"\(whole) \(word)\"",
            hint: nearestName(to: word, among: known).map { "did you mean \"\(whole) \($0)\"?" }
                ?? "commands are \(known.sorted().joined(separator: ", "))")
    }

    /// The verbs at the head of the arguments: `runs`, `show`.
    private static func verbPath(_ root: any ParsableCommand.Type, _ arguments: [String]) -> [String] {
        var path: [String] = []
        var command = root
        for argument in arguments {
            guard let next = subcommands(of: command).first(where: { $0._commandName == argument }) else { break }
            path.append(argument)
            command = next
        }
        return path
    }

    private static func subcommands(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
        command.configuration.subcommands + command.configuration.groupedSubcommands.flatMap(\.subcommands)
    }
}
