// SPDX-License-Identifier: Apache-2.0
// IsolationLevel: how far a worker is cut off, recorded with every worker so that nobody has to guess.

/// What stands between a worker and the machine.
package enum IsolationLevel: String, Sendable, Codable, Hashable {
    /// A process of its own in a session of its own: cleared environment, no descriptor but its own five, no new
    /// privileges, resource limits, killed with the host. It shares the host's user, files and network.
    case process
}
