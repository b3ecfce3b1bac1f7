// SPDX-License-Identifier: Apache-2.0
// PluginCheck: `corral plugin check`: the named checks of one plugin, for a person, a script (--json) and CI (--junit).
// Runs alone, with workers of its own.

import ArgumentParser
import CorralBase
import CorralConformance
import CorralHome

extension PluginCommand {
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a plugin, each check in a worker process of its own.",
            discussion: examples(
                "corral plugin check .", "corral plugin check greeter.so --input name=Ada",
                "corral plugin check . --junit check.xml", "corral plugin check . --only leaks --only fuzz --seed 7",
                "corral plugin check . --reproduce fuzz-7-112", "corral plugin check --list"))

        @Argument(help: "A library, a folder with lib.so, or a folder with sources, which is built first.")
        var plugin: String?
        @Option(
            name: [.short, .long],
            help: ArgumentHelp("An input of the sample, as with `corral run`. Several times.", valueName: "name=value"))
        var input: [String] = []
        @Option(help: ArgumentHelp("The tool that --input is for.", valueName: "tool"))
        var tool: String?
        @Option(help: ArgumentHelp("Run this check only. Several times.", valueName: "check"))
        var only: [String] = []
        @Option(help: ArgumentHelp("The fuzzer's seed, hexadecimal; a new one otherwise.", valueName: "seed"))
        var seed: String?
        @Option(help: ArgumentHelp("Run the one fuzz case of this token.", valueName: "token"))
        var reproduce: String?
        @Option(help: ArgumentHelp("Write the results as JUnit XML too.", valueName: "file"))
        var junit: String?
        @Flag(help: "List the checks.")
        var list = false
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let terminal = Terminal.current()
            if list { return terminal.print(ConformanceReport.list(asJSON: jsonOption.json, terminal)) }
            guard let plugin else {
                throw CorralError.usage("no plugin is named", hint: "write `corral plugin check .` in its folder")
            }
            let checks = try CheckRequest.checks(named: only)
            let token = try reproduce.map { try ReproduceToken($0) }
            let seed = try parsedSeed()
            let installation = try Installation.current()
            try installation.requirePrograms()
            let source = try PluginSource.resolve(plugin, terminal: terminal)
            let rig = CheckRig(
                library: source.library, spawner: installation.spawner, worker: installation.worker)
            let request = CheckRequest(checks: checks, samples: try source.samples(input, tool: tool), seed: seed)
            var checker = Checker(rig: rig, request: request)
            if let token { return try reproduce(token, &checker, terminal) }
            try runAll(&checker, plugin, terminal)
        }

        private func parsedSeed() throws -> UInt64 {
            guard let seed else { return UInt64.random(in: 0...UInt64(UInt32.max)) }
            guard let number = UInt64(seed, radix: 16) else {
                throw CorralError.usage("--seed \"\(seed)\" is no hexadecimal number", hint: "write --seed 5eed")
            }
            return number
        }

        private func runAll(_ checker: inout Checker, _ plugin: String, _ terminal: Terminal) throws {
            let results = try checker.run { result in
                if !jsonOption.json { terminal.print(ConformanceReport.line(result, terminal.output)) }
            }
            let report = ConformanceReport(
                library: checker.rig.library, facts: checker.facts, seed: checker.request.seed, results: results)
            if jsonOption.json {
                terminal.print(report.json)
            } else {
                terminal.print(report.summary(terminal.output))
                for command in report.reproduceCommands(plugin) {
                    terminal.say("\(terminal.talk.accent("again:")) \(printable(command))")
                }
            }
            if let junit { try OutputFile.write(report.junit, to: junit) }
            if report.hasFailed { throw Ended(status: .failed) }
        }

        private func reproduce(_ token: ReproduceToken, _ checker: inout Checker, _ terminal: Terminal) throws {
            let outcome = try checker.reproduce(token)
            if jsonOption.json {
                terminal.print([
                    "token": .string(token.description), "state": .string(outcome.verdict.state),
                    "detail": .string(outcome.verdict.words),
                    "input": .string(String(decoding: outcome.body, as: UTF8.self)),
                    "input_hex": .string(outcome.body.map { ConformanceReport.hex($0) }.joined()),
                ])
            } else {
                terminal.print("input  \(printable(String(decoding: outcome.body.prefix(2000), as: UTF8.self)))")
                terminal.print(
                    "\(ConformanceReport.mark(outcome.verdict, terminal.output)) \(printable(outcome.verdict.words))")
            }
            if outcome.verdict.isFailure { throw Ended(status: .failed) }
        }
    }
}
