// SPDX-License-Identifier: Apache-2.0
// MemoryMessages: what `corral memory …` asks. The answer is the memory service's own JSON (memory.h).

import CorralBase

package struct MemoryRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    /// `put`, `get`, `search`, `list` or `forget`.
    package var method: String
    /// `agent`, `session` or `tenant`; nil for all there is.
    package var scope: String?
    /// Whose memory the scope agent means.
    package var agent: String?
    /// The session as its runs state it.
    package var session: String?
    /// The method's own members.
    package var arguments: JSONText

    package init(
        tenant: TenantID, method: String, scope: String? = nil, agent: String? = nil, session: String? = nil,
        arguments: JSON
    ) {
        self.tenant = tenant
        self.method = method
        self.scope = scope
        self.agent = agent
        self.session = session
        self.arguments = JSONText(arguments)
    }

    /// Whether it changes what is remembered.
    package var isWriting: Bool { method == "put" || method == "forget" }
}
