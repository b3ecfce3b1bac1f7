// SPDX-License-Identifier: Apache-2.0
// PluginAdd: `corral plugin add`: puts a library into plugins.d, atomically, when its name is free.

import ArgumentParser
import CorralBase
import CorralHome

extension PluginCommand {
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a plugin into plugins.d, where a running host takes it up at once.",
            discussion: examples(
                "corral plugin add .", "corral plugin add .build/release/libgreeter.so",
                "corral plugin add greeter.so --tenant acme"))

        @Argument(help: "A library, a folder with lib.so, or a folder with sources, which is built first.")
        var plugin: String
        @OptionGroup var tenantOptions: TenantOptions
        @OptionGroup var homeOptions: HomeOptions
        @OptionGroup var jsonOption: JSONOption

        func run() throws {
            let terminal = Terminal.current()
            let home = try homeOptions.resolve()
            let adder = PluginAdder(
                home: home, tenant: try tenantOptions.resolve(), installation: try Installation.current())
            let source = try PluginSource.resolve(plugin, terminal: terminal)
            let client = try HostConnection.open(home)
            let added = try adder.add(source, client: client)
            let detail = try adder.confirm(added, client: client)
            let next = detail.runCommand(tenant: adder.tenant)
            if jsonOption.json {
                return terminal.print([
                    "id": .string(added.id), "version": .string(added.version),
                    "replaced": added.oldVersion.map { .string($0) } ?? .null, "path": .string(added.path),
                    "digest": .string(detail.digest), "next": .string(next),
                ])
            }
            let change =
                added.oldVersion.map { $0 == added.version ? "replaced" : "was \($0)" } ?? "new"
            terminal.print("\(added.id) \(added.version) (\(change)) in \(printable(Path.shortened(added.path)))")
            terminal.say(terminal.talk.faint("next: \(next)"))
        }
    }
}
