// SPDX-License-Identifier: Apache-2.0
// MailService: the host service "corral.host.smtp/1": a plugin's message to a mail server, checked against its grants,
// journaled where its call is, and sent by the broker.

import CorralBase
import CorralBroker
import CorralPipeline
import CorralWire

package struct MailService: HostService {
    package let id = "corral.host.smtp/1"
    private let broker: BrokerClient
    private let vault: SecretVault
    private let clock: any HostClock

    /// - Parameter vault: where the login comes from.
    package init(broker: BrokerClient, vault: SecretVault, clock: any HostClock) {
        self.broker = broker
        self.vault = vault
        self.clock = clock
    }

    package func answer(
        _ request: ServiceRequest, parent: LiveCall, through pipeline: Pipeline, emit: @escaping ServiceEmit
    ) async -> ServiceAnswer {
        let operation = operation(request)
        do throws(CallFailure) {
            return .success(
                try await pipeline.perform(request.call(of: parent, kind: .mail, operation: operation)).bytes)
        } catch {
            return .failure(ServiceStatus(network: error.error.code), error.error)
        }
    }

    private func operation(_ request: ServiceRequest) -> ServiceOperation {
        let rules = request.grants.http.map { NetworkRule($0) }
        let arguments = request.arguments
        do throws(CorralError) {
            let origin = try MailRequestReader.server(arguments)
            let isDenied = rules.verdict(origin, method: MailRequestReader.method) == .denied
            return ServiceOperation(
                target: "\(MailRequestReader.method) \(origin)",
                refusal: isDenied ? .httpNotGranted(MailRequestReader.method, origin) : nil
            ) { call throws(CallFailure) in try await perform(arguments, rules, call) }
        } catch {
            return ServiceOperation(target: "mail", refusal: error) { _ throws(CallFailure) in throw CallFailure(error)
            }
        }
    }

    private func perform(
        _ arguments: JSON, _ rules: [NetworkRule], _ call: Call
    ) async throws(CallFailure) -> CallResult {
        let started = clock.monotonicNanoseconds()
        var metrics = CallMetrics()
        metrics.requestBytes = call.body.count
        do throws(CorralError) {
            let reader = MailRequestReader(
                rules: rules, vault: vault, tenant: call.tenant, timeLeft: call.timeLeft(at: started))
            let mail = try reader.read(arguments)
            metrics.attributes = Self.attributes(of: mail)
            let response = try await broker.deliver(mail, tenant: call.tenant)
            metrics.runningNanoseconds = clock.monotonicNanoseconds() &- started
            metrics.attributes["corral.smtp.reply_code"] = .int(Int64(response.head.status))
            let value: JSON = [
                "status": .int(Int64(response.head.status)),
                "reply": .string(String(decoding: response.body, as: UTF8.self)),
            ]
            let bytes = value.bytes()
            metrics.resultBytes = bytes.count
            return CallResult(value: value, bytes: bytes, metrics: metrics)
        } catch {
            metrics.runningNanoseconds = clock.monotonicNanoseconds() &- started
            // A message that was cut off may have been taken: its intent stays open, as that of any lost call.
            let isCutOff = error.code == .brokerLost || error.code == .requestCancelled
            throw CallFailure(error, fault: isCutOff ? .infrastructure : .call, metrics: metrics)
        }
    }

    /// No address and no subject: those are people.
    private static func attributes(of mail: BrokerMail) -> JSONObject {
        [
            "server.address": .string(mail.origin.host.text), "server.port": .int(Int64(mail.origin.port)),
            "corral.smtp.recipients": .int(Int64(mail.to.count)), "corral.smtp.bytes": .int(Int64(mail.message.count)),
        ]
    }
}
