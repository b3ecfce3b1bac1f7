// SPDX-License-Identifier: Apache-2.0
// HostConnection: a client for the home's host. The command line is always a client, so there is one mode to test; with
// no host running it starts one that leaves when idle.

import CorralBase
import CorralControl
import CorralHome
import Glibc

enum HostConnection {
    static func socket(of home: Home) -> String { home.path + "/control.sock" }

    /// Connects to the running host.
    /// - Throws: `host_not_running`, or why the host refuses.
    static func existing(_ home: Home) throws -> ControlClient {
        do {
            return try ControlClient.connect(path: socket(of: home))
        } catch let error as CorralError where error.code == .hostUnreachable {
            throw CorralError.hostNotRunning(home: home.path)
        }
    }

    /// Connects to the running host, or starts one and connects to that.
    /// - Throws: why a host could not be started or refuses.
    static func open(_ home: Home, launcher: HostLauncher? = nil) throws -> ControlClient {
        do {
            return try existing(home)
        } catch let error as CorralError where error.code == .hostNotRunning {
            try home.prepare()
            do {
                try (launcher ?? HostLauncher(home: home)).launch()
            } catch let error as CorralError where error.code == .homeLocked {
                // Another client was faster, or the last host is just leaving.
                return try awaitWinner(home, lost: error)
            }
            return try existing(home)
        }
    }

    /// The host that holds the lock listens in a moment.
    private static func awaitWinner(_ home: Home, lost: CorralError) throws -> ControlClient {
        for _ in 0..<200 {
            if let client = try? existing(home) { return client }
            poll(nil, 0, 50)
        }
        throw lost
    }
}
