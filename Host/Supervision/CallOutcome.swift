// SPDX-License-Identifier: Apache-2.0
// CallOutcome: how a call ended and what it cost.

import CorralBase
import CorralCatalog
import CorralWire

package struct CallOutcome: Sendable {
    package enum Ending: Sendable {
        case success(CallSuccess)
        case failure(CallFailure)
    }

    package var ending: Ending
    package var metrics: CallMetrics
}

package struct CallSuccess: Sendable {
    /// What the plugin pushed; not yet checked to be JSON.
    package var result: [UInt8]
    /// In the order of their first bytes.
    package var artifacts: [ProducedArtifact]
    /// 0 to 1, or nil when not stated.
    package var confidence: Double?
    package var changes: [Change]
}

package struct CallFailure: Sendable {
    package var error: CorralError
    /// The plugin did nothing wrong: run the call again without counting an attempt.
    package var isInfrastructure: Bool
    /// What the plugin's own error said, for `retry.on`; nil when the failure is not the plugin's word.
    package var pluginCode: String?
    /// A JSON text with the plugin's details, or nil.
    package var details: String?
}

/// A file that a call produced.
package struct ProducedArtifact: Sendable {
    package enum Content: Sendable {
        case bytes([UInt8])
        /// Reads from its start; no name on disk.
        case file(OwnedDescriptor, bytes: Int)
    }

    package var name: String
    package var mediaType: String
    package var content: Content

    package var bytes: Int {
        switch content {
        case .bytes(let bytes): bytes.count
        case .file(_, let bytes): bytes
        }
    }
}

package struct CallMetrics: Sendable, Hashable {
    package var queuedNanoseconds: UInt64 = 0
    /// From sending the call to its completion; 0 when it was never sent.
    package var runningNanoseconds: UInt64 = 0
    /// Processor time of the worker's thread in the plugin's function, as the worker says.
    package var cpuNanoseconds: UInt64 = 0
    /// The call's share of its process's processor time, and the most its process held, as the kernel says.
    package var processorNanoseconds: UInt64 = 0
    package var residentBytesMax: UInt64 = 0
    package var worker: WorkerKey?
    package var workerPID: Int32 = 0
    /// The content that ran: the one that was current when the call was sent. Nil when it never was.
    package var plugin: ContentDigest?
    /// Bytes of the request and its artifacts, and bytes of everything the call sent.
    package var bytesIn: UInt64 = 0
    package var bytesOut: UInt64 = 0

    package init() {}
}
