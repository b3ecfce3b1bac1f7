// SPDX-License-Identifier: Apache-2.0
// Probe: how the catalogue asks a library for its manifest without ever loading it: through a throw-away worker, which
// Supervision provides; and the cache of the answers.

import CorralBase

package struct ProbeRequest: Sendable {
    package var loadPath: String
    /// The load message's description of C functions; nil for a library with an entry point.
    package var native: [UInt8]?

    package init(loadPath: String, native: [UInt8]? = nil) {
        self.loadPath = loadPath
        self.native = native
    }
}

package enum ProbeOutcome: Sendable, Hashable {
    /// The manifest's bytes (empty for native libraries) and the JSON list of C functions (empty when none).
    case answered(manifest: [UInt8], tools: [UInt8])
    /// The library is at fault; the same file will fail again.
    case failed(LoadProblem)
    /// No probe could be made; says nothing about the library.
    case unavailable(CorralError)
}

/// Loads a library in a process that is thrown away. `CorralSupervision.WorkerProber` is the implementation.
package protocol PluginProber: Sendable {
    func probe(_ request: ProbeRequest) async -> ProbeOutcome
    /// The Swift toolchain of the workers, as in the ELF note of plugins; nil when unknown.
    var workerToolchain: String? { get async }
}

/// Remembers probe answers by what was probed and by which build of the host. The host's store implements it.
package protocol ProbeCache: Sendable {
    func get(_ key: String) async -> [UInt8]?
    func put(_ key: String, _ value: [UInt8]) async
}

/// A cache that lives as long as the process, for tests and for hosts without a store.
package actor MemoryProbeCache: ProbeCache {
    private var values: [String: [UInt8]] = [:]

    package init() {}
    package func get(_ key: String) -> [UInt8]? { values[key] }
    package func put(_ key: String, _ value: [UInt8]) { values[key] = value }
}
