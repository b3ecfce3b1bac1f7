// SPDX-License-Identifier: Apache-2.0
// HostServices: the one door through which workers ask the host for something. The pool has checked the frame; whoever
// stands behind the door checks the grant.

import CorralBase
import CorralCatalog
import CorralWire

/// A plugin's use of a host service. All that is known for certain is the worker it came from: plugins in one process
/// share its socket, so `call` may be any live call of that worker, and `plugin` is the plugin of that call.
package struct WorkerServiceRequest: Sendable {
    package var call: CallID
    package var plugin: CatalogEntry
    /// The service's extension id, for example `corral.host.tool/1`.
    package var service: String
    package var method: String
    /// At most 1 MiB.
    package var body: [UInt8]
}

package struct ServiceAnswer: Sendable {
    /// A `corral_status`: 0 or negative.
    package var status: Int32
    /// With a negative status a JSON object {"code", "message", "retryable"}.
    package var result: [UInt8]
    /// What becomes the plugin's: a connected socket, pipes.
    package var descriptors: [OwnedDescriptor]

    package init(status: Int32, result: [UInt8], descriptors: [OwnedDescriptor] = []) {
        self.status = status
        self.result = result
        self.descriptors = descriptors
    }
}

package protocol HostServices: Sendable {
    /// Answers a request. Requests of one call begin in the order the worker sent them. The task is cancelled when the
    /// call ends first; the answer is then dropped.
    /// - Parameter emit: sends events before the answer.
    func receive(
        _ request: WorkerServiceRequest, from worker: WorkerKey, emit: @escaping ServiceEmit
    ) async -> ServiceAnswer
}
