// SPDX-License-Identifier: Apache-2.0
// AgentFlow: a single agent or tool, asked for by name, runs as a flow of one step, so that there is one kind of run.

import CorralBase
import CorralCatalog
import CorralControl
import CorralFlow

extension StartRunRequest {
    /// The flow's text and the file name its errors show.
    /// - Throws: `plugin_unknown` with the nearest name, or why the plugin of that name cannot be used.
    func flowSource(_ catalogue: CatalogSnapshot) throws(CorralError) -> (text: String, file: String) {
        switch target {
        case .flow(let file, let text): return (text, file)
        case .agent(let id):
            let isTool = catalogue.entries[id] == nil && catalogue.toolNames.contains(id.text)
            if !isTool { _ = try catalogue.agent(id.text) }
            return (oneStepFlow(id, isTool: isTool), id.text)
        }
    }

    /// What the run is called, and found by.
    func name(_ definition: FlowDefinition) -> String {
        if case .agent(let id) = target { return id.text }
        return definition.name
    }

    /// JSON is YAML: the made-up flow takes the same way as one a person wrote.
    private func oneStepFlow(_ id: PluginID, isTool: Bool) -> String {
        let name = String(id.text.drop { $0 != "/" }.dropFirst())
        // A step's name is an identifier of the expression language.
        let step = "run_" + String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
        var declared = JSONObject()
        var with = JSONObject()
        for (name, input) in inputs.sorted(by: { $0.key < $1.key }) {
            if case .file = input { declared[name] = ["type": "file"] } else { declared[name] = ["type": "any"] }
            with[name] = .string("${input.\(name)}")
        }
        let flow: JSON = [
            "flow": .string(String(name.map { $0 == "." ? "-" : $0 })),
            "description": .string("\(id) alone"), "input": .object(declared),
            "steps": .object([step: [isTool ? "tool" : "agent": .string(id.text), "with": .object(with)]]),
            "output": .string("${\(step)}"),
        ]
        return flow.text(.pretty)
    }
}
