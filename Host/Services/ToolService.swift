// SPDX-License-Identifier: Apache-2.0
// ToolService: the host service "corral.host.tool/1": a plugin's call uses a tool of another plugin.

import CorralBase
import CorralPipeline
import CorralStore

enum ToolService {
    static let id = "corral.host.tool/1"

    /// The call that a request asks for. Run, step, deadline, context and trace are the asking call's.
    /// - Throws: `service_request_invalid`; `artifact_not_pushed` for a file the asking call does not have.
    static func call(_ request: ServiceRequest, parent: LiveCall, id: UInt64) throws -> Call {
        guard let dot = request.method.lastIndex(of: "."), let plugin = try? PluginID(String(request.method[..<dot]))
        else {
            throw CorralError.serviceRequestInvalid(
                "\"\(request.method.prefix(120))\" is no tool name, expected publisher/name.tool")
        }
        let arguments = try JSON(parsing: request.body)
        guard arguments.objectValue != nil else {
            throw CorralError.serviceRequestInvalid("the arguments must be a map, not a \(arguments.typeName)")
        }
        let asking = parent.call
        let artifacts = ArtifactReferences.all(in: arguments)
        for artifact in artifacts where !asking.artifacts.contains(where: { $0.sha256 == artifact.sha256 }) {
            throw CorralError.artifactNotPushed(request.method, name: artifact.reference)
        }
        let address = asking.origin.attempt
        let effect = EffectKey(
            step: address.step, item: address.item, lineage: address.lineage, service: Self.id, method: request.method,
            requestHash: ContentHash(of: arguments.bytes(.canonical)).hex, ordinal: 0)
        return Call(
            id: id, tenant: asking.tenant, kind: .toolUse, origin: asking.origin,
            caller: .plugin(asking.plugin, parent: asking.id, mayUse: parent.mayUse), plugin: plugin,
            method: String(request.method[request.method.index(after: dot)...]), body: request.body,
            artifacts: artifacts, effect: effect, context: asking.context, deadline: asking.deadline,
            ancestors: asking.ancestors + [asking.plugin], durability: asking.durability,
            span: asking.span.child(), observer: { _ in })
    }

    static func status(of failure: CallFailure) -> ServiceStatus {
        switch failure.error.code {
        case .grantMissing: .denied
        case .requestTooLarge, .callTooDeep: .limit
        default: failure.fault == .call ? .failed : .unavailable
        }
    }
}
