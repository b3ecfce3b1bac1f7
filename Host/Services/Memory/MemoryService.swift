// SPDX-License-Identifier: Apache-2.0
// MemoryService: the host service "corral.host.memory/1". A request is one call of the pipeline and one effect in the
// journal, so a resume answers as the first attempt was answered. What is kept is redacted whatever the policy lets
// through: the backend's files are not sealed (decision 0016).

import CorralBase
import CorralPipeline
import CorralStore
import CorralWire

/// The plugin that keeps it all. The engine asks an installed one.
package protocol MemoryBackend: Sendable {
    /// The plugin's id.
    /// - Throws: `memory_backend_missing`.
    func plugin() throws(CorralError) -> PluginID

    /// - Parameters:
    ///   - call: on whose behalf; nil for a person at the command line.
    ///   - body: without `now_ms`, which is put in on the way.
    func ask(_ method: MemoryMethod, _ body: JSONObject, for call: Call?) async throws(CallFailure) -> JSON
}

package struct MemoryService: HostService {
    package let id = "corral.host.memory/1"
    private let memory: MemoryAccess

    package init(_ memory: MemoryAccess) { self.memory = memory }

    package func answer(
        _ request: ServiceRequest, parent: LiveCall, through pipeline: Pipeline, emit: @escaping ServiceEmit
    ) async -> ServiceAnswer {
        guard let method = MemoryMethod(rawValue: request.method) else {
            return .failure(.invalid, .serviceRequestInvalid("memory has no method \"\(request.method.prefix(40))\""))
        }
        let asking = parent.call
        let run = asking.run?.text
        let asker = MemoryAsker(
            agent: asking.plugin.text, run: run,
            session: asking.context.session.isEmpty ? run : asking.context.session,
            user: asking.context.user.isEmpty ? nil : asking.context.user)
        let operation = ServiceOperation(
            target: "memory.\(method.rawValue)", refusal: refusal(of: request, asking, asker)
        ) { call async throws(CallFailure) in
            try await perform(method, call, asker)
        }
        do throws(CallFailure) {
            let result = try await pipeline.perform(request.call(of: parent, kind: .memoryUse, operation: operation))
            return .success(result.bytes)
        } catch {
            return ServiceAnswer(error)
        }
    }

    /// Decided before the pipeline, thrown inside it: a refusal is a span.
    private func refusal(of request: ServiceRequest, _ asking: Call, _ asker: MemoryAsker) -> CorralError? {
        guard request.grants.memory else {
            return .notGranted(caller: asking.plugin, "memory", granted: [], allow: "memory: true")
        }
        do throws(CorralError) {
            _ = try memory.rules(asker, request.arguments)
            return nil
        } catch { return error }
    }

    private func perform(
        _ method: MemoryMethod, _ call: Call, _ asker: MemoryAsker
    ) async throws(CallFailure) -> CallResult {
        let arguments: JSON
        do { arguments = try JSON(parsing: call.body) } catch {
            throw CallFailure(error as? CorralError ?? .internalFault("\(error)"))
        }
        let (answer, plugin) = try await memory.ask(method, arguments, asker, for: call)
        var result = CallResult(value: answer, bytes: answer.bytes())
        result.metrics.requestBytes = call.body.count
        result.metrics.resultBytes = result.bytes.count
        result.metrics.attributes = MemorySpan.attributes(method, arguments, answer, plugin)
        return result
    }
}

/// What the conventions for generative AI say of memory (semantic-conventions-genai, `gen_ai.memory.*`): names, ids and
/// counts. What was asked and remembered is content, and not in spans.
private enum MemorySpan {
    static func attributes(
        _ method: MemoryMethod, _ arguments: JSON, _ answer: JSON, _ plugin: PluginID
    ) -> JSONObject {
        var attributes: JSONObject = ["gen_ai.memory.store.id": .string(plugin.text)]
        switch method {
        case .put:
            let isKeyed = arguments["key"]?.stringValue != nil
            attributes["gen_ai.operation.name"] = isKeyed ? "upsert_memory" : "create_memory"
            attributes["gen_ai.memory.record.id"] = answer["id"]
        case .forget:
            attributes["gen_ai.operation.name"] = "delete_memory"
            attributes["gen_ai.memory.record.count"] = answer["forgotten"]
        case .search, .list:
            if method == .search { attributes["gen_ai.operation.name"] = "search_memory" }
            attributes["gen_ai.memory.record.count"] = .int(Int64(answer["entries"]?.arrayValue?.count ?? 0))
        case .get:
            attributes["gen_ai.memory.record.count"] = .int(answer["entry"].map { $0.isNull ? 0 : 1 } ?? 0)
        }
        return attributes
    }
}
