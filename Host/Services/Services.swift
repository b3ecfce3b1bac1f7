// SPDX-License-Identifier: Apache-2.0
// Services: the one entry for what plugins ask of the host. It finds the asking call in the host's own tables, so that
// tenant, run, step and grants are facts of the host and not claims of a worker, and hands the request to its service.

import CorralBase
import CorralPipeline
import CorralStore
import CorralWire

/// One per tenant, on the tenant's lane.
package actor Services {
    private nonisolated let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private struct Entry {
        var call: LiveCall
        /// How often each equal request was made, so that the n-th of them is found again in the journal.
        var ordinals: [[String]: Int] = [:]
    }

    private let services: [String: any HostService]
    private var live: [UInt64: Entry] = [:]
    private var pipeline: Pipeline?
    private let nextCall: @Sendable () -> UInt64

    /// - Parameters:
    ///   - services: what this host offers besides tools.
    ///   - nextCall: gives each call its number.
    package init(
        executor: any SerialExecutor, services: [any HostService] = [], nextCall: @escaping @Sendable () -> UInt64
    ) {
        self.executor = executor
        let all = [ToolService()] + services
        self.services = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.nextCall = nextCall
    }

    /// The pipeline contains the dispatcher, which registers calls here: the circle is closed once, at start.
    package func connect(_ pipeline: Pipeline) { self.pipeline = pipeline }
    /// Opens the circle again, when the tenant goes.
    package func disconnect() { pipeline = nil }

    package func register(_ call: LiveCall) { live[call.call.id] = Entry(call: call) }

    /// The call is over. Returns when everything that was held for it is closed.
    package func unregister(_ call: UInt64) async {
        await live.removeValue(forKey: call)?.call.life.end()
    }

    /// Every request of every worker enters here.
    package func receive(
        _ request: ServiceRequest, from worker: WorkerKey, emit: @escaping ServiceEmit
    ) async -> ServiceAnswer {
        guard let parent = live[request.call]?.call, parent.call.tenant == worker.tenant else {
            return .failure(.gone, .callGone(request.call))
        }
        guard let pipeline else { return .failure(.unavailable, .internalFault("services are not connected")) }
        guard let service = services[request.service] else {
            return .failure(.unsupported, .serviceUnknown(request.service, known: services.keys.sorted()))
        }
        do {
            let whole = try numbered(request)
            return await service.answer(whole, parent: parent, through: pipeline, emit: emit)
        } catch {
            return .failure(.invalid, error)
        }
    }

    /// The request with its body read and its place among the equal requests of its call.
    private func numbered(_ request: ServiceRequest) throws(CorralError) -> ServiceRequest {
        var request = request
        do { request.arguments = try JSON(parsing: request.body) } catch {
            throw error as? CorralError ?? .internalFault("\(error)")
        }
        guard request.arguments.objectValue != nil else {
            throw .serviceRequestInvalid("the arguments must be a map, not a \(request.arguments.typeName)")
        }
        request.argumentsHash = ContentHash(of: request.arguments.bytes(.canonical)).hex
        request.number = nextCall()
        let identity = [request.service, request.method, request.argumentsHash]
        request.ordinal = live[request.call]?.ordinals[identity] ?? 0
        live[request.call]?.ordinals[identity] = request.ordinal + 1
        return request
    }
}
