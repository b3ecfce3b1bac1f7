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

    /// Connects to the running host, or starts one and connects to that. While the last host is leaving, or another client
    /// is starting one, it waits: nothing has been asked yet, so nothing can happen twice.
    /// - Throws: why a host could not be started or refuses.
    static func open(_ home: Home, launcher: HostLauncher? = nil) throws -> ControlClient {
        for _ in 0..<patienceSteps {
            if let client = try attempt(home, launcher) { return client }
            poll(nil, 0, 50)
        }
        return try existing(home)
    }

    /// Ten seconds: what a leaving host gives its runs, twice.
    private static let patienceSteps = 200

    /// Nil when it is worth another try in a moment.
    private static func attempt(_ home: Home, _ launcher: HostLauncher?) throws -> ControlClient? {
        do {
            return try existing(home)
        } catch let error as CorralError where error.code == .hostNotRunning {
            try home.prepare()
            do {
                try (launcher ?? HostLauncher(home: home)).launch()
            } catch let error as CorralError where error.code == .homeLocked {
                return nil
            }
            return try existing(home)
        } catch let error as CorralError where error.code == .hostGone {
            return nil
        }
    }
}
