// SPDX-License-Identifier: Apache-2.0
// ServeCommand: `corral serve`: the host in the foreground. Commands start it for themselves with --ephemeral.

import ArgumentParser
import CorralBase
import CorralCommand
import CorralHome
import CorralServe

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the host until Ctrl-C or `corral host stop`.",
        discussion: examples("corral serve", "corral serve --home /var/lib/corral"))

    @OptionGroup var homeOptions: HomeOptions

    @Flag(help: ArgumentHelp("Leave when idle.", visibility: .hidden))
    var ephemeral = false

    @Option(
        help: ArgumentHelp(
            "Exactly this isolation for every worker: basic, moderate or strict.", visibility: .hidden))
    var isolation: IsolationLevel?

    @Option(help: ArgumentHelp("The descriptor to say on how the start went.", visibility: .hidden))
    var readiness: Int32?

    func run() async throws {
        let pipe = try readiness.map { try ReadinessPipe($0) }
        do {
            let host = HostMain(
                home: try homeOptions.resolve(), installation: try Installation.current(), isEphemeral: ephemeral,
                level: isolation, whenReady: { pipe?.send(.ready) })
            try await host.serve()
        } catch {
            pipe?.send(.failed(error as? CorralError ?? .internalFault("\(error)")))
            throw error
        }
    }
}
