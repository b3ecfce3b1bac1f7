// SPDX-License-Identifier: Apache-2.0
// TenantPrompts: which version of a prompt counts in a tenant now.

import CorralBase
import CorralPipeline
import CorralServices
import CorralStore
import Synchronization

/// One per tenant.
final class TenantPrompts: PromptSource {
    /// What a version must carry to count where the configuration names nothing else.
    static let production = "production"

    private let journal: JournalWriter
    private let preferred: Mutex<String>

    init(journal: JournalWriter, label: String) {
        self.journal = journal
        preferred = Mutex(label)
    }

    /// The label that the tenant's calls use when a prompt has it.
    var label: String {
        get { preferred.withLock { $0 } }
        set { preferred.withLock { $0 = newValue } }
    }

    func inForce(_ prompt: DeclaredPrompt, of plugin: PluginID) async throws -> PromptInForce {
        let key = PromptKey(plugin: plugin, name: prompt.name)
        let label = label
        return try await journal.withStore { try $0.inForce(key, label, own: prompt.text) }
    }
}

extension TenantStore {
    /// The version with the label, else the one in production, else the plugin's own text.
    func inForce(_ key: PromptKey, _ label: String, own: String) throws -> PromptInForce {
        let labels = try promptLabels(key)
        let used = labels[label] != nil ? label : TenantPrompts.production
        guard let version = labels[used] else { return PromptInForce(version: 0, text: own) }
        guard version > 0 else { return PromptInForce(version: 0, text: own, label: used) }
        guard let content = try promptContent(key, version) else {
            throw CorralError.promptVersionUnknown(
                key.text, version, latest: try promptVersions(key).last?.version ?? 0)
        }
        return PromptInForce(version: version, text: content.text, label: used)
    }
}
