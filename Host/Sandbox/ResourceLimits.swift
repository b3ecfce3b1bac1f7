// SPDX-License-Identifier: Apache-2.0
// ResourceLimits: what one process may use of the machine, as setrlimit(2) counts it.

import CSpawnerProtocol
import Glibc

/// The resource limits of one process (setrlimit(2)); soft and hard are the same.
package struct ResourceLimits: Sendable, Hashable {
    /// Address space. It holds thread stacks (8 MiB each, mostly never touched) and mapped requests too.
    package var addressSpaceBytes: UInt64 = 4 << 30
    package var openFiles: UInt64 = 512
    /// Processes and threads of the user; the kernel does not hold root to it.
    package var processes: UInt64 = 4096
    /// The longest file it may write. Pipes and sockets do not count.
    package var fileBytes: UInt64 = 64 << 20
    package var stackBytes: UInt64 = 64 << 20
    /// Processor time in all; nil = no limit.
    package var processorSeconds: UInt64?

    package init() {}

    /// With what no worker ever needs set to nothing: core files (they would hold a tenant's data), locked memory,
    /// message queues, real-time priority.
    var entries: [corral_spawner_limit] {
        var values: [(UInt32, UInt64)] = [
            (limit(RLIMIT_CORE), 0), (limit(RLIMIT_AS), addressSpaceBytes), (limit(RLIMIT_NOFILE), openFiles),
            (limit(__RLIMIT_NPROC), processes), (limit(RLIMIT_FSIZE), fileBytes), (limit(RLIMIT_STACK), stackBytes),
            (limit(__RLIMIT_MEMLOCK), 0), (limit(__RLIMIT_MSGQUEUE), 0), (limit(__RLIMIT_RTPRIO), 0),
        ]
        if let processorSeconds { values.append((limit(RLIMIT_CPU), processorSeconds)) }
        return values.map { corral_spawner_limit(resource: $0.0, reserved: 0, value: $0.1) }
    }

    private func limit(_ resource: __rlimit_resource) -> UInt32 { UInt32(resource.rawValue) }
}
