// SPDX-License-Identifier: Apache-2.0
// AgentFlow: a single agent, asked for by name, runs as a flow of one step, so that there is one kind of run.

import CorralBase
import CorralControl

extension StartRunRequest {
    /// The flow's text and the file name its errors show.
    var flowSource: (text: String, file: String) {
        switch target {
        case .flow(let file, let text): (text, file)
        case .agent(let id): (agentFlow(id), id.text)
        }
    }

    /// JSON is YAML: the made-up flow takes the same way as one a person wrote.
    private func agentFlow(_ id: PluginID) -> String {
        let step = id.text.split(separator: "/").last.map { String($0.replacing(".", with: "-")) } ?? "agent"
        var declared = JSONObject()
        var with = JSONObject()
        for (name, input) in inputs.sorted(by: { $0.key < $1.key }) {
            if case .file = input { declared[name] = ["type": "file"] } else { declared[name] = ["type": "any"] }
            with[name] = .string("${input.\(name)}")
        }
        let flow: JSON = [
            "flow": .string(step), "description": .string("The agent \(id) alone"), "input": .object(declared),
            "steps": .object([step: ["agent": .string(id.text), "with": .object(with)]]),
            "output": .string("${\(step)}"),
        ]
        return flow.text(.pretty)
    }
}
