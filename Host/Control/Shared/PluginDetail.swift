// SPDX-License-Identifier: Apache-2.0
// PluginDetail: a plugin as `plugin list` and `plugin show` present it.

import CorralBase

package struct PluginSummary: Sendable, Hashable, Codable {
    /// `publisher/name`; nil for a file whose manifest could not be read.
    package var id: String?
    package var version: String?
    /// `agent`, `tools`, `native`…
    package var kinds: [String]
    package var summary: String?
    /// The file or folder in `plugins.d`.
    package var path: String
    /// Why it cannot be used; nil when it can.
    package var error: CorralError?
    /// Why newer content of its file does not serve, while what the file held before goes on; nil when nothing is held up.
    package var held: CorralError?

    package init(
        id: String?, version: String? = nil, kinds: [String] = [], summary: String? = nil, path: String,
        error: CorralError? = nil
    ) {
        self.id = id
        self.version = version
        self.kinds = kinds
        self.summary = summary
        self.path = path
        self.error = error
    }
}

package struct PluginDetail: Sendable, Hashable, Codable {
    package var plugin: PluginSummary
    /// SHA-256 of the file or the folder.
    package var digest: String
    /// What built it; nil when it does not say.
    package var toolchain: String?
    package var compartment: String
    /// Plugins that may share a process with it.
    package var compartmentMates: [String]
    package var isSerial: Bool
    /// It crashed too often in this tenant and is not run until its content changes or it is released.
    package var isQuarantined = false
    /// JSON schemas of the agent; nil when it has none.
    package var inputSchema: JSONText?
    package var outputSchema: JSONText?
    package var tools: [ToolDetail]
    /// What it asks for, and what came of it.
    package var grants: [GrantDetail]
    /// What it tried without a grant.
    package var refusals: [RefusalDetail]
    /// Effective configuration.
    package var configuration: JSONText?
    /// The manifest as the library states it.
    package var manifest: JSONText?

    package init(
        plugin: PluginSummary, digest: String, toolchain: String? = nil, compartment: String,
        compartmentMates: [String] = [], isSerial: Bool = false, inputSchema: JSON? = nil, outputSchema: JSON? = nil,
        tools: [ToolDetail] = [], grants: [GrantDetail] = [], refusals: [RefusalDetail] = [],
        configuration: JSON? = nil, manifest: JSON? = nil
    ) {
        self.plugin = plugin
        self.digest = digest
        self.toolchain = toolchain
        self.compartment = compartment
        self.compartmentMates = compartmentMates
        self.isSerial = isSerial
        self.inputSchema = inputSchema.map(JSONText.init)
        self.outputSchema = outputSchema.map(JSONText.init)
        self.tools = tools
        self.grants = grants
        self.refusals = refusals
        self.configuration = configuration.map(JSONText.init)
        self.manifest = manifest.map(JSONText.init)
    }
}

package struct ToolDetail: Sendable, Hashable, Codable {
    package var name: String
    package var summary: String?
    /// For a native function, `(x: f64, y: f64) -> f64`.
    package var signature: String?
    package var inputSchema: JSONText?

    package init(name: String, summary: String? = nil, signature: String? = nil, inputSchema: JSON? = nil) {
        self.name = name
        self.summary = summary
        self.signature = signature
        self.inputSchema = inputSchema.map(JSONText.init)
    }
}
