// SPDX-License-Identifier: Apache-2.0
// FlowCatalogue: what `flow check` asks about the plugins that are there.

import CorralBase

/// What an agent or tool receives and gives, as JSON Schema; nil when it does not say.
package struct AgentDescription: Hashable, Sendable {
    package let inputSchema: JSON?
    package let outputSchema: JSON?

    package init(inputSchema: JSON? = nil, outputSchema: JSON? = nil) {
        self.inputSchema = inputSchema
        self.outputSchema = outputSchema
    }
}

/// The plugins a flow may call. Names are for "did you mean".
package protocol FlowCatalogue {
    var agentNames: [String] { get }
    /// `publisher/name.tool`
    var toolNames: [String] { get }
    func agent(_ id: PluginID) -> AgentDescription?
    func tool(_ id: ToolID) -> AgentDescription?
}
