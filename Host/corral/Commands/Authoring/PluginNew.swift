// SPDX-License-Identifier: Apache-2.0
// PluginNew: `corral plugin new`: a folder with a whole plugin under a name of the author's. Runs alone.

import ArgumentParser
import CorralAuthor
import CorralBase
import CorralHome

extension PluginCommand {
    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a new plugin's folder: sources, build file, sample input.",
            discussion: examples(
                "corral plugin new acme/greeter --kind agent --lang swift",
                "corral plugin new acme/statistics --kind tool --lang c --folder ./statistics",
                "corral plugin new acme/pii --kind scanner"))

        @Argument(help: "The new plugin's id: publisher/name.")
        var id: String
        @Option(
            help: ArgumentHelp(
                "What it is: agent, tool, memory, scanner, judge, notifier or tracer.", valueName: "kind"))
        var kind = "agent"
        @Option(help: ArgumentHelp("What it is written in: swift or c.", valueName: "lang"))
        var lang = "swift"
        @Option(help: ArgumentHelp("Where it goes: ./NAME otherwise.", valueName: "dir"))
        var folder: String?
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let name = try PluginName(id)
            let sdk = try Installation.current().sdk
            let template = try template(of: try PluginTemplate.all(sdk: sdk))
            let target = folder ?? name.name
            let files = try template.render(name, into: target, sdk: sdk)
            let terminal = Terminal.current()
            if jsonOption.json {
                return terminal.print([
                    "id": .string(name.id), "folder": .string(target), "kind": .string(kind), "lang": .string(lang),
                    "files": .array(files.map { .string($0) }),
                ])
            }
            terminal.print("\(name.id), \(template.summary), in \(printable(target))/\n")
            for file in files { terminal.print("  " + printable(file)) }
            terminal.say(terminal.talk.faint("next: cd \(target) && corral dev"))
        }

        private func template(of all: [PluginTemplate]) throws -> PluginTemplate {
            func one(_ value: String, _ option: String, of known: [String]) throws {
                guard !known.contains(value) else { return }
                throw CorralError.usage(
                    "\(option) \"\(value)\" is not known",
                    hint: didYouMean(value, among: known) ?? "write \(option) \(known.joined(separator: "|"))")
            }
            try one(kind, "--kind", of: Array(Set(all.map(\.kind))).sorted())
            try one(lang, "--lang", of: Array(Set(all.map(\.language))).sorted())
            guard let found = all.first(where: { $0.kind == kind && $0.language == lang }) else {
                throw CorralError.usage("there is no template of kind \(kind) in \(lang)", hint: "try another --lang")
            }
            return found
        }
    }
}
