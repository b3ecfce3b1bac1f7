// SPDX-License-Identifier: Apache-2.0
// Services: the one entry for what plugins ask of the host. It finds the asking call in the host's own tables, so that
// tenant, run, step and grants are facts of the host and not claims of a worker, and sends each request down the
// pipeline like any other call.

import CorralBase
import CorralPipeline
import CorralStore
import CorralWire

/// What a plugin's call asks of a host service.
package struct ServiceRequest: Sendable {
    /// The call on whose behalf it is asked; the connection has checked that this worker runs it.
    package var call: UInt64
    /// The service's extension id.
    package var service: String
    package var method: String
    package var body: [UInt8]

    package init(call: UInt64, service: String, method: String, body: [UInt8]) {
        self.call = call
        self.service = service
        self.method = method
        self.body = body
    }
}

package enum ServiceAnswer: Sendable {
    case success([UInt8])
    case failure(ServiceStatus, CorralError)
}

/// The negative `corral_status` values a service answers with.
package enum ServiceStatus: Int32, Sendable {
    case cancelled = -1
    case invalid = -2
    case failed = -3
    case unavailable = -4
    case denied = -5
    case unsupported = -6
    case limit = -7
    case timeout = -8
    case gone = -9
}

/// A call that a worker is running, as the services need it.
package struct LiveCall: Sendable {
    package var call: Call
    /// Whether the plugin's grants cover `publisher/name.tool`.
    package var mayUse: @Sendable (String) -> Bool
    /// How often each equal request was made, so that the n-th of them is found again in the journal.
    var ordinals: [EffectKey: Int] = [:]

    package init(call: Call, mayUse: @escaping @Sendable (String) -> Bool) {
        self.call = call
        self.mayUse = mayUse
    }
}

/// One per tenant, on the tenant's lane.
package actor Services {
    private nonisolated let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private var live: [UInt64: LiveCall] = [:]
    private var pipeline: Pipeline?
    private let nextCall: @Sendable () -> UInt64

    /// - Parameter nextCall: gives each call its number.
    package init(executor: any SerialExecutor, nextCall: @escaping @Sendable () -> UInt64) {
        self.executor = executor
        self.nextCall = nextCall
    }

    /// The pipeline contains the dispatcher, which registers calls here: the circle is closed once, at start.
    package func connect(_ pipeline: Pipeline) { self.pipeline = pipeline }

    package func register(_ call: LiveCall) { live[call.call.id] = call }
    package func unregister(_ call: UInt64) { live[call] = nil }

    /// Every request of every worker enters here.
    package func receive(_ request: ServiceRequest, from worker: WorkerKey) async -> ServiceAnswer {
        guard let parent = live[request.call], parent.call.tenant == worker.tenant else {
            return .failure(.gone, .callGone(request.call))
        }
        switch request.service {
        case ToolService.id: return await useTool(request, parent: parent)
        default: return .failure(.unsupported, .serviceUnknown(request.service))
        }
    }

    /// The effect with its number among the equal requests of its call.
    private func numbered(_ effect: EffectKey, in call: UInt64) -> EffectKey {
        var numbered = effect
        numbered.ordinal = live[call]?.ordinals[effect] ?? 0
        live[call]?.ordinals[effect] = numbered.ordinal + 1
        return numbered
    }

    private func useTool(_ request: ServiceRequest, parent: LiveCall) async -> ServiceAnswer {
        guard let pipeline else { return .failure(.unavailable, .internalFault("services are not connected")) }
        do {
            var call = try ToolService.call(request, parent: parent, id: nextCall())
            if let effect = call.effect { call.effect = numbered(effect, in: request.call) }
            return .success(try await pipeline.perform(call).bytes)
        } catch let failure as CallFailure {
            return .failure(ToolService.status(of: failure), failure.error)
        } catch let error as CorralError {
            return .failure(.invalid, error)
        } catch {
            return .failure(.failed, .internalFault("\(error)"))
        }
    }
}
