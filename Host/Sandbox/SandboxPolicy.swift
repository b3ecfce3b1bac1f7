// SPDX-License-Identifier: Apache-2.0
// SandboxPolicy: what is asked of the isolation of a tenant's processes, and what each of them may use.

import CorralBase

/// How a tenant's processes are kept.
package struct SandboxPolicy: Sendable, Hashable {
    /// The least isolation; a launch that cannot have it fails. Nil = the best there is.
    package var minimum: IsolationLevel?
    /// Exactly this level, or the launch fails: for tests and demonstrations. Nil = the best there is.
    package var level: IsolationLevel?
    package var limits: ResourceLimits
    /// The user and group that the processes run as; only root can give one. Nil = the host's own.
    package var user: UInt32?

    package init(
        minimum: IsolationLevel? = nil, level: IsolationLevel? = nil, limits: ResourceLimits = ResourceLimits(),
        user: UInt32? = nil
    ) {
        self.minimum = minimum
        self.level = level
        self.limits = limits
        self.user = user
    }
}

/// A folder that a process may write: at the same path inside, never with a program that could be run from it.
package struct WritableFolder: Sendable, Hashable {
    /// Absolute. It exists.
    package var path: String

    package init(_ path: String) { self.path = path }
}
