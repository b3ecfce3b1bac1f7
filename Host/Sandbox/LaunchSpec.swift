// SPDX-License-Identifier: Apache-2.0
// LaunchSpec: everything that makes one child process what it is. Nothing is inherited: what is not here, it has not.

import CSpawnerProtocol
import CorralBase

/// A process to start and what it may use.
package struct LaunchSpec: Sendable {
    /// What kind of process it is, which decides the system calls it may make.
    package enum Profile: Sendable, Hashable, CaseIterable {
        /// `corral-worker`: threads, its files and its socket; no children, no network.
        case worker
        /// A program of the operator's: may start children, all of which end with it; no network.
        case program
        /// `corral-broker`: the network and what resolves names and checks certificates; no children, no other files.
        case broker
    }

    package var profile: Profile
    /// Absolute path of the program.
    package var executable: String
    /// What follows the program's name. A worker's is only for people who read `ps`, for example "acme·shared·3".
    package var arguments: [String]
    /// The whole environment, `NAME=value`.
    package var environment: [String]
    package var policy: SandboxPolicy
    /// Absolute paths of folders and files that are there read-only, at the same place, besides what every process
    /// needs to run at all.
    package var readable: [String]
    package var writable: [WritableFolder]
    package var descriptors: [GivenDescriptor]
    /// Whether it gets only the processor time that nobody else wants, from its first instruction on, where it has a
    /// control group.
    package var standsBack: Bool

    package init(
        profile: Profile, executable: String, arguments: [String] = [],
        environment: [String] = LaunchSpec.workerEnvironment, policy: SandboxPolicy = SandboxPolicy(),
        readable: [String] = [], writable: [WritableFolder] = [], descriptors: [GivenDescriptor],
        standsBack: Bool = false
    ) {
        self.profile = profile
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.policy = policy
        self.readable = readable
        self.writable = writable
        self.descriptors = descriptors
        self.standsBack = standsBack
    }

    /// No path, no home, nothing of the host's. Two malloc arenas, or each thread of a worker would reserve 64 MiB; no
    /// Swift backtracer, which costs 50 ms at a crash and starts a process. The Swift runtime is named, because without
    /// /proc the loader cannot find out where a program lies, and `$ORIGIN` in it means nothing.
    package static let workerEnvironment =
        ["TZ=UTC", "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no", "MALLOC_ARENA_MAX=2"]
        + (SystemFolders.swiftRuntime.map { ["LD_LIBRARY_PATH=" + $0] } ?? [])
}

/// A descriptor that the child gets, under a number of its own. 0 is `/dev/null` unless given; all others are closed.
package struct GivenDescriptor: Sendable, Hashable {
    /// The child's number, 0 to 15.
    package var number: Int32
    /// The host's descriptor; it stays the caller's, who closes its copy when `launch` has returned.
    package var descriptor: Int32

    package init(_ number: Int32, _ descriptor: Int32) {
        self.number = number
        self.descriptor = descriptor
    }

    /// What `corral-worker` expects: output on 1 and 2, its socket on 3, the pipe of the crash record on 4.
    package static func worker(socket: Int32, output: Int32, crash: Int32) -> [GivenDescriptor] {
        [Self(1, output), Self(2, output), Self(3, socket), Self(4, crash)]
    }
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
    /// Whether the kernel killed it because its control group had no memory left.
    package var isOutOfMemory: Bool

    package init(
        status: Status, userNanoseconds: UInt64 = 0, systemNanoseconds: UInt64 = 0, maxRSSBytes: UInt64 = 0,
        isOutOfMemory: Bool = false
    ) {
        self.status = status
        self.userNanoseconds = userNanoseconds
        self.systemNanoseconds = systemNanoseconds
        self.maxRSSBytes = maxRSSBytes
        self.isOutOfMemory = isOutOfMemory
    }
}
