// SPDX-License-Identifier: Apache-2.0
// IsolationLevel: how far a worker is cut off from the machine. One type for what is asked for and what is in force.

/// What stands between a worker and the machine; a later case is stronger.
package enum IsolationLevel: String, Sendable, Codable, Hashable, CaseIterable, Comparable {
    /// seccomp and resource limits. Files that the host's user can read stay readable: for one tenant only, unless each
    /// has a user of its own.
    case basic
    /// Landlock too: no file but the given ones, whatever the user may read. Needs no user namespaces.
    case moderate
    /// Namespaces and a root of its own too: nothing but what was given exists.
    case strict

    package static func < (a: IsolationLevel, b: IsolationLevel) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .basic: 0
        case .moderate: 1
        case .strict: 2
        }
    }
}
