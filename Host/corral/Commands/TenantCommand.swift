// SPDX-License-Identifier: Apache-2.0
// TenantCommand: `corral tenant add|list|show|set|usage`. `remove` has a file of its own: it asks first.

import ArgumentParser
import CorralBase
import CorralControl

package struct TenantCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Add, list, show, limit and remove tenants.",
        discussion: examples(
            "corral tenant add acme", "corral tenant set acme max_storage_mb=500", "corral tenant show acme",
            "corral tenant remove acme"),
        subcommands: [Add.self, List.self, Show.self, Set.self, Usage.self, Remove.self])

    package init() {}

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a tenant: its own runs, memory, artifacts, plugins and workers.",
            discussion: "Settings go to the tenant's own file, within what corral.yaml allows everyone.\n\n"
                + examples("corral tenant add acme", "corral tenant add acme --set max_daily_executions=100"))

        @Argument(help: "Its name: lower-case letters, digits, '-' and '_'.")
        var tenant: String
        @Option(help: ArgumentHelp("A setting of its own. Give it several times.", valueName: "path=value"))
        var set: [String] = []
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = TenantChangeRequest(
                tenant: try TenantID(tenant), set: try set.map { try TenantCommand.setting($0, "--set") })
            try TenantCommand.tell(.tenantAdd(request), "added tenant \(tenant)", homeOptions, jsonOption)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List tenants.", discussion: examples("corral tenant list", "corral tenant list --json"))

        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .tenants(let tenants) = try client.perform(.tenantList) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(.array(tenants.map(\.json))) }
            terminal.print(TenantReport.list(tenants, terminal: terminal))
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a tenant: isolation, limits and where each comes from, folders, plugins, workers.",
            discussion: examples("corral tenant show acme", "corral tenant show acme --json"))

        @Argument(help: "A tenant's name.")
        var tenant = "default"
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = TenantRequest(tenant: try TenantID(tenant))
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .tenant(let detail) = try client.perform(.tenantShow(request)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(detail.json) }
            terminal.print(TenantReport.show(detail, terminal: terminal))
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a tenant's own settings, at once and without a restart.",
            discussion:
                "A tenant may get less than everyone, never more; `corral config show` has what everyone gets.\n"
                + "Nothing is written when one of the settings is a mistake.\n\n"
                + examples(
                    "corral tenant set acme max_storage_mb=500 max_daily_executions=100",
                    "corral tenant set acme multi_tenancy.isolation.level=strict",
                    "corral tenant set acme --unset max_storage_mb"))

        @Argument(help: "A tenant's name.")
        var tenant: String
        @Argument(help: ArgumentHelp("A setting, by its whole path or its last name.", valueName: "path=value"))
        var settings: [String] = []
        @Option(help: ArgumentHelp("A setting that everyone's applies to again. Several times.", valueName: "path"))
        var unset: [String] = []
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            guard !settings.isEmpty || !unset.isEmpty else {
                throw CorralError.usage(
                    "nothing to set", hint: "name a setting: corral tenant set \(tenant) max_storage_mb=500")
            }
            let request = TenantChangeRequest(
                tenant: try TenantID(tenant), set: try settings.map { try TenantCommand.setting($0, "setting") },
                unset: unset)
            try TenantCommand.tell(.tenantSet(request), "changed tenant \(tenant)", homeOptions, jsonOption)
        }
    }

    struct Usage: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what tenants have used of their limits, and when it begins anew.",
            discussion: examples("corral tenant usage", "corral tenant usage acme --json"))

        @Argument(help: "A tenant's name; all tenants otherwise.")
        var tenant: String?
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = TenantUsageRequest(tenant: try tenant.map { try TenantID($0) })
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .tenantUsage(let usages) = try client.perform(.tenantUsage(request)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(.array(usages.map(\.json))) }
            terminal.print(usages.map { TenantReport.usage($0, terminal: terminal) }.joined(separator: "\n"))
        }
    }

    fileprivate static func setting(_ text: String, _ option: String) throws -> TenantChangeRequest.Setting {
        let (path, value) = try keyValue(text, option: option)
        return TenantChangeRequest.Setting(path: path, value: value)
    }

    /// Sends a change and says what is in force now.
    fileprivate static func tell(
        _ request: ControlRequest, _ what: String, _ homeOptions: HomeOptions, _ jsonOption: JSONOption
    ) throws {
        let client = try HostConnection.open(try homeOptions.resolve())
        guard case .tenant(let detail) = try client.perform(request) else { throw CorralError.unexpectedReply() }
        let terminal = Terminal.current()
        if jsonOption.json { return terminal.print(detail.json) }
        terminal.say(printable(what))
        if !detail.ownSettings.isEmpty { terminal.print(TenantReport.ownSettings(detail, terminal: terminal)) }
        terminal.say(terminal.talk.faint("next: corral tenant show \(detail.summary.tenant)"))
    }
}
