// SPDX-License-Identifier: Apache-2.0
// HostStatus: what a running host says about itself, for `host status` and `doctor`.

import CorralBase

package struct HostStatus: Sendable, Hashable, Codable {
    /// The host's own version, for example `0.1.0`.
    package var version: String
    package var pid: Int32
    /// Wall-clock nanoseconds since 1970.
    package var startedAt: Int64
    package var uptimeNanoseconds: Int64
    package var home: String
    /// True: started by a client, leaves when idle.
    package var isEphemeral: Bool
    /// What holds the workers: `basic`, `moderate`, `strict`.
    package var isolationLevel: String
    /// What the level, limits and users rest on, in words, for example `memory limited by cgroup v2`.
    package var isolationFacts: [String]
    package var workers: [WorkerStatus]
    package var plugins: Int
    /// Plugins that cannot be used.
    package var pluginErrors: Int
    package var runsActive: Int
    /// What the configuration asks for and is not there, one sentence each.
    package var degraded: [String]
    /// Counts since the start, by name, for example `calls`, `workers_crashed`, `stale_handles`.
    package var counters: [String: Int64]

    package init(
        version: String, pid: Int32, startedAt: Int64, uptimeNanoseconds: Int64, home: String, isEphemeral: Bool,
        isolationLevel: String, isolationFacts: [String] = [], workers: [WorkerStatus] = [], plugins: Int = 0,
        pluginErrors: Int = 0, runsActive: Int = 0, degraded: [String] = [],
        counters: [String: Int64] = [:]
    ) {
        self.version = version
        self.pid = pid
        self.startedAt = startedAt
        self.uptimeNanoseconds = uptimeNanoseconds
        self.home = home
        self.isEphemeral = isEphemeral
        self.isolationLevel = isolationLevel
        self.isolationFacts = isolationFacts
        self.workers = workers
        self.plugins = plugins
        self.pluginErrors = pluginErrors
        self.runsActive = runsActive
        self.degraded = degraded
        self.counters = counters
    }
}

package struct WorkerStatus: Sendable, Hashable, Codable {
    /// The worker's key as text.
    package var key: String
    package var pid: Int32
    /// `starting`, `ready`, `draining`…
    package var state: String
    package var plugins: [String]
    package var callsRunning: Int
    /// Wall-clock nanoseconds since 1970.
    package var startedAt: Int64
    /// The isolation it was started with; empty while it starts.
    package var isolationLevel: String

    package init(
        key: String, pid: Int32, state: String, plugins: [String], callsRunning: Int, startedAt: Int64,
        isolationLevel: String = ""
    ) {
        self.key = key
        self.pid = pid
        self.state = state
        self.plugins = plugins
        self.callsRunning = callsRunning
        self.startedAt = startedAt
        self.isolationLevel = isolationLevel
    }
}
