// SPDX-License-Identifier: Apache-2.0
// GrantDetail: what a plugin asks for, what it was granted and how often it used it, as `plugin show` presents it.

/// One thing that a plugin's manifest asks for.
package struct GrantDetail: Sendable, Hashable, Codable {
    /// `tools`, `http`, `connect`, `process`, `secrets`, `memory` or `storage`.
    package var kind: String
    /// What the manifest asks for, in words: `GET, HEAD https://api.example.com:443`.
    package var asked: String
    /// What is left of it under sidecar and policy; empty when it is denied.
    package var granted: [String]
    /// Where the decision stands: `corral.yaml:12`, `default` (tools, memory and storage are granted as asked, everything
    /// else is denied).
    package var origin: String
    /// Requests of this tenant that it covered, as long as spans are kept.
    package var used: Int

    package init(kind: String, asked: String, granted: [String], origin: String, used: Int) {
        self.kind = kind
        self.asked = asked
        self.granted = granted
        self.origin = origin
        self.used = used
    }
}

/// Something that a plugin tried in this tenant and that its grants do not cover.
package struct RefusalDetail: Sendable, Hashable, Codable {
    /// `tool_use`, `http`, `connect`, `process` or `secret`.
    package var kind: String
    package var target: String
    package var count: Int

    package init(kind: String, target: String, count: Int) {
        self.kind = kind
        self.target = target
        self.count = count
    }
}
