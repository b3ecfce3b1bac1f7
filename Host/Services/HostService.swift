// SPDX-License-Identifier: Apache-2.0
// HostService: what a host service is to the host: an id and an answer. Each is one file.

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
    /// What the plugin that runs the call was granted: the version that really runs, from the host's own tables.
    package var grants: Grants
    /// The prompts that its manifest declares.
    package var prompts: [DeclaredPrompt]
    /// The body, parsed; always an object. Set by `Services.receive`, as everything below.
    package internal(set) var arguments: JSON = [:]
    /// A number for the call that the request becomes.
    package internal(set) var number: UInt64 = 0
    /// SHA-256 of the arguments' canonical bytes, hexadecimal: equal requests have equal ones.
    package internal(set) var argumentsHash = ""
    /// How many equal requests the call made before: equal requests of one call are different effects.
    package internal(set) var ordinal = 0

    package init(
        call: UInt64, service: String, method: String, body: [UInt8], grants: Grants, prompts: [DeclaredPrompt] = []
    ) {
        self.call = call
        self.service = service
        self.method = method
        self.body = body
        self.grants = grants
        self.prompts = prompts
    }
}

package enum ServiceAnswer: Sendable {
    /// Bytes for the plugin, and descriptors that become its own.
    case success([UInt8], descriptors: [OwnedDescriptor] = [])
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

package protocol HostService: Sendable {
    /// The extension id, for example `corral.host.http/1`.
    var id: String { get }

    /// Answers a request: checks it against `request.grants` and sends it down the pipeline (`ServiceRequest.call`), so
    /// that it is traced and journaled, denied or not.
    /// - Parameters:
    ///   - parent: the call on whose behalf it is asked, from the host's own tables.
    ///   - emit: sends events to the plugin before the answer.
    func answer(
        _ request: ServiceRequest, parent: LiveCall, through pipeline: Pipeline, emit: @escaping ServiceEmit
    ) async -> ServiceAnswer
}

extension ServiceRequest {
    /// The call that the request becomes. Run, step, deadline, context and trace are the asking call's.
    package func call(
        of parent: LiveCall, kind: CallKind, plugin: PluginID? = nil, method callee: String = "",
        artifacts: [ArtifactRef] = [], operation: ServiceOperation? = nil
    ) -> Call {
        let asking = parent.call
        // An effect is one of a step's attempt; what the host's own kinds ask for is none.
        let effect = asking.infrastructure == nil ? asking.origin.map { key(in: $0.attempt) } : nil
        return Call(
            id: number, tenant: asking.tenant, kind: kind, run: asking.run, origin: asking.origin,
            caller: .plugin(asking.plugin, parent: asking.id, grants: grants), plugin: plugin ?? asking.plugin,
            method: callee, body: body, artifacts: artifacts, effect: effect, operation: operation,
            context: asking.context, deadline: asking.deadline, ancestors: asking.ancestors + [asking.plugin],
            durability: asking.durability, span: asking.span.child(), infrastructure: asking.infrastructure,
            observer: { _ in })
    }

    private func key(in attempt: AttemptKey) -> EffectKey {
        EffectKey(
            step: attempt.step, item: attempt.item, lineage: attempt.lineage, service: service, method: method,
            requestHash: argumentsHash, ordinal: ordinal)
    }
}

extension ServiceAnswer {
    /// What a failure of the pipeline means to the plugin.
    package init(_ failure: CallFailure) {
        self = .failure(Self.status(of: failure), failure.error)
    }

    private static func status(of failure: CallFailure) -> ServiceStatus {
        switch failure.error.code {
        case .grantMissing, .notGranted, .memoryNotShared: .denied
        case .memoryOff, .memoryBackendMissing: .unavailable
        case .requestTooLarge, .callTooDeep, .tooManyHeld: .limit
        case .tooManyPrograms, .callRepeated, .callCircular: .limit
        case .serviceRequestInvalid, .processUnknown, .promptUnknown, .promptVariablesWrong: .invalid
        case .callGone: .gone
        default: failure.fault == .call ? .failed : .unavailable
        }
    }
}
