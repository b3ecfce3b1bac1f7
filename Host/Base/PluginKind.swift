// SPDX-License-Identifier: Apache-2.0
// PluginKind: what a plugin can be for the host. One library may be several.

package enum PluginKind: String, Sendable, Hashable, Codable, CaseIterable {
    case agent
    case tool
    case memory
    case scanner
    case judge
    case notifier
    case tracer

    /// Those that only the host itself calls, for all plugins of a tenant; never a flow, and never one of a tenant's own.
    package static let infrastructure: [PluginKind] = [.memory, .scanner, .judge, .notifier, .tracer]

    /// As manifests and headers say it.
    package var extensionID: String { "corral.\(rawValue)/1" }

    package init?(extensionID: String) {
        guard let kind = Self.allCases.first(where: { $0.extensionID == extensionID }) else { return nil }
        self = kind
    }

    /// The functions of the kind as calls name them; empty where the plugin chooses the names.
    package var methods: [String] {
        switch self {
        case .agent, .tool: []
        case .memory: ["put", "get", "search", "list", "forget"]
        case .scanner: ["scan"]
        case .judge: ["judge"]
        case .notifier: ["notify"]
        case .tracer: ["export"]
        }
    }
}
