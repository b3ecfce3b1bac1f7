// SPDX-License-Identifier: Apache-2.0
// MemorySettings: what the configuration says about what agents remember.

/// How long something is worth knowing.
package enum MemoryLayer: String, Sendable, Hashable, CaseIterable {
    case shortTerm = "short_term"
    case mediumTerm = "medium_term"
    case longTerm = "long_term"
}

package enum MemoryRetention: Sendable, Hashable {
    /// Only the session that wrote an entry sees it, and a day after its last change it is gone: nobody says when a
    /// session is over.
    case currentSession
    case milliseconds(Int64)
    case forever

    /// How long `currentSession` keeps an entry that is not changed.
    package static let sessionMilliseconds: Int64 = 86_400_000

    package var milliseconds: Int64? {
        switch self {
        case .currentSession: Self.sessionMilliseconds
        case .milliseconds(let count): count
        case .forever: nil
        }
    }
}

package struct MemorySettings: Sendable, Hashable {
    package var isEnabled = true
    /// The plugin that keeps it; nil = the only one there is.
    package var backend: String?
    package var retention: [MemoryLayer: MemoryRetention] = [
        .shortTerm: .currentSession, .mediumTerm: .milliseconds(7 * 86_400_000),
        .longTerm: .milliseconds(90 * 86_400_000),
    ]
    /// Whether agents may use what all agents of a session or of the tenant see.
    package var isSharedByAgents = false
    /// Whether a session sees what earlier ones wrote.
    package var isSharedBySessions = true
    /// What a search leaves out, from 0 to 1.
    package var relevanceThreshold = 0.7

    package init() {}
}
