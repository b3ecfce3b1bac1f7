// SPDX-License-Identifier: Apache-2.0
// Sidecar: the operator's word about a plugin, `plugin.yaml` in its folder or `NAME.plugin.yaml` beside `NAME.so`. It
// may narrow what the plugin asks for, never widen it, and sets its configuration.

import CorralBase
import CorralDocument

struct Sidecar: Sendable {
    /// What the operator decided about a plugin.
    struct Decision: Sendable {
        var isIsolated: Bool
        var requested: Grants
        /// JSON object for `activate`.
        var configuration: [UInt8]
    }

    private let file: String
    let node: YAMLNode?
    private var reader: DocumentReader

    /// - Parameter text: nil when there is no sidecar.
    init(text: String?, file: String) {
        self.file = file
        var reader = DocumentReader(code: .pluginSidecarInvalid, file: file)
        node = text.flatMap { reader.root($0, known: ["id", "isolate", "grants", "config"]) }
        self.reader = reader
    }

    /// Applies it to what the plugin says of itself.
    /// - Returns: the decision, and every mistake; with mistakes the plugin must not be used.
    func decide(_ manifest: PluginManifest) -> (Decision, [Diagnostic]) {
        var reader = reader
        if let id = reader.string(node?["id"], "id"), id != manifest.id.text {
            reader.mistake(
                "the plugin's id is \"\(manifest.id)\", not \"\(id)\"", node?["id"],
                "is this the sidecar of another plugin?")
        }
        let decision = Decision(
            isIsolated: (reader.flag(node?["isolate"], "isolate") ?? false) || manifest.isIsolated,
            requested: grants(manifest, &reader), configuration: configuration(manifest, &reader))
        return (decision, reader.diagnostics)
    }

    /// Defaults, then the sidecar's values.
    private func configuration(_ manifest: PluginManifest, _ reader: inout DocumentReader) -> [UInt8] {
        var values = JSONObject()
        for field in manifest.config { values[field.name] = field.defaultValue }
        for (key, value) in reader.members(node?["config"], "config") {
            guard let field = manifest.config.first(where: { $0.name == key.name }) else {
                let known = manifest.config.map(\.name)
                let rest = known.isEmpty ? "the plugin has no configuration" : "known: \(known.joined(separator: ", "))"
                reader.mistake(
                    "unknown configuration field \"\(key.name.prefix(80))\"", key,
                    didYouMean(key.name, among: known) ?? rest)
                continue
            }
            let json = value.json
            if let fault = field.fault(of: json) { reader.mistake("\(field.name): \(fault)", value) }
            values[field.name] = json
        }
        for field in manifest.config where field.isRequired && values[field.name] == nil {
            reader.mistake(
                "configuration field \"\(field.name)\" is required", node?["config"],
                "add `config: {\(field.name): …}` to \(file)")
        }
        return JSON.object(values).bytes()
    }
}
