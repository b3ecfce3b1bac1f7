// SPDX-License-Identifier: Apache-2.0
// NotifyCommand: `corral notify list|show|retry|test`: who was told of what, and what could not be told.

import ArgumentParser
import CorralBase
import CorralControl

package struct NotifyCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "notify", abstract: "See what was sent to whom, try it again, test a channel.",
        discussion: "Channels and rules stand in corral.yaml, section `notifications`.\n\n"
            + examples(
                "corral notify list", "corral notify list --state failed", "corral notify show msg_4k2",
                "corral notify test ops"),
        subcommands: [List.self, Show.self, Retry.self, Test.self])

    package init() {}

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List channels and deliveries, the newest first.",
            discussion: examples(
                "corral notify list", "corral notify list --state pending --channel desk", "corral notify list --json"))

        @Option(help: "Only those in this state: pending, delivered or failed.")
        var state: State?
        @Option(help: ArgumentHelp("Only those of this channel.", valueName: "channel"))
        var channel: String?
        @Option(help: "At most so many.")
        var limit = 20
        @OptionGroup var tenantOptions: TenantOptions
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        enum State: String, ExpressibleByArgument, CaseIterable { case pending, delivered, failed }

        func run() throws {
            let request = NotifyListRequest(
                tenant: try tenantOptions.resolve(), state: state?.rawValue, channel: channel, limit: limit)
            let client = try HostConnection.open(try homeOptions.resolve())
            guard case .notifyListing(let listing) = try client.perform(.notifyList(request)) else {
                throw CorralError.unexpectedReply()
            }
            let terminal = Terminal.current()
            if jsonOption.json { return terminal.print(listing.json) }
            terminal.print(NotifyReport.list(listing, terminal: terminal))
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a delivery: what it says, and every attempt.",
            discussion: examples("corral notify show msg_4k2", "corral notify show msg_4k2 --json"))

        @Argument(help: "A delivery's id, or its beginning.")
        var delivery: String
        @OptionGroup var tenantOptions: TenantOptions
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let reference = NotifyReference(tenant: try tenantOptions.resolve(), delivery: delivery)
            try NotifyCommand.show(.notifyShow(reference), nil, homeOptions, jsonOption)
        }
    }

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try a delivery again now; starts its channel when it was stopped.",
            discussion: examples("corral notify retry msg_4k2"))

        @Argument(help: "A delivery's id, or its beginning.")
        var delivery: String
        @OptionGroup var tenantOptions: TenantOptions
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let reference = NotifyReference(tenant: try tenantOptions.resolve(), delivery: delivery)
            try NotifyCommand.show(.notifyRetry(reference), "trying again", homeOptions, jsonOption)
        }
    }

    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a message to a channel and say what became of the first attempt.",
            discussion: examples("corral notify test ops"))

        @Argument(help: "A channel of `notifications.channels`.")
        var channel: String
        @OptionGroup var tenantOptions: TenantOptions
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = NotifyChannelRequest(tenant: try tenantOptions.resolve(), channel: channel)
            let detail = try NotifyCommand.show(.notifyTest(request), nil, homeOptions, jsonOption)
            // A script asks whether the channel works.
            guard detail.state == "delivered" else { throw Ended(status: .failed) }
        }
    }

    @discardableResult
    fileprivate static func show(
        _ request: ControlRequest, _ what: String?, _ homeOptions: HomeOptions, _ jsonOption: JSONOption
    ) throws -> DeliveryDetail {
        let client = try HostConnection.open(try homeOptions.resolve())
        guard case .delivery(let detail) = try client.perform(request) else { throw CorralError.unexpectedReply() }
        let terminal = Terminal.current()
        if jsonOption.json {
            terminal.print(detail.json)
        } else {
            if let what { terminal.say(what) }
            terminal.print(NotifyReport.show(detail, terminal: terminal))
        }
        return detail
    }
}
