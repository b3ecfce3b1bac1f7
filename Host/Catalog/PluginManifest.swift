// SPDX-License-Identifier: Apache-2.0
// PluginManifest: what a plugin says about itself, after every member was checked. The library states it (plugin.h lists
// the members); the host trusts it for names and schemas, never for permissions.

import CorralBase

package struct PluginManifest: Sendable, Hashable {
    package var id: PluginID
    package var version: String
    package var summary: String
    /// What built it; "" when it carries everything it needs.
    package var toolchain: String
    /// Extension ids, for example `corral.agent/1`.
    package var provides: [String]
    /// Host services without which it cannot work.
    package var requires: [String]
    /// The host sends one call at a time.
    package var isSerial: Bool
    /// Never shares a process with another plugin.
    package var isIsolated: Bool
    /// Two processes must not have it loaded at once: the old version is stopped before the new one starts.
    package var isSingleton: Bool
    /// What it asks for; what it gets is `CatalogEntry.granted`.
    package var asks: Grants
    package var agent: AgentInterface?
    package var tools: [ToolInterface]
    package var config: [ConfigField]
    /// What it says about itself as one of the host's own kinds, as it stands in the manifest.
    package var sections: [PluginKind: JSON]
    package var prompts: [PromptDeclaration]

    package init(
        id: PluginID, version: String, summary: String, toolchain: String = "", provides: [String],
        requires: [String] = [], isSerial: Bool = false, isIsolated: Bool = false,
        isSingleton: Bool = false, asks: Grants = Grants(),
        agent: AgentInterface? = nil, tools: [ToolInterface] = [], config: [ConfigField] = [],
        sections: [PluginKind: JSON] = [:], prompts: [PromptDeclaration] = []
    ) {
        self.id = id
        self.version = version
        self.summary = summary
        self.toolchain = toolchain
        self.provides = provides
        self.requires = requires
        self.isSerial = isSerial
        self.isIsolated = isIsolated
        self.isSingleton = isSingleton
        self.asks = asks
        self.agent = agent
        self.tools = tools
        self.config = config
        self.sections = sections
        self.prompts = prompts
    }

    /// Whether it is one of the host's own kinds.
    package func provides(_ kind: PluginKind) -> Bool { provides.contains(kind.extensionID) }
}

/// A named text that the plugin ships and people may replace.
package struct PromptDeclaration: Sendable, Hashable {
    package var name: String
    /// The text of version 0, with `{{variable}}` in it.
    package var text: String
    package var variables: [String]
    package var help: String

    package init(name: String, text: String, variables: [String] = [], help: String = "") {
        self.name = name
        self.text = text
        self.variables = variables
        self.help = help
    }
}

/// What an agent takes and gives.
package struct AgentInterface: Sendable, Hashable {
    package var role: String
    /// JSON schemas; `{}` when not stated.
    package var input: JSON
    package var output: JSON

    package init(role: String, input: JSON = [:], output: JSON = [:]) {
        self.role = role
        self.input = input
        self.output = output
    }
}

/// One tool as flows and other plugins see it.
package struct ToolInterface: Sendable, Hashable {
    package var name: String
    package var summary: String
    /// JSON schemas; `{}` when not stated.
    package var input: JSON
    package var output: JSON
    /// A C function called through its signature (call target `native`), not a tool of the plugin's own dispatch.
    package var isNative: Bool

    package init(name: String, summary: String, input: JSON = [:], output: JSON = [:], isNative: Bool = false) {
        self.name = name
        self.summary = summary
        self.input = input
        self.output = output
        self.isNative = isNative
    }
}

/// One configuration field that a plugin declares.
package struct ConfigField: Sendable, Hashable {
    package enum FieldType: String, Sendable, CaseIterable {
        case string, int, double, bool, list, map
    }

    package var name: String
    package var type: FieldType
    /// Nil: the field has no default and is left out when not set.
    package var defaultValue: JSON?
    package var isRequired: Bool
    /// For numbers, inclusive.
    package var minimum: Double?
    package var maximum: Double?
    /// For strings: the allowed values; empty = any.
    package var choices: [String]
    package var help: String
}
