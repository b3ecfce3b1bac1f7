// SPDX-License-Identifier: Apache-2.0
// PromptCommand: `corral prompt list|show|diff|set|approve|reject|label|rollback`: the texts that plugins declare, and what a
// tenant puts in their place.

import ArgumentParser
import CorralBase
import CorralControl
import Foundation

package struct PromptCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "prompt", abstract: "See and change the prompts that plugins declare.",
        discussion: "A prompt is named PLUGIN.PROMPT. A change is proposed with `set` and counts when it is approved;\n"
            + "version 0 is the text that the plugin ships.\n\n"
            + examples(
                "corral prompt list", "corral prompt show acme/greeter.greet",
                "corral prompt set acme/greeter.greet --file greet.txt --note 'shorter'",
                "corral prompt diff acme/greeter.greet 0 1", "corral prompt approve acme/greeter.greet 1",
                "corral prompt rollback acme/greeter.greet"),
        subcommands: [
            List.self, Show.self, Diff.self, Set.self, Approve.self, Reject.self, Label.self, Rollback.self,
        ])

    package init() {}

    /// What carries a version that counts, unless `prompts.label` names another.
    static let production = "production"

    struct Target: ParsableArguments {
        @Argument(help: "PLUGIN.PROMPT, for example acme/greeter.greet.")
        var prompt: String
        @OptionGroup var tenantOptions: TenantOptions
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func reference() throws -> PromptReference {
            PromptReference(tenant: try tenantOptions.resolve(), name: prompt)
        }

        func ask(_ request: ControlRequest) throws -> PromptDetail {
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .prompt(let detail) = try client.perform(request) else { throw CorralError.unexpectedReply() }
            return detail
        }

        /// Says what a change did and what counts now.
        func tell(_ detail: PromptDetail, _ what: String) {
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(detail.json) }
            terminal.say(printable(what))
            terminal.say(printable("in effect: " + PromptReport.inForce(detail.summary)))
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List prompts with the version that counts, labels and proposals.",
            discussion: examples("corral prompt list", "corral prompt list --plugin acme/greeter --tenant acme --json"))

        @Option(help: ArgumentHelp("Of one plugin.", valueName: "id"))
        var plugin: String?
        @OptionGroup var tenantOptions: TenantOptions
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = PromptListRequest(tenant: try tenantOptions.resolve(), plugin: plugin)
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .prompts(let prompts) = try client.perform(.promptList(request)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(.array(prompts.map(\.json))) }
            if prompts.isEmpty { return terminal.say("no plugin here declares a prompt") }
            terminal.print(PromptReport.list(prompts, terminal: terminal))
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a prompt's text, its versions, and how its labels moved.",
            discussion: examples(
                "corral prompt show acme/greeter.greet", "corral prompt show acme/greeter.greet --version 2",
                "corral prompt show acme/greeter.greet --label staging --json"))

        @OptionGroup var target: Target
        @Option(help: "The version to show; the one in effect otherwise.")
        var version: Int?
        @Option(help: "The version with this label.")
        var label: String?

        func run() throws {
            guard version == nil || label == nil else {
                throw CorralError.usage("--version and --label are two versions", hint: "give one of them")
            }
            let detail = try target.ask(
                .promptShow(PromptShowRequest(try target.reference(), version: version, label: label)))
            let terminal = Terminal.current()
            if target.jsonOption.json { return terminal.print(detail.json) }
            terminal.print(PromptReport.show(detail, terminal: terminal))
        }
    }

    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare two versions line by line.",
            discussion: "Without versions, the one in effect and the newest.\n\n"
                + examples("corral prompt diff acme/greeter.greet", "corral prompt diff acme/greeter.greet 1 3"))

        @OptionGroup var target: Target
        @Argument(help: "A version.")
        var from: Int?
        @Argument(help: "A version.")
        var to: Int?

        func run() throws {
            let reference = try target.reference()
            let old = try target.ask(.promptShow(PromptShowRequest(reference, version: from)))
            let newest = old.versions.map(\.version).max() ?? 0
            let new = try target.ask(.promptShow(PromptShowRequest(reference, version: to ?? newest)))
            let lines = LineDifference.lines(old.text, new.text)
            let terminal = Terminal.current()
            if target.jsonOption.json {
                return terminal.print([
                    "from": .int(Int64(old.version)), "to": .int(Int64(new.version)),
                    "same": .bool(old.text == new.text), "lines": .array(lines.map(\.json)),
                ])
            }
            if old.text == new.text { return terminal.say("versions \(old.version) and \(new.version) are the same") }
            terminal.print(PromptReport.diff(old.version, new.version, lines, terminal: terminal))
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose a new text; with --approve it counts at once.",
            discussion: "Variables are written {{name}}; only those that the plugin declares can stand in it.\n\n"
                + examples(
                    "corral prompt set acme/greeter.greet --text 'Say hello to {{name}}.'",
                    "corral prompt set acme/greeter.greet --file greet.txt --note 'shorter' --approve",
                    "corral prompt set acme/greeter.greet --file - --source review < greet.txt"))

        @OptionGroup var target: Target
        @Option(help: "The text.")
        var text: String?
        @Option(help: ArgumentHelp("A file with the text; - for standard input.", valueName: "file"))
        var file: String?
        @Option(help: "Why, for whoever approves it.")
        var note = ""
        @Option(help: "Where the change comes from: operator, review or analysis.")
        var source: PromptSourceKind = .operator
        @Flag(help: "Approve it, too; for who may.")
        var approve = false
        @Option(help: "The label an approved version gets.")
        var label = PromptCommand.production

        func run() throws {
            let request = PromptSetRequest(
                try target.reference(), text: try content(), note: note, source: source,
                approvedAs: approve ? label : nil)
            let detail = try target.ask(.promptSet(request))
            let state = detail.versions.last?.state ?? "proposed"
            target.tell(detail, "version \(detail.version) of \(detail.summary.name) is \(state)")
            guard state == "proposed", !target.jsonOption.json else { return }
            let terminal = Terminal.current()
            let next = "corral prompt approve \(detail.summary.name) \(detail.version)"
            terminal.say(terminal.talk.faint(printable("next: \(next)")))
        }

        /// More than the host takes; it says how much that is.
        private static let bytesMax = 1 << 20

        private func standardInput() throws -> String {
            let bytes = try FileHandle.standardInput.read(upToCount: Self.bytesMax) ?? Data()
            guard let text = String(data: bytes, encoding: .utf8) else {
                throw CorralError.usage("standard input is not UTF-8", hint: "give --file FILE")
            }
            return text
        }

        private func content() throws -> String {
            switch (text, file) {
            case (let text?, nil): return text
            case (nil, "-"): return try standardInput()
            case (nil, let file?): return try InputFile.read(file, bytesMax: Self.bytesMax)
            default:
                throw CorralError.usage("a text is needed, once", hint: "give --text TEXT or --file FILE")
            }
        }
    }

    struct Approve: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve a proposed version and put a label on it.",
            discussion: examples(
                "corral prompt approve acme/greeter.greet 2",
                "corral prompt approve acme/greeter.greet 2 --label staging"
            ))

        @OptionGroup var target: Target
        @Argument(help: "A version.")
        var version: Int
        @Option(help: "The label it gets.")
        var label = PromptCommand.production

        func run() throws {
            let request = PromptDecideRequest(try target.reference(), version: version, label: label)
            let detail = try target.ask(.promptDecide(request))
            target.tell(detail, "version \(version) of \(detail.summary.name) is approved and in \(label)")
        }
    }

    struct Reject: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reject a proposed version; it stays to be read.",
            discussion: examples("corral prompt reject acme/greeter.greet 2"))

        @OptionGroup var target: Target
        @Argument(help: "A version.")
        var version: Int

        func run() throws {
            let request = PromptDecideRequest(try target.reference(), version: version, label: nil)
            let detail = try target.ask(.promptDecide(request))
            target.tell(detail, "version \(version) of \(detail.summary.name) is rejected")
        }
    }

    struct Label: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a label on an approved version, or take it off.",
            discussion: "The version with the label that the tenant's `prompts.label` names counts; else the one in"
                + " production;\nelse the plugin's own text.\n\n"
                + examples(
                    "corral prompt label acme/greeter.greet staging 3",
                    "corral prompt label acme/greeter.greet staging --remove"))

        @OptionGroup var target: Target
        @Argument(help: "production, staging…")
        var label: String
        @Argument(help: "An approved version; 0 for the plugin's own text.")
        var version: Int?
        @Flag(help: "Take the label off.")
        var remove = false

        func run() throws {
            guard (version == nil) == remove else {
                throw CorralError.usage(
                    "a version or --remove is needed", hint: "corral prompt label \(target.prompt) \(label) 0")
            }
            let request = PromptLabelRequest(try target.reference(), label: label, version: version)
            let detail = try target.ask(.promptLabel(request))
            let what = version.map { "\(label) is on version \($0)" } ?? "\(label) is off"
            target.tell(detail, "\(what) of \(detail.summary.name)")
        }
    }

    struct Rollback: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go back to what counted before the last change, or to a version.",
            discussion: examples(
                "corral prompt rollback acme/greeter.greet", "corral prompt rollback acme/greeter.greet --to 0"))

        @OptionGroup var target: Target
        @Option(help: "An approved version; 0 for the plugin's own text.")
        var to: Int?
        @Option(help: "The label that goes back.")
        var label = PromptCommand.production

        func run() throws {
            let request = PromptRollbackRequest(try target.reference(), label: label, version: to)
            let detail = try target.ask(.promptRollback(request))
            let version = detail.summary.labels[label].map { "version \($0)" } ?? "the plugin's own text"
            target.tell(detail, "\(label) of \(detail.summary.name) is back at \(version)")
        }
    }
}

extension PromptSourceKind: ExpressibleByArgument {}
