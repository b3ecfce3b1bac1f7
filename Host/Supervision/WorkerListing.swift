// SPDX-License-Identifier: Apache-2.0
// WorkerListing: a worker as `corral doctor` and `corral runs show` present it.

import CorralBase

package struct WorkerListing: Sendable, Hashable, Codable {
    package enum State: String, Sendable, Hashable, Codable {
        /// The process starts or says hello.
        case starting
        /// Loads what the generation before it has, and takes no calls until all of it is there.
        case checking
        /// Takes calls.
        case serving
        /// Finishes its calls and takes no new ones.
        case draining
        /// Asked to stop, or killed; not gone yet.
        case stopping
        case gone
    }

    package var key: WorkerKey
    package var pid: Int32
    package var level: String
    package var state: State
    /// Loaded plugins, sorted.
    package var plugins: [PluginID]
    package var callsRunning: Int
    package var callsEnded: Int
    /// CLOCK_MONOTONIC nanoseconds.
    package var startedAt: UInt64
    /// Known after the process is gone.
    package var cpuNanoseconds: UInt64?
    package var residentBytesMax: UInt64?
    package var ending: String?
}

/// A line that belongs to no call: a worker's own, what a plugin wrote to stdout or stderr, or the pool's about a worker.
package struct WorkerLogLine: Sendable, Hashable {
    package var worker: WorkerKey
    package var level: LogLevel
    /// Nil when several plugins may have written it.
    package var plugin: PluginID?
    package var text: String
}
