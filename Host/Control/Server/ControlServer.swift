// SPDX-License-Identifier: Apache-2.0
// ControlServer: the host's half of the control socket. One thread serves every client with non-blocking sockets; the
// verbs themselves run as tasks. No client can hold up the host or another client.

import CorralBase
import CorralControl
import CorralWire
import Glibc

/// How long a client may take. Tests shorten them.
package struct ControlPatience: Sendable {
    /// For the greeting, and for the rest of a frame that has begun.
    package var frame: Duration
    /// For reading anything of what waits for it.
    package var reading: Duration
    /// For requests under way when the server stops.
    package var stopping: Duration

    package init(
        frame: Duration = .seconds(10), reading: Duration = .seconds(30), stopping: Duration = .seconds(3)
    ) {
        self.frame = frame
        self.reading = reading
        self.stopping = stopping
    }
}

/// Whom the control socket lets in.
package enum ControlAccess: Sendable, Hashable {
    /// Its owner and root.
    case owner
    /// Members of a group of the system, by its number, too.
    case group(UInt32)
    case everyone

    var mode: mode_t {
        switch self {
        case .owner: 0o600
        case .group: 0o660
        case .everyone: 0o666
        }
    }
}

package final class ControlServer: Sendable {
    private let loop: ControlLoop

    /// Listens and serves until `stop`. The caller holds the home's lock.
    ///
    /// - Parameters:
    ///   - path: `control.sock` in the home; made with the mode that `access` says.
    ///   - owner: the user whose clients are always served, as root's are.
    ///   - access: who else may come. What they may do the handler decides.
    /// - Throws: `control_socket_failed`.
    package init(
        path: String, handler: any ControlHandler, owner: UInt32 = geteuid(), access: ControlAccess = .owner,
        clientsMax: Int = Limits.controlClientsMax, patience: ControlPatience = ControlPatience()
    ) throws {
        loop = try ControlLoop(
            path: path, listener: try ControlListener.open(path, access), handler: handler, owner: owner,
            access: access, clientsMax: clientsMax, patience: patience)
    }

    /// Clients that are connected now.
    package var clientCount: Int { loop.clientCount }

    /// Takes no more clients: the first act of a host that ends, so that nobody asks a host that cannot answer any more.
    package func stopListening() { loop.stopListening() }

    /// Takes no more clients and requests, lets those under way end within the patience, closes and removes the socket.
    /// Blocks until that is done; do not call it from a task that answers a request.
    package func stop() { loop.stop() }
}
