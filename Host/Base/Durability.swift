// SPDX-License-Identifier: Apache-2.0
// Durability: how much of a run survives what; the `mode` of flows, configuration and the command line.

/// When an append returns.
package enum Durability: String, Sendable, Hashable, Codable, CaseIterable {
    /// After fsync: survives a power cut.
    case sync
    /// After the write to the write-ahead log: survives `kill -9` of every process, not a power cut.
    case async
    /// The caller keeps the records until the run ends; an append itself treats it as `sync`.
    case exit
}
