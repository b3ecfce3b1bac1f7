// SPDX-License-Identifier: Apache-2.0
// PromptMessages: what `corral prompt …` asks and what it is told.

import CorralBase

/// A prompt as a person names it.
package struct PromptReference: Sendable, Hashable, Codable {
    package var tenant: TenantID
    /// `publisher/name.prompt`; not yet validated, so that a mistyped one gets a suggestion.
    package var name: String

    package init(tenant: TenantID = .standard, name: String) {
        self.tenant = tenant
        self.name = name
    }
}

package struct PromptListRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    /// Of one plugin; nil for all.
    package var plugin: String?

    package init(tenant: TenantID = .standard, plugin: String? = nil) {
        self.tenant = tenant
        self.plugin = plugin
    }
}

package struct PromptShowRequest: Sendable, Hashable, Codable {
    package var reference: PromptReference
    /// Nil for the one that a label is on, or that is in effect.
    package var version: Int?
    package var label: String?

    package init(_ reference: PromptReference, version: Int? = nil, label: String? = nil) {
        self.reference = reference
        self.version = version
        self.label = label
    }
}

/// Where a change comes from.
package enum PromptSourceKind: String, Sendable, Codable, CaseIterable {
    /// A person wrote it.
    case `operator`
    /// What a person said of a result.
    case review
    /// What successful runs have in common.
    case analysis
}

package struct PromptSetRequest: Sendable, Hashable, Codable {
    package var reference: PromptReference
    package var text: String
    /// Why, for whoever approves it.
    package var note: String
    package var source: PromptSourceKind
    /// Puts this label on it at once, for who may approve; nil proposes it.
    package var approvedAs: String?

    package init(
        _ reference: PromptReference, text: String, note: String = "", source: PromptSourceKind = .operator,
        approvedAs: String? = nil
    ) {
        self.reference = reference
        self.text = text
        self.note = note
        self.source = source
        self.approvedAs = approvedAs
    }
}

package struct PromptDecideRequest: Sendable, Hashable, Codable {
    package var reference: PromptReference
    package var version: Int
    /// The label that an approved version gets; nil rejects it.
    package var label: String?

    package init(_ reference: PromptReference, version: Int, label: String?) {
        self.reference = reference
        self.version = version
        self.label = label
    }
}

package struct PromptLabelRequest: Sendable, Hashable, Codable {
    package var reference: PromptReference
    package var label: String
    /// Nil takes the label off.
    package var version: Int?

    package init(_ reference: PromptReference, label: String, version: Int?) {
        self.reference = reference
        self.label = label
        self.version = version
    }
}

package struct PromptRollbackRequest: Sendable, Hashable, Codable {
    package var reference: PromptReference
    package var label: String
    /// Nil for the one before the last change.
    package var version: Int?

    package init(_ reference: PromptReference, label: String, version: Int? = nil) {
        self.reference = reference
        self.label = label
        self.version = version
    }
}

package struct PromptSummary: Sendable, Hashable, Codable {
    /// `publisher/name.prompt`.
    package var name: String
    package var help: String
    package var variables: [String]
    /// In effect in this tenant; 0 is the plugin's own text.
    package var version: Int
    /// The label that made it so; nil for the plugin's own text.
    package var label: String?
    package var labels: [String: Int]
    package var versions: Int
    /// Versions that wait for an approval.
    package var proposed: [Int]
    /// Whether a plugin that is there declares it.
    package var isDeclared: Bool

    package init(
        name: String, help: String = "", variables: [String] = [], version: Int = 0, label: String? = nil,
        labels: [String: Int] = [:], versions: Int = 0, proposed: [Int] = [], isDeclared: Bool = true
    ) {
        self.name = name
        self.help = help
        self.variables = variables
        self.version = version
        self.label = label
        self.labels = labels
        self.versions = versions
        self.proposed = proposed
        self.isDeclared = isDeclared
    }
}

package struct PromptVersionDetail: Sendable, Hashable, Codable {
    package var version: Int
    /// `plugin`, or where the change came from.
    package var source: String
    package var author: String
    /// Wall-clock nanoseconds since 1970; nil for the plugin's own text.
    package var createdAt: Int64?
    /// `proposed`, `approved` or `rejected`.
    package var state: String
    package var decidedBy: String?
    package var decidedAt: Int64?

    package init(
        version: Int, source: String, author: String, createdAt: Int64? = nil, state: String,
        decidedBy: String? = nil, decidedAt: Int64? = nil
    ) {
        self.version = version
        self.source = source
        self.author = author
        self.createdAt = createdAt
        self.state = state
        self.decidedBy = decidedBy
        self.decidedAt = decidedAt
    }
}

package struct PromptMoveDetail: Sendable, Hashable, Codable {
    package var label: String
    /// Nil took the label off.
    package var version: Int?
    package var actor: String
    package var at: Int64

    package init(label: String, version: Int?, actor: String, at: Int64) {
        self.label = label
        self.version = version
        self.actor = actor
        self.at = at
    }
}

package struct PromptDetail: Sendable, Hashable, Codable {
    package var summary: PromptSummary
    /// The version that `text` and `note` are of.
    package var version: Int
    package var text: String
    package var note: String
    /// Oldest first, from the plugin's own.
    package var versions: [PromptVersionDetail]
    /// How labels moved, newest first.
    package var moves: [PromptMoveDetail]

    package init(
        summary: PromptSummary, version: Int, text: String, note: String = "", versions: [PromptVersionDetail] = [],
        moves: [PromptMoveDetail] = []
    ) {
        self.summary = summary
        self.version = version
        self.text = text
        self.note = note
        self.versions = versions
        self.moves = moves
    }
}
