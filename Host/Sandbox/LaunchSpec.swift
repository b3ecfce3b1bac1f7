// SPDX-License-Identifier: Apache-2.0
// LaunchSpec: everything that makes one child process what it is. Nothing is inherited: what is not here, it has not.

import CSpawnerProtocol
import Glibc

/// A process to start and what it may use.
package struct LaunchSpec: Sendable {
    /// Absolute path of the program.
    package var executable: String
    /// Shown by `ps` behind the program's name, for example "acme·shared·3". The program must not depend on it.
    package var label: String
    /// The whole environment, `NAME=value`.
    package var environment: [String]
    package var limits: ResourceLimits
    /// Becomes descriptor 3. This and the next two stay the caller's; it closes its copies when `launch` has returned.
    package var socket: Int32
    /// Becomes descriptors 1 and 2: the writing end of a pipe.
    package var output: Int32
    /// Becomes descriptor 4: the writing end of the pipe for the crash record.
    package var crash: Int32

    package init(
        executable: String, label: String, environment: [String] = LaunchSpec.workerEnvironment,
        limits: ResourceLimits = ResourceLimits(), socket: Int32, output: Int32, crash: Int32
    ) {
        self.executable = executable
        self.label = label
        self.environment = environment
        self.limits = limits
        self.socket = socket
        self.output = output
        self.crash = crash
    }

    /// No path, no home, nothing of the host's. Two malloc arenas, or each thread of a worker would reserve 64 MiB; no
    /// Swift backtracer, which costs 50 ms at a crash and starts a process.
    package static let workerEnvironment = [
        "TZ=UTC", "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no", "MALLOC_ARENA_MAX=2",
    ]
}

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

/// The spawner's number of a child, never used twice by one host process.
package struct LaunchID: Hashable, Sendable, CustomStringConvertible {
    package let number: UInt64
    package var description: String { String(number) }
}

/// A child that has become its program.
package struct Launched: Sendable, Hashable {
    package let id: LaunchID
    /// For people and logs only: a process id is reused, so nothing is ever decided by it.
    package let pid: Int32
    package let level: IsolationLevel
}

/// How a child ended and what it used.
package struct ExitReport: Sendable, Hashable {
    package enum Status: Sendable, Hashable {
        case exited(code: Int32)
        case signaled(Int32)
        /// The spawner itself died, and the kernel killed its children with it.
        case spawnerLost
    }

    package var status: Status
    package var userNanoseconds: UInt64
    package var systemNanoseconds: UInt64
    package var maxRSSBytes: UInt64

    package init(
        status: Status, userNanoseconds: UInt64 = 0, systemNanoseconds: UInt64 = 0, maxRSSBytes: UInt64 = 0
    ) {
        self.status = status
        self.userNanoseconds = userNanoseconds
        self.systemNanoseconds = systemNanoseconds
        self.maxRSSBytes = maxRSSBytes
    }
}
