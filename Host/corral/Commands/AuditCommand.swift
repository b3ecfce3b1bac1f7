// SPDX-License-Identifier: Apache-2.0
// AuditCommand: `corral audit`: who changed what in this host, and whether the record of it is whole.

import ArgumentParser
import CorralBase
import CorralConfig
import CorralControl
import CorralIdentity
import Foundation

package struct AuditCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "See who changed what in this host, and verify the record of it.",
        discussion: "Runs are not in it: `corral runs list` has them. Without a subcommand, `list` is meant.\n\n"
            + examples(
                "corral audit", "corral audit --since 7d --actor ann",
                "corral audit --action tenant --tenant acme --json",
                "corral audit verify"),
        subcommands: [List.self, Verify.self], defaultSubcommand: List.self)

    package init() {}

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the latest entries, oldest first.",
            discussion: examples(
                "corral audit list --since 24h", "corral audit list --action user.grant", "corral audit list --json"))

        @Option(help: ArgumentHelp("From this long ago (24h, 7d), or from a date (2026-11-26).", valueName: "time"))
        var since: String?
        @Option(help: ArgumentHelp("Who did it: a user's name, or host.", valueName: "name"))
        var actor: String?
        @Option(help: ArgumentHelp("What was done: tenant.add, or tenant for all such.", valueName: "action"))
        var action: String?
        @Option(help: ArgumentHelp("To which tenant.", valueName: "tenant"))
        var tenant: String?
        @Option(help: "At most so many, 1 to 10000.")
        var limit = 100
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            guard (1...10_000).contains(limit) else {
                throw CorralError.usage("--limit \(limit) is not from 1 to 10000", hint: "narrow it with --since")
            }
            let filter = AuditFilter(
                since: try since.map { try AuditCommand.time($0, now: Date()) }, actor: actor, action: action,
                tenant: try tenant.map { try TenantID($0) }, limit: limit)
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .audit(let entries) = try client.perform(.auditList(filter)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(.array(entries.map(\.json))) }
            if entries.isEmpty { return terminal.say("no entries") }
            terminal.print(PeopleReport.audit(entries, terminal: terminal))
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look whether anything of the audit log was changed, removed or reordered.",
            discussion: "Ends with 1 when something was. Note the head it prints somewhere else: who can write to the\n"
                + "home could write all of the log anew, and only a head that was noted elsewhere shows that.\n\n"
                + examples("corral audit verify", "corral audit verify --expect 17:4be1…"))

        @Option(help: ArgumentHelp("A head that was noted earlier and must still be in the log.", valueName: "head"))
        var expect: String?
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = AuditVerifyRequest(expected: try expect.map { try AuditHead($0) })
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .auditVerdict(let verdict) = try client.perform(.auditVerify(request)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json {
                terminal.print(verdict.json)
            } else {
                terminal.print(PeopleReport.verdict(verdict, terminal: terminal))
            }
            if !verdict.problems.isEmpty { throw Ended(status: .failed) }
        }
    }

    /// Wall-clock nanoseconds since 1970.
    /// - Throws: `usage_invalid`.
    static func time(_ text: String, now: Date) throws -> Int64 {
        let moment: Date?
        if let ago = DurationText.parse(text) {
            moment = now.addingTimeInterval(-(ago / .seconds(1)))
        } else {
            moment =
                text.contains("T")
                ? try? Date(text, strategy: .iso8601) : try? Date(text, strategy: .iso8601.year().month().day())
        }
        guard let moment, let time = Int64(exactly: (moment.timeIntervalSince1970 * 1e9).rounded()) else {
            throw CorralError.usage(
                "--since \"\(text)\" is neither a duration nor a date", hint: "write 24h, 7d or 2026-11-26")
        }
        return time
    }
}
