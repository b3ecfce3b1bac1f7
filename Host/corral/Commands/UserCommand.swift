// SPDX-License-Identifier: Apache-2.0
// UserCommand: `corral user add|list|role|remove`: who may come to this host, and what they may do there.

import ArgumentParser
import CorralBase
import CorralControl
import CorralIdentity

package struct UserCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Say who may use this host, and as what.",
        discussion: "Root and the owner of the host are its operators always. Others come to the control socket when\n"
            + "corral.yaml lets them (host.control.access), and may do what their roles say: operator, tenant-admin,\n"
            + "developer, viewer, reviewer:NAME.\n\n"
            + examples(
                "corral user add ann --role developer --tenant acme", "corral user role grant ann viewer",
                "corral user list", "corral user remove ann"),
        subcommands: [Add.self, List.self, RoleCommand.self, Remove.self])

    package init() {}

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a user of this system a name here, and maybe a role.",
            discussion: "Without --unix-user and --uid, it is the system's user of the same name.\n\n"
                + examples(
                    "corral user add ann --role developer --tenant acme", "corral user add deploy --unix-user ci",
                    "corral user add bob --uid 1007 --role viewer"))

        @Argument(help: "The name here, as runs and the audit log show it.")
        var name: String
        @Option(help: ArgumentHelp("The system's user, by name.", valueName: "user"))
        var unixUser: String?
        @Option(help: ArgumentHelp("The system's user, by number.", valueName: "number"))
        var uid: UInt32?
        @Option(help: ArgumentHelp("A first role.", valueName: "role"))
        var role: String?
        @Option(help: ArgumentHelp("Where the role holds; everywhere otherwise.", valueName: "tenant"))
        var tenant: String?
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            guard role != nil || tenant == nil else {
                throw CorralError.usage("--tenant says where a role holds", hint: "add --role developer")
            }
            let grant = try role.map { try UserCommand.grant($0, tenant) }
            let request = UserAddRequest(name: name, credential: try credential(), grant: grant)
            try UserCommand.tell(.userAdd(request), "added user \(name)", homeOptions, jsonOption)
        }

        private func credential() throws -> Credential {
            if let uid {
                guard unixUser == nil else {
                    throw CorralError.usage("--uid and --unix-user are two users", hint: "give one of them")
                }
                return .user(uid)
            }
            guard let user = UnixUser(named: unixUser ?? name) else {
                throw CorralError.unixUserUnknown(unixUser ?? name)
            }
            return .user(user.uid)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List users and their roles.",
            discussion: examples("corral user list", "corral user list --tenant acme --json"))

        @Option(help: ArgumentHelp("Only those with a role in it.", valueName: "tenant"))
        var tenant: String?
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = UserListRequest(tenant: try tenant.map { try TenantID($0) })
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .users(let users) = try client.perform(.userList(request)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(.array(users.map(\.json))) }
            terminal.print(PeopleReport.users(users, terminal: terminal))
        }
    }

    struct RoleCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "role", abstract: "Grant and revoke roles.",
            discussion: examples(
                "corral user role grant ann developer --tenant acme",
                "corral user role revoke ann developer --tenant acme"
            ), subcommands: [Grant.self, Revoke.self])
    }

    struct Grant: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a user a role.",
            discussion: examples(
                "corral user role grant ann tenant-admin --tenant acme", "corral user role grant bob reviewer:prompts"))

        @OptionGroup var change: RoleArguments
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = try change.request()
            try UserCommand.tell(
                .userGrant(request), "\(request.name) is \(request.grant.text) now", homeOptions, jsonOption)
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a role from a user.",
            discussion: examples("corral user role revoke ann developer --tenant acme"))

        @OptionGroup var change: RoleArguments
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = try change.request()
            try UserCommand.tell(
                .userRevoke(request), "\(request.name) is no longer \(request.grant.text)", homeOptions, jsonOption)
        }
    }

    struct RoleArguments: ParsableArguments {
        @Argument(help: "A user's name.")
        var name: String
        @Argument(help: "operator, tenant-admin, developer, viewer or reviewer:NAME.")
        var role: String
        @Option(help: ArgumentHelp("Where it holds; everywhere otherwise.", valueName: "tenant"))
        var tenant: String?

        func request() throws -> UserRoleRequest {
            UserRoleRequest(name: name, grant: try UserCommand.grant(role, tenant))
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget a user with all roles. What the user did stays recorded.",
            discussion: examples("corral user remove ann"))

        @Argument(help: "A user's name.")
        var name: String
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .done(let text) = try client.perform(.userRemove(UserRequest(name: name))) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(["done": .string(text)]) }
            terminal.say(printable(text))
        }
    }

    fileprivate static func grant(_ role: String, _ tenant: String?) throws -> RoleGrant {
        try RoleGrant(Role(role), tenant: tenant.map { try TenantID($0) })
    }

    fileprivate static func tell(
        _ request: ControlRequest, _ what: String, _ homeOptions: HomeOptions, _ jsonOption: JSONOption
    ) throws {
        let client = try HostConnection.open(try homeOptions.resolve())
        guard case .users(let users) = try client.perform(request), let user = users.first else {
            throw CorralError.unexpectedReply()
        }
        let terminal = Terminal.current()
        if jsonOption.json { return terminal.print(user.json) }
        terminal.say(printable(what))
        terminal.print(PeopleReport.users([user], terminal: terminal))
        if user.grants.isEmpty {
            terminal.say(terminal.talk.faint("next: corral user role grant \(user.name) developer --tenant TENANT"))
        }
    }
}
