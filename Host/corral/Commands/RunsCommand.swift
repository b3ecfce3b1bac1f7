// SPDX-License-Identifier: Apache-2.0
// RunsCommand: `corral runs list|show|resume|cancel`.

import ArgumentParser
import CorralBase
import CorralControl

package struct RunsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List, show, resume and cancel runs.",
        discussion: examples(
            "corral runs list --state failed", "corral runs show last --trace", "corral runs resume last",
            "corral runs cancel r0q1j"),
        subcommands: [List.self, Show.self, Resume.self, Cancel.self])

    package init() {}

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List runs, newest first.",
            discussion: examples(
                "corral runs list", "corral runs list --flow market-review --limit 5 --json",
                "corral runs list --user ann --since 7d --status failed",
                "corral runs list --max-confidence 0.6 --changes position_change"))

        @Option(
            name: [.customLong("state"), .customLong("status")],
            help: ArgumentHelp("Only runs in this state.", valueName: "state"))
        var state: String?
        @Option(
            help: ArgumentHelp("Only runs of this flow, or of this agent alone (publisher/name).", valueName: "name"))
        var flow: String?
        @OptionGroup var filter: RunFilterOptions
        @Option(help: ArgumentHelp("How many at most, up to 1000.", valueName: "n"))
        var limit = 20
        @OptionGroup var tenantOptions: TenantOptions
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            var request = RunsListRequest(
                tenant: try tenantOptions.resolve(), state: try state.map(runState), flow: flow,
                limit: try checkedLimit())
            try filter.apply(to: &request)
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .runs(let runs) = try client.perform(.runsList(request)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(.array(runs.map(\.json))) }
            guard !runs.isEmpty else {
                let isAll = request == RunsListRequest(tenant: request.tenant, limit: request.limit)
                return terminal.say(
                    isAll
                        ? "no runs; start one with `corral run FLOW`"
                        : "no runs are like that; `corral runs list` shows all")
            }
            terminal.print(RunReport.list(runs, terminal: terminal))
        }

        private func checkedLimit() throws -> Int {
            guard (1...1000).contains(limit) else {
                throw CorralError.usage("--limit \(limit) is out of range", hint: "give 1 to 1000")
            }
            return limit
        }

        private func runState(_ text: String) throws -> RunState {
            if let state = RunState(rawValue: text) { return state }
            let known = RunState.allCases.map(\.rawValue)
            throw CorralError.usage(
                "there is no state \"\(text)\"",
                hint: didYouMean(text, among: known) ?? "states are \(known.joined(separator: ", "))")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a run: its steps, output, errors, and with --trace where the time went.",
            discussion: examples("corral runs show last", "corral runs show r0q1j --trace"))

        @OptionGroup var chosen: RunArgument
        @Flag(help: "Draw every call on a time axis: queued and running.")
        var trace = false
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let client = try HostConnection.open(try homeOptions.resolve())
            let request = RunShowRequest(try chosen.reference(), trace: trace)
            guard case .run(let detail) = try client.perform(.runShow(request)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(detail.json) }
            terminal.print(RunReport.show(detail, terminal: terminal))
            if let next = Self.next(detail, trace: trace) { terminal.say(terminal.talk.faint("next: \(next)")) }
        }

        private static func next(_ detail: RunDetail, trace: Bool) -> String? {
            if detail.summary.state == .interrupted { return "corral runs resume \(detail.summary.run)" }
            return trace ? nil : "corral runs show \(detail.summary.run) --trace"
        }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Continue a run that the end of the host interrupted.",
            discussion: "Finished steps do not run again; those under way may, and are named as such.\n\n"
                + examples("corral runs resume last"))

        @OptionGroup var chosen: RunArgument
        @Flag(help: "Resume the run and leave.")
        var detach = false
        @Option(help: ArgumentHelp("Where files of the result go: ./out/RUN otherwise.", valueName: "dir"))
        var output: String?
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let home = try homeOptions.resolve()
            let reference = try chosen.reference()
            let client = try HostConnection.open(home)
            let terminal = Terminal.current()
            var follower = RunFollower(
                client: client, home: home, tenant: reference.tenant, terminal: terminal, isSilent: jsonOption.json)
            let outcome = try follower.follow(.runResume(RunResumeRequest(reference, follows: !detach)))
            let ending = RunEnding(
                client: client, home: home, tenant: reference.tenant, terminal: terminal, folder: output,
                isJSON: jsonOption.json)
            try ending.report(outcome)
        }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancel a run that is under way.",
            discussion: examples("corral runs cancel last --reason mistaken"))

        @OptionGroup var chosen: RunArgument
        @Option(help: ArgumentHelp("Why, as the run shows it.", valueName: "text"))
        var reason = "cancelled from the command line"
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let client = try HostConnection.open(try homeOptions.resolve())
            let request = RunCancelRequest(try chosen.reference(), reason: reason)
            guard case .done(let text) = try client.perform(.runCancel(request)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(["done": .string(text)]) }
            terminal.say(printable(text))
            terminal.say(terminal.talk.faint("next: corral runs show \(chosen.run)"))
        }
    }
}

/// A run and its tenant, on a command line.
struct RunArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("A run's id, the beginning of one, or last.", valueName: "run"))
    var run: String
    @OptionGroup var tenantOptions: TenantOptions

    func reference() throws -> RunReference { RunReference(tenant: try tenantOptions.resolve(), run: run) }
}
