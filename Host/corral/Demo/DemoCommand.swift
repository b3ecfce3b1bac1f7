// SPDX-License-Identifier: Apache-2.0
// DemoCommand: `corral demo …`: Corral against something hostile, live, in a home that is thrown away.

import ArgumentParser
import CorralBase
import CorralHome

package struct DemoCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Watch Corral hold against something hostile.",
        discussion: examples("corral demo breakout", "corral demo breakout --level moderate --json"),
        subcommands: [Breakout.self])

    package init() {}

    struct Breakout: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "A hostile plugin tries everything to leave its sandbox; see how each attempt is blocked.",
            discussion: examples(
                "corral demo breakout", "corral demo breakout --only network --only fork",
                "corral demo breakout --level basic --json"))

        @Option(
            help: ArgumentHelp(
                "Run at this isolation: basic, moderate or strict; the best otherwise.", valueName: "level"))
        var level: IsolationLevel?

        @Option(
            help: ArgumentHelp(
                "Only this attempt, or this class of attempts. Give it several times.", valueName: "name"))
        var only: [String] = []

        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let terminal = Terminal.current()
            let arena = try BreakoutArena(installation: try Installation.current())
            defer { arena.remove() }
            let host = try BreakoutHost(arena, level: level)
            defer { host.stop() }
            let sweep = try BreakoutSweep(host, arena, only: only)
            let report = BreakoutReport(terminal: terminal, isJSON: jsonOption.json)
            report.begin(sweep)
            let results = try sweep.run { report.show($0) }
            report.end(sweep, results)
            if results.contains(where: { !$0.isHarmless }) { throw Ended(status: .failed) }
        }
    }
}
