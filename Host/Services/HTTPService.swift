// SPDX-License-Identifier: Apache-2.0
// HTTPService: the host service "corral.host.http/1": a plugin's request to the network, checked against its grants,
// journaled, and sent by the broker.

import CorralBase
import CorralBroker
import CorralPipeline
import CorralStore
import CorralWire

package struct HTTPService: HostService {
    package let id = "corral.host.http/1"
    private let broker: BrokerClient
    private let vault: SecretVault
    private let clock: any HostClock

    /// - Parameter vault: where `${secret:NAME}` comes from.
    package init(broker: BrokerClient, vault: SecretVault, clock: any HostClock) {
        self.broker = broker
        self.vault = vault
        self.clock = clock
    }

    package func answer(
        _ request: ServiceRequest, parent: LiveCall, through pipeline: Pipeline, emit: @escaping ServiceEmit
    ) async -> ServiceAnswer {
        let operation = operation(request, emit)
        do throws(CallFailure) {
            let call = request.call(of: parent, kind: .http, operation: operation)
            let result = try await pipeline.perform(call)
            return .success(try await delivered(result, emit))
        } catch {
            return .failure(ServiceStatus(network: error.error.code), error.error)
        }
    }

    private func operation(_ request: ServiceRequest, _ emit: @escaping ServiceEmit) -> ServiceOperation {
        let rules = request.grants.http.map { NetworkRule($0) }
        let arguments = request.arguments
        do throws(CorralError) {
            let (method, address) = try HTTPRequestReader.target(arguments)
            let isDenied = rules.verdict(address.origin, method: method) == .denied
            return ServiceOperation(
                target: "\(method) \(address.origin)",
                refusal: isDenied ? .httpNotGranted(method, address.origin) : nil
            ) { call throws(CallFailure) in
                try await perform(arguments, rules, call, emit)
            }
        } catch {
            return ServiceOperation(target: "HTTP request", refusal: error) { _ throws(CallFailure) in
                throw CallFailure(error)
            }
        }
    }

    // MARK: Sending

    private func perform(
        _ arguments: JSON, _ rules: [NetworkRule], _ call: Call, _ emit: @escaping ServiceEmit
    ) async throws(CallFailure) -> CallResult {
        let started = clock.monotonicNanoseconds()
        var metrics = CallMetrics()
        metrics.requestBytes = call.body.count
        do throws(CorralError) {
            let reader = HTTPRequestReader(
                rules: rules, vault: vault, tenant: call.tenant, idempotencyKey: Self.idempotencyKey(of: call),
                timeLeft: call.timeLeft(at: started))
            let request = try reader.read(arguments)
            metrics.attributes = Self.attributes(of: request)
            let response = try await broker.perform(request, tenant: call.tenant, events: emit)
            metrics.runningNanoseconds = clock.monotonicNanoseconds() &- started
            metrics.attributes["http.response.status_code"] = .int(Int64(response.head.status))
            metrics.attributes["http.response.body.size"] = .int(response.done.bytesReceived)
            if response.done.redirects > 0 {
                metrics.attributes["corral.http.redirects"] = .int(Int64(response.done.redirects))
            }
            let value = Self.value(of: response)
            let bytes = value.bytes()
            metrics.resultBytes = bytes.count
            return CallResult(value: value, bytes: bytes, metrics: metrics)
        } catch {
            metrics.runningNanoseconds = clock.monotonicNanoseconds() &- started
            // A request that was cut off may have arrived: its intent stays open, as that of any lost call.
            let isCutOff = error.code == .brokerLost || error.code == .requestCancelled
            throw CallFailure(error, fault: isCutOff ? .infrastructure : .call, metrics: metrics)
        }
    }

    /// The same for every attempt that may stand for the same effect. A hash, because runs and steps are nobody's
    /// business but ours.
    private static func idempotencyKey(of call: Call) -> String {
        // What the host's own kinds send is no effect of a run; they deduplicate by names of their own.
        guard let effect = call.effect, let origin = call.origin else {
            return String(ContentHash(of: Array("\(call.tenant)/\(call.span.span)".utf8)).hex.prefix(40))
        }
        let identity =
            "\(call.tenant)/\(origin.idempotencyKey)/\(effect.service)/\(effect.requestHash)/\(effect.ordinal)"
        return String(ContentHash(of: Array(identity.utf8)).hex.prefix(40))
    }

    /// No path, no query, no header: those may hold what nobody should read in a span.
    private static func attributes(of request: BrokerRequest) -> JSONObject {
        [
            "http.request.method": .string(request.method), "url.scheme": .string(request.origin.scheme.rawValue),
            "server.address": .string(request.origin.host.text), "server.port": .int(Int64(request.origin.port)),
            "http.request.body.size": .int(Int64(request.body.count)),
        ]
    }

    // MARK: The answer

    /// What is journaled: the whole response, with the events of a stream.
    private static func value(of response: BrokerResponse) -> JSON {
        var value: JSONObject = [
            "status": .int(Int64(response.head.status)),
            "headers": .array(response.head.headers.map { [.string($0.name), .string($0.value)] }),
            "url": .string(response.head.url),
        ]
        if let events = response.events {
            value["events"] = .array(events)
        } else if let text = String(validating: response.body, as: UTF8.self) {
            value["body"] = .string(text)
        } else {
            value["body_base64"] = .string(Base64.text(response.body))
        }
        return .object(value)
    }

    /// What the plugin gets: without the events, which it has got one by one. An answer from the journal brings them
    /// again, so that a resumed run sees what the first one saw.
    private func delivered(_ result: CallResult, _ emit: ServiceEmit) async throws(CallFailure) -> [UInt8] {
        guard var value = result.value.objectValue, let events = value["events"]?.arrayValue else {
            return result.bytes
        }
        if result.isFromJournal { await repeatEvents(events, emit) }
        value["events"] = nil
        return JSON.object(value).bytes()
    }

    private func repeatEvents(_ events: [JSON], _ emit: ServiceEmit) async {
        var batch: [JSON] = []
        var bytes = 0
        for event in events {
            let size = event.bytes().count
            if !batch.isEmpty, bytes + size > Limits.httpEventBytesMax {
                guard await emit(JSON.object(["events": .array(batch)]).bytes()) else { return }
                (batch, bytes) = ([], 0)
            }
            batch.append(event)
            bytes += size
        }
        if !batch.isEmpty { _ = await emit(JSON.object(["events": .array(batch)]).bytes()) }
    }
}

extension NetworkRule {
    package init(_ grant: HTTPGrant) {
        self.init(
            scheme: URLScheme(rawValue: grant.scheme) ?? .https, host: grant.host, ports: grant.ports,
            methods: grant.methods, isInternal: grant.isInternal)
    }
}

extension Call {
    /// What a request to the network may take at most.
    func timeLeft(at now: UInt64) -> Duration {
        guard deadline > 0 else { return .seconds(Limits.httpSecondsMax) }
        return .nanoseconds(Int64(clamping: deadline > now ? deadline - now : 0))
    }
}

extension ServiceStatus {
    /// What a failure of a request means to the plugin.
    init(network code: ErrorCode) {
        self =
            switch code.number {
            case 755, 756, 757, 765: .denied
            case 753, 754, 767, 713, 1002: .invalid
            case 761: .timeout
            case 703, 762: .limit
            case 750, 751, 752, 758, 759, 763, 764: .unavailable
            case 768: .cancelled
            default: .failed
            }
    }
}
