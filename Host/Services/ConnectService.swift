// SPDX-License-Identifier: Apache-2.0
// ConnectService: the host service "corral.host.connect/1": a plugin's call gets a connected socket. Whoever connects
// checks the address; this file checks the grant and holds the connection for as long as the call.

import CorralBase
import CorralPipeline
import CorralWire
import Glibc

/// Connects. The broker does: the host has no network.
package protocol Connector: Sendable {
    /// A connected TCP socket in blocking mode. `endpoint.isInternal` says whether a private address will do.
    func connect(
        _ endpoint: Endpoint, timeout: Duration, tenant: TenantID
    ) async throws(CorralError) -> OwnedDescriptor
}

package struct ConnectService: HostService {
    package let id = "corral.host.connect/1"
    private let connector: any Connector

    /// The longest wait for an answer of the other side; a call's deadline comes first.
    private static let timeout: Duration = .seconds(10)

    package init(connector: any Connector) { self.connector = connector }

    package func answer(
        _ request: ServiceRequest, parent: LiveCall, through pipeline: Pipeline, emit: @escaping ServiceEmit
    ) async -> ServiceAnswer {
        guard let text = request.arguments["to"]?.stringValue, let asked = Endpoint(text) else {
            return .failure(.invalid, .serviceRequestInvalid("it must name \"to\", a host and a port: \"redis:6379\""))
        }
        let granted = request.grants.connect.first { $0.host == asked.host && $0.port == asked.port }
        let opened = Promise<Result<OwnedDescriptor, CallFailure>>()
        let operation = ServiceOperation(
            target: asked.description, refusal: granted == nil ? refusal(of: asked, request, parent) : nil,
            replay: .opaque
        ) { call async throws(CallFailure) in
            try await hold(granted ?? asked, for: call, parent.life, opened)
        }
        let call = request.call(of: parent, kind: .connect, operation: operation)
        do throws(CorralError) {
            try parent.life.hold {
                // The pipeline's call lasts as long as the connection: its intent is the opening, its result the end.
                do throws(CallFailure) { _ = try await pipeline.perform(call) } catch { opened.keep(.failure(error)) }
            }
        } catch {
            return ServiceAnswer(CallFailure(error))
        }
        switch await opened.value {
        case .success(let socket): return .success(Array("{}".utf8), descriptors: [socket])
        case .failure(let failure): return ServiceAnswer(failure)
        }
    }

    private func refusal(of asked: Endpoint, _ request: ServiceRequest, _ parent: LiveCall) -> CorralError {
        .notGranted(
            caller: parent.call.plugin, "a connection to \"\(asked)\"",
            granted: request.grants.connect.map(\.description), allow: "connect: [\"\(asked)\"]")
    }

    private func hold(
        _ endpoint: Endpoint, for call: Call, _ life: CallLife,
        _ opened: Promise<Result<OwnedDescriptor, CallFailure>>
    ) async throws(CallFailure) -> CallResult {
        let socket: OwnedDescriptor
        do throws(CorralError) {
            socket = try await connect(endpoint, call, life)
        } catch {
            throw CallFailure(error)
        }
        opened.keep(.success(socket))
        await life.over()
        let (sent, received) = socket.traffic
        // Whoever has a copy of the descriptor: the connection ends here.
        socket.shutDown()
        let value: JSON = ["sent": .int(sent), "received": .int(received)]
        var result = CallResult(value: value, bytes: value.bytes())
        result.metrics.attributes = ["corral.sent.bytes": .int(sent), "corral.received.bytes": .int(received)]
        return result
    }

    /// The end of the call is not held up by a host that does not answer.
    private func connect(_ endpoint: Endpoint, _ call: Call, _ life: CallLife) async throws(CorralError)
        -> OwnedDescriptor
    {
        let first = Promise<Result<OwnedDescriptor, CorralError>>()
        let left = Duration.nanoseconds(Int64(clamping: call.deadline) - Int64(clamping: monotonicNanoseconds()))
        // Not structured: the slower of the two must not be waited for.
        Task {
            do throws(CorralError) {
                let timeout = max(.milliseconds(1), min(left, Self.timeout))
                first.keep(.success(try await connector.connect(endpoint, timeout: timeout, tenant: call.tenant)))
            } catch { first.keep(.failure(error)) }
        }
        Task {
            await life.over()
            first.keep(.failure(.callGone(call.id)))
        }
        return try await first.value.get()
    }
}

/// CLOCK_MONOTONIC, the clock of deadlines.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}
