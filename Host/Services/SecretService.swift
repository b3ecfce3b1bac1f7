// SPDX-License-Identifier: Apache-2.0
// SecretService: the host service "corral.host.secret/1": a secret's value for a plugin that was granted to see it. That
// it was revealed is journaled and traced, the value never is.

import CorralBase
import CorralPipeline
import CorralWire

/// Where secrets come from. The operator's vault is one.
package protocol SecretSource: Sendable {
    func value(_ name: String, for tenant: TenantID) throws(CorralError) -> String
}

package struct SecretService: HostService {
    package let id = "corral.host.secret/1"
    private let secrets: any SecretSource

    package init(secrets: any SecretSource) { self.secrets = secrets }

    package func answer(
        _ request: ServiceRequest, parent: LiveCall, through pipeline: Pipeline, emit: @escaping ServiceEmit
    ) async -> ServiceAnswer {
        guard let name = request.arguments["name"]?.stringValue, isSecretName(name) else {
            return .failure(.invalid, .serviceRequestInvalid("it must name a secret: letters, digits and '_'"))
        }
        let value = Promise<String>()
        let operation = ServiceOperation(
            target: name,
            refusal: request.grants.secrets.contains(name) ? nil : refusal(of: name, request, parent), replay: .again
        ) { call async throws(CallFailure) in
            do throws(CorralError) {
                value.keep(try secrets.value(name, for: call.tenant))
            } catch { throw CallFailure(error) }
            let revealed: JSON = ["revealed": true]
            return CallResult(value: revealed, bytes: revealed.bytes())
        }
        do throws(CallFailure) {
            _ = try await pipeline.perform(request.call(of: parent, kind: .secret, operation: operation))
        } catch {
            return ServiceAnswer(error)
        }
        return .success(Array(await value.value.utf8))
    }

    private func refusal(of name: String, _ request: ServiceRequest, _ parent: LiveCall) -> CorralError {
        .notGranted(
            caller: parent.call.plugin, "the value of the secret \"\(name)\"", granted: request.grants.secrets,
            allow: "secrets: [\(name)]")
    }
}
