// SPDX-License-Identifier: Apache-2.0
// PromptService: the host service "corral.host.prompt/1": a prompt that the plugin's manifest declares, in the version
// that counts in its tenant. What was rendered is an effect in the journal, so that an attempt which goes on after a crash
// goes on with the text it began with.

import CorralBase
import CorralPipeline
import CorralStore
import CorralWire

/// A prompt as the manifest of the plugin that really runs declares it.
package struct DeclaredPrompt: Sendable, Hashable {
    package var name: String
    package var text: String
    package var variables: [String]

    package init(name: String, text: String, variables: [String]) {
        self.name = name
        self.text = text
        self.variables = variables
    }
}

/// Which version counts, and what it says.
package struct PromptInForce: Sendable, Hashable {
    /// 0 is the text that the plugin ships.
    package var version: Int
    package var text: String
    /// The label that made it count; nil for the plugin's own.
    package var label: String?

    package init(version: Int, text: String, label: String? = nil) {
        self.version = version
        self.text = text
        self.label = label
    }
}

/// A tenant's prompts.
package protocol PromptSource: Sendable {
    func inForce(_ prompt: DeclaredPrompt, of plugin: PluginID) async throws -> PromptInForce
}

package struct PromptService: HostService {
    package static let extensionID = "corral.host.prompt/1"
    package static let method = "render"
    package let id: String = Self.extensionID
    private let source: any PromptSource

    package init(source: any PromptSource) { self.source = source }

    package func answer(
        _ request: ServiceRequest, parent: LiveCall, through pipeline: Pipeline, emit: @escaping ServiceEmit
    ) async -> ServiceAnswer {
        guard request.method == Self.method, let name = request.arguments["name"]?.stringValue,
            let variables = request.arguments["variables"]?.objectValue
        else { return .failure(.invalid, .serviceRequestInvalid("it must name a prompt and have a map of variables")) }
        let plugin = parent.call.plugin
        let declared = request.prompts.first { $0.name == name }
        let operation = ServiceOperation(
            target: "\(plugin).\(name.prefix(64))",
            refusal: declared == nil
                ? .promptUndeclared(name, plugin, declared: request.prompts.map(\.name)) : nil
        ) { [source] _ async throws(CallFailure) in
            guard let declared else { throw CallFailure(.internalFault("an undeclared prompt was admitted")) }
            return try await render(declared, variables, plugin, source)
        }
        do throws(CallFailure) {
            let result = try await pipeline.perform(request.call(of: parent, kind: .prompt, operation: operation))
            return reply(result.value, to: parent)
        } catch {
            return ServiceAnswer(error)
        }
    }

    /// The plugin gets the text; how it came about stays in the journal.
    private func reply(_ value: JSON, to parent: LiveCall) -> ServiceAnswer {
        if let pin = PromptPin(value) { parent.life.note(pin.text) }
        var answer: JSONObject = ["text": value["text"] ?? "", "version": value["version"] ?? 0]
        if let label = value["label"], !label.isNull { answer["label"] = label }
        return .success(JSON.object(answer).bytes())
    }
}

private func render(
    _ prompt: DeclaredPrompt, _ variables: JSONObject, _ plugin: PluginID, _ source: any PromptSource
) async throws(CallFailure) -> CallResult {
    do {
        let current = try await source.inForce(prompt, of: plugin)
        let template = try PromptTemplate(current.text, of: prompt.name, variables: prompt.variables)
        let text = try template.render(variables, of: prompt.name, variables: prompt.variables)
        let digest = ContentHash(of: Array(current.text.utf8)).hex
        let value: JSON = [
            "text": .string(text), "version": .int(Int64(current.version)),
            "label": current.label.map { .string($0) } ?? .null, "plugin": .string(plugin.text),
            "prompt": .string(prompt.name), "digest": .string(digest),
        ]
        var result = CallResult(value: value, bytes: value.bytes())
        result.metrics.attributes = [
            "corral.prompt": .string(prompt.name), "corral.prompt.version": .int(Int64(current.version)),
        ]
        if let label = current.label { result.metrics.attributes["corral.prompt.label"] = .string(label) }
        return result
    } catch {
        throw CallFailure(error as? CorralError ?? .internalFault("\(error)"))
    }
}

/// Which text a call used, as its journal has it.
package struct PromptPin: Sendable, Hashable {
    package var plugin: PluginID
    package var prompt: String
    package var version: Int
    /// SHA-256 of the text before the values were put in; it is in the sealed journal only.
    package var digest: String

    /// - Parameter value: the effect's journaled result.
    package init?(_ value: JSON) {
        guard let prompt = value["prompt"]?.stringValue, let version = value["version"]?.intValue,
            let digest = value["digest"]?.stringValue, let name = value["plugin"]?.stringValue,
            let plugin = try? PluginID(name)
        else { return nil }
        self.plugin = plugin
        self.prompt = prompt
        self.version = Int(clamping: version)
        self.digest = digest
    }

    /// `greet@3`.
    package var text: String { "\(prompt)@\(version)" }
}
