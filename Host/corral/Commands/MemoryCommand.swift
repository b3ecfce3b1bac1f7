// SPDX-License-Identifier: Apache-2.0
// MemoryCommand: `corral memory put|search|list|show|forget`: what agents remember, as a person sees and changes it.

import ArgumentParser
import CorralBase
import CorralControl

struct MemoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory", abstract: "See, search and change what agents remember.",
        discussion: examples(
            "corral memory list", "corral memory search \"last decision\" --agent corral/portfolio-manager",
            "corral memory put \"review on Fridays\" --layer long_term", "corral memory forget m17"),
        subcommands: [Put.self, Search.self, List.self, Show.self, Forget.self])

    struct Put: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remember a text for all agents of a tenant, or for one agent or session.",
            discussion: "Sensitive values are taken out of it, as of everything that is remembered.\n\n"
                + examples(
                    "corral memory put \"review on Fridays\"",
                    "corral memory put \"prefers weekly bars\" --agent acme/analyst --key style --layer long_term"))

        @Argument(help: "What to remember.")
        var text: String
        @Option(help: "A name for the entry: one of that name is replaced.")
        var key: String?
        @Option(help: ArgumentHelp("A label. Give it several times.", valueName: "tag"))
        var tag: [String] = []
        @OptionGroup var place: PlaceOptions
        @OptionGroup var options: MemoryOptions

        func run() throws {
            var arguments: JSONObject = ["text": .string(text), "tags": .array(tag.map { .string($0) })]
            arguments["key"] = key.map { .string($0) }
            guard place.layer.count <= 1 else {
                throw CorralError.usage("an entry lies in one layer", hint: "give --layer once")
            }
            arguments["layer"] = place.layer.first.map { .string($0) }
            let answer = try options.ask("put", place, arguments, standardScope: "tenant")
            let terminal = Terminal.current()
            if options.jsonOption.json { return terminal.print(answer) }
            let done = answer["replaced"]?.boolValue == true ? "replaced" : "remembered"
            terminal.say(
                "\(done) \(answer["id"]?.stringValue ?? ""); corral memory show \(answer["id"]?.stringValue ?? "")")
        }
    }

    struct Search: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find entries by words, best first, each with its relevance from 0 to 1.",
            discussion:
                "0.75 and more says that every word is there. What lies below memory.retrieval.relevance_threshold "
                + "is counted and not shown.\n\n"
                + examples("corral memory search \"volatility regime\"", "corral memory search flip --tag sp500 --json")
        )

        @Argument(help: "Words, in any order.")
        var query: String
        @Option(help: ArgumentHelp("Only entries with this label. Give it several times.", valueName: "tag"))
        var tag: [String] = []
        @Option(help: "At most so many.")
        var limit = 20
        @OptionGroup var place: PlaceOptions
        @OptionGroup var options: MemoryOptions

        func run() throws {
            let arguments: JSONObject = [
                "query": .string(query), "tags": .array(tag.map { .string($0) }), "limit": .int(Int64(limit)),
                "layers": place.layers,
            ]
            let answer = try options.ask("search", place, arguments)
            let terminal = Terminal.current()
            if options.jsonOption.json { return terminal.print(answer) }
            terminal.print(MemoryReport.list(answer["entries"]?.arrayValue ?? [], terminal: terminal))
            if let count = answer["left_out"]?.intValue, count > 0 {
                terminal.say("\(count) less relevant left out (memory.retrieval.relevance_threshold)")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List entries, the last changed first.",
            discussion: examples(
                "corral memory list", "corral memory list --agent acme/analyst --layer long_term --json"))

        @Option(help: ArgumentHelp("Only entries with this label. Give it several times.", valueName: "tag"))
        var tag: [String] = []
        @Option(help: "At most so many.")
        var limit = 50
        @Option(help: ArgumentHelp("Goes on where a list ended.", valueName: "cursor"))
        var after: String?
        @OptionGroup var place: PlaceOptions
        @OptionGroup var options: MemoryOptions

        func run() throws {
            var arguments: JSONObject = [
                "tags": .array(tag.map { .string($0) }), "limit": .int(Int64(limit)), "layers": place.layers,
            ]
            arguments["cursor"] = after.map { .string($0) }
            let answer = try options.ask("list", place, arguments)
            let terminal = Terminal.current()
            if options.jsonOption.json { return terminal.print(answer) }
            let entries = answer["entries"]?.arrayValue ?? []
            guard !entries.isEmpty else { return terminal.say("nothing is remembered there") }
            terminal.print(MemoryReport.list(entries, terminal: terminal))
            if let cursor = answer["cursor"]?.stringValue { terminal.say("more: --after \(cursor)") }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an entry: text, value, who wrote it in which run, until when it is kept.",
            discussion: examples("corral memory show m17", "corral memory show --key style --agent acme/analyst --json")
        )

        @Argument(help: "An entry's id, as list and search print it.")
        var id: String?
        @Option(help: "The entry's name, with --agent or --session.")
        var key: String?
        @OptionGroup var place: PlaceOptions
        @OptionGroup var options: MemoryOptions

        func run() throws {
            var arguments = JSONObject()
            arguments["id"] = id.map { .string($0) }
            arguments["key"] = key.map { .string($0) }
            arguments["layers"] = place.layers
            let answer = try options.ask("get", place, arguments, standardScope: key == nil ? nil : "tenant")
            guard let entry = answer["entry"], !entry.isNull else {
                throw CorralError.nothingRemembered(id ?? key ?? "")
            }
            let terminal = Terminal.current()
            if options.jsonOption.json { return terminal.print(entry) }
            terminal.print(MemoryReport.show(entry, terminal: terminal))
        }
    }

    struct Forget: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget an entry, or all of an agent, a session or a tenant.",
            discussion: examples(
                "corral memory forget m17", "corral memory forget --all --agent acme/analyst",
                "corral memory forget --all --layer short_term"))

        @Argument(help: "An entry's id, as list and search print it.")
        var id: String?
        @Option(help: "The entry's name.")
        var key: String?
        @Flag(help: "Everything there, instead of one entry.")
        var all = false
        @OptionGroup var place: PlaceOptions
        @OptionGroup var options: MemoryOptions

        func run() throws {
            var arguments = JSONObject()
            arguments["id"] = id.map { .string($0) }
            arguments["key"] = key.map { .string($0) }
            if all { arguments["all"] = true }
            arguments["layers"] = place.layers
            let answer = try options.ask("forget", place, arguments, standardScope: key == nil ? nil : "tenant")
            let count = answer["forgotten"]?.intValue ?? 0
            if count == 0, !all { throw CorralError.nothingRemembered(id ?? key ?? "") }
            let terminal = Terminal.current()
            if options.jsonOption.json { return terminal.print(answer) }
            terminal.say("forgot \(count) \(count == 1 ? "entry" : "entries")")
        }
    }
}

/// Whose memory.
struct PlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The agent whose own memory is meant.", valueName: "publisher/name"))
    var agent: String?
    @Option(help: ArgumentHelp("The session: what its agents share, or with --agent what that one keeps for it."))
    var session: String?
    @Option(help: ArgumentHelp("short_term, medium_term or long_term.", valueName: "layer"))
    var layer: [String] = []

    var layers: JSON { layer.isEmpty ? .null : .array(layer.map { .string($0) }) }
}

struct MemoryOptions: ParsableArguments {
    @OptionGroup var tenantOptions: TenantOptions
    @OptionGroup var homeOptions: HomeOptions
    @OptionGroup var jsonOption: JSONOption

    /// - Parameter standardScope: where neither agent nor session is named; nil for all there is.
    func ask(
        _ method: String, _ place: PlaceOptions, _ arguments: JSONObject, standardScope: String? = nil
    ) throws -> JSON {
        let scope = place.agent != nil ? "agent" : place.session != nil ? "session" : standardScope
        let request = MemoryRequest(
            tenant: try tenantOptions.resolve(), method: method, scope: scope, agent: place.agent,
            session: place.session, arguments: .object(arguments))
        let client = try HostConnection.open(try homeOptions.resolve())
        guard
            case .memory(let answer) = try client.perform(
                request.isWriting ? .memoryWrite(request) : .memoryRead(request))
        else {
            throw CorralError.unexpectedReply()
        }
        return answer.value
    }
}
