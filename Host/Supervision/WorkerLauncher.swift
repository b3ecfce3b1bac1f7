// SPDX-License-Identifier: Apache-2.0
// WorkerLauncher: what the pool needs from whatever starts worker processes: the spawner, or a script in a test.

import CorralBase
import CorralSandbox
import CorralWire

/// The worker's ends of what connects it to the host. The pool closes them after the launch.
package struct WorkerEnds: Sendable {
    package var socket: Int32
    package var output: Int32
    package var crash: Int32
}

/// A worker to start and what it is given.
package struct WorkerLaunch: Sendable {
    package var key: WorkerKey
    /// Absolute folders that are there read-only, at the same place: the copies of the compartment's plugins, and what
    /// its C libraries need.
    package var readable: [String]
    package var writable: [WritableFolder]
    /// A folder that is made before the start, and writable then.
    package var storage: StorageFolder?
    /// Its tenant uses much processor time: starting it must not cost the others any.
    package var standsBack: Bool
    package var ends: WorkerEnds

    package init(
        key: WorkerKey, readable: [String] = [], writable: [WritableFolder] = [],
        storage: StorageFolder? = nil, standsBack: Bool = false,
        ends: WorkerEnds
    ) {
        self.key = key
        self.readable = readable
        self.writable = writable
        self.storage = storage
        self.standsBack = standsBack
        self.ends = ends
    }
}

package struct LaunchedWorker: Sendable {
    package var pid: Int32
    /// The isolation level in force, for people.
    package var level: String
    /// SIGKILL. Without effect when it is already gone.
    package var kill: @Sendable () -> Void
    /// What can be read and set of it; nil for a process that is not the system's, in tests.
    package var process: ProcessFolder?

    package init(pid: Int32, level: String, process: ProcessFolder? = nil, kill: @escaping @Sendable () -> Void) {
        self.pid = pid
        self.level = level
        self.process = process
        self.kill = kill
    }
}

/// How a worker process ended.
package struct WorkerExit: Sendable, Hashable {
    package enum Status: Sendable, Hashable {
        case exited(Int32)
        case signaled(Int32)
        /// Its parent died, and it with it.
        case spawnerLost
    }

    package var status: Status
    package var cpuNanoseconds: UInt64
    package var residentBytesMax: UInt64
    /// Whether it was killed because it used up the memory it may have.
    package var isOutOfMemory: Bool

    package init(
        status: Status, cpuNanoseconds: UInt64 = 0, residentBytesMax: UInt64 = 0, isOutOfMemory: Bool = false
    ) {
        self.status = status
        self.cpuNanoseconds = cpuNanoseconds
        self.residentBytesMax = residentBytesMax
        self.isOutOfMemory = isOutOfMemory
    }
}

package protocol WorkerLauncher: Sendable {
    /// Starts a process. `onExit` is called once, from any thread, perhaps before this returns; not when it throws.
    func launch(
        _ launch: WorkerLaunch, onExit: @escaping @Sendable (WorkerExit) -> Void
    ) async throws(CorralError) -> LaunchedWorker
}
