// SPDX-License-Identifier: Apache-2.0

/// Who a plugin is and what it asks for: the part of its manifest that only the author knows. The rest (schemas, kinds,
/// toolchain) is derived.
public struct PluginCard: Sendable {
    /// `publisher/name`, lower case. The name under which flows use it.
    public var id: String
    /// A semantic version.
    public var version: String
    /// What an agent is for, in a phrase. Empty for plugins that only provide tools.
    public var role: String
    /// One line for lists.
    public var summary: String
    /// The host sends one call at a time.
    public var serial: Bool
    /// Two versions must never be loaded at once, because of a lock, a port or a device: when the plugin is replaced, the
    /// old version is stopped before the new one starts, and calls wait meanwhile. Set it after `init`.
    public var singleton = false
    /// The plugin never shares a process with another one.
    public var isolate: Bool
    /// The tools of other plugins it asks leave to use: `publisher/name.tool` or `publisher/name.*`.
    public var tools: [String]
    /// What else it asks to reach: hosts, endpoints, programs, secrets.
    public var asks: Asks
    /// The fields of its configuration. Set it after `init`.
    public var config: [ConfigField] = []
    /// The prompts it ships. Set it after `init`.
    public var prompts: [PromptDeclaration] = []

    /// A card of an agent. `summary` is the role unless given.
    public init(
        _ id: String, version: String, role: String, summary: String? = nil, serial: Bool = false,
        isolate: Bool = false, tools: [String] = [], asks: Asks = Asks()
    ) {
        self.id = id
        self.version = version
        self.role = role
        self.summary = summary ?? role
        self.serial = serial
        self.isolate = isolate
        self.tools = tools
        self.asks = asks
    }

    /// A card of a plugin that provides tools only, or is of one of the host's own kinds.
    public init(
        _ id: String, version: String, summary: String, serial: Bool = false, isolate: Bool = false,
        tools: [String] = [], asks: Asks = Asks()
    ) {
        self.init(
            id, version: version, role: "", summary: summary, serial: serial, isolate: isolate, tools: tools, asks: asks
        )
    }
}

/// The name under which agents know their card.
public typealias AgentCard = PluginCard
