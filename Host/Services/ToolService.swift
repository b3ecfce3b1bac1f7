// SPDX-License-Identifier: Apache-2.0
// ToolService: the host service "corral.host.tool/1": a plugin's call uses a tool of another plugin.

import CorralBase
import CorralPipeline
import CorralWire

struct ToolService: HostService {
    let id = "corral.host.tool/1"

    func answer(
        _ request: ServiceRequest, parent: LiveCall, through pipeline: Pipeline, emit: @escaping ServiceEmit
    ) async -> ServiceAnswer {
        do throws(CorralError) {
            let call = try call(request, parent: parent)
            do throws(CallFailure) {
                return .success(try await pipeline.perform(call).bytes)
            } catch {
                return ServiceAnswer(error)
            }
        } catch {
            return .failure(.invalid, error)
        }
    }

    /// The call that a request asks for.
    /// - Throws: `service_request_invalid`; `artifact_not_pushed` for a file the asking call does not have.
    private func call(_ request: ServiceRequest, parent: LiveCall) throws(CorralError) -> Call {
        guard let dot = request.method.lastIndex(of: "."), let plugin = try? PluginID(String(request.method[..<dot]))
        else {
            throw .serviceRequestInvalid(
                "\"\(request.method.prefix(120))\" is no tool name, expected publisher/name.tool")
        }
        let artifacts = ArtifactReferences.all(in: request.arguments)
        for artifact in artifacts where !parent.call.artifacts.contains(where: { $0.sha256 == artifact.sha256 }) {
            throw .artifactNotPushed(request.method, name: artifact.reference)
        }
        return request.call(
            of: parent, kind: .toolUse, plugin: plugin,
            method: String(request.method[request.method.index(after: dot)...]), artifacts: artifacts)
    }
}
