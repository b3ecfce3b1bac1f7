// SPDX-License-Identifier: Apache-2.0
// ResourceLimits: what one process may use of the machine: setrlimit(2) everywhere, cgroups where they can be written.

import CSpawnerProtocol
import CorralBase
import Glibc

package struct ResourceLimits: Sendable, Hashable {
    /// Address space. It holds thread stacks (8 MiB each, mostly never touched) and mapped requests too.
    package var addressSpaceBytes: UInt64 = 4 << 30
    /// Memory really used, page cache of its own files included; more ends the process. Nil = no limit. By cgroup only.
    package var memoryBytes: UInt64? = 1 << 30
    package var openFiles: UInt64 = 512
    /// Processes and threads.
    package var processes: UInt64 = 256
    /// The longest file it may write. Pipes and sockets do not count.
    package var fileBytes: UInt64 = 64 << 20
    package var stackBytes: UInt64 = 64 << 20
    /// Processor time in all; nil = no limit.
    package var processorSeconds: UInt64?
    /// Processors it may keep busy; nil = its fair share of all. By cgroup only.
    package var processors: Double?
    /// The private /tmp of level strict, which is memory.
    package var temporaryBytes: UInt64 = 16 << 20
    package var temporaryFiles: UInt32 = 1024

    package init() {}

    /// With what no process here ever needs set to nothing: core files (they would hold a tenant's data), locked memory,
    /// message queues, priorities above the host's.
    func entries(countsOwnProcesses: Bool) -> [corral_spawner_limit] {
        var values: [(UInt32, UInt64)] = [
            (limit(RLIMIT_CORE), 0), (limit(RLIMIT_AS), addressSpaceBytes), (limit(RLIMIT_NOFILE), openFiles),
            (limit(__RLIMIT_NPROC), countsOwnProcesses ? processes : max(processes, Self.sharedProcesses)),
            (limit(RLIMIT_FSIZE), fileBytes), (limit(RLIMIT_STACK), stackBytes), (limit(__RLIMIT_MEMLOCK), 0),
            (limit(__RLIMIT_MSGQUEUE), 0), (limit(__RLIMIT_NICE), 0), (limit(__RLIMIT_RTPRIO), 0),
            (limit(__RLIMIT_SIGPENDING), 128),
        ]
        if let processorSeconds { values.append((limit(RLIMIT_CPU), processorSeconds)) }
        return values.map { corral_spawner_limit(resource: $0.0, reserved: 0, value: $0.1) }
    }

    /// Without a user or a user namespace of its own a process is counted with everything else its user runs, which must
    /// go on. What bounds its threads then is the address space that their stacks take.
    private static let sharedProcesses: UInt64 = 4096

    private func limit(_ resource: __rlimit_resource) -> UInt32 { UInt32(resource.rawValue) }
}
