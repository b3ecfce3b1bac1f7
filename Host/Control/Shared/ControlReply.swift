// SPDX-License-Identifier: Apache-2.0
// ControlReply: the answer that ends a request. A failure is not a reply but a `CorralError`.

import CorralBase
import CorralIdentity

package enum ControlReply: Sendable, Equatable {
    /// A run that nobody follows, acknowledged as its mode promises.
    case runStarted(RunID)
    case runFinished(RunEnd)
    case runs([RunSummary])
    case run(RunDetail)
    /// The descriptor is open for reading, at its start. From the handler it passes to the server, which closes it when
    /// sent; from the client to its caller.
    case artifact(ArtifactDescription, descriptor: Int32)
    case plugins([PluginSummary])
    case plugin(PluginDetail)
    case status(HostStatus)
    case flowChecked(FlowCheckReply)
    case memory(JSONText)
    case tenants([TenantSummary])
    case tenant(TenantDetail)
    case tenantUsage([TenantUsage])
    case tenantRemoved(TenantRemoval)
    case notifyListing(NotifyListing)
    case delivery(DeliveryDetail)
    case users([UserDetail])
    case audit([AuditEntry])
    case auditVerdict(AuditVerdict)
    case prompts([PromptSummary])
    case prompt(PromptDetail)
    /// What was asked for is done; the text says what changed, for a person.
    case done(String)
}

package struct FlowCheckReply: Sendable, Hashable, Codable {
    /// In file order; empty when the flow is whole.
    package var diagnostics: [Diagnostic]
    /// The flow's name, when it could be read.
    package var name: String?

    package init(diagnostics: [Diagnostic], name: String? = nil) {
        self.diagnostics = diagnostics
        self.name = name
    }
}
