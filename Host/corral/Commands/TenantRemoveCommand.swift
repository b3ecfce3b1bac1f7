// SPDX-License-Identifier: Apache-2.0
// TenantRemoveCommand: `corral tenant remove`. What it does cannot be taken back, so a person types the tenant's name and
// a script says --yes.

import ArgumentParser
import CorralBase
import CorralControl
import Glibc

extension TenantCommand {
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a tenant with everything it has, after archiving it.",
            discussion: "Runs, values, traces, artifacts, memory, plugins of its own and workers go. Before, all of its"
                + " files are\nkept in one file of the home's folder archive/, unless --no-archive is given.\n\n"
                + examples("corral tenant remove acme", "corral tenant remove acme --yes --force --no-archive"))

        @Argument(help: "A tenant's name.")
        var tenant: String
        @Flag(help: "Do not ask.")
        var yes = false
        @Flag(help: "Cancel runs that are under way instead of refusing.")
        var force = false
        @Flag(inversion: .prefixedNo, help: "Keep everything in an archive.")
        var archive = true
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let request = TenantRemoveRequest(tenant: try TenantID(tenant), isForced: force, isArchived: archive)
            let home = try homeOptions.resolve()
            let terminal = Terminal.current()
            if !yes { try confirm(terminal) }
            let client = try HostConnection.open(home)
            // An archive of gigabytes takes minutes.
            if terminal.isLive { terminal.say("removing tenant \(tenant)…") }
            guard case .tenantRemoved(let removal) = try client.perform(.tenantRemove(request)) else {
                throw CorralError.unexpectedReply()
            }
            if jsonOption.json { return terminal.print(removal.json) }
            terminal.say(TenantReport.removed(removal))
        }

        /// Only the name itself is a yes.
        private func confirm(_ terminal: Terminal) throws {
            guard isatty(STDIN_FILENO) == 1 else {
                throw CorralError.usage(
                    "removing tenant \"\(tenant)\" needs a confirmation and there is no terminal to ask at",
                    hint: "say it on the command line: corral tenant remove \(tenant) --yes")
            }
            let kept = archive ? "An archive is kept." : "No archive is kept."
            terminal.say("This removes all runs, values, artifacts, memory and plugins of tenant \(tenant). \(kept)")
            Terminal.write("Type the tenant's name to go on: ", STDERR_FILENO)
            guard readLine() == tenant else {
                terminal.say("nothing was removed")
                throw Ended(status: .failed)
            }
        }
    }
}
