// SPDX-License-Identifier: Apache-2.0
// AuditEntry: one line of the record of who changed what in this host. It holds names, ids and digests, never content:
// everybody who may read it may read all of it.

import CorralBase

/// What is to be recorded.
package struct AuditDraft: Sendable, Equatable {
    package enum Outcome: String, Sendable, Codable, CaseIterable {
        /// Allowed and about to be done: written before, so that nothing is done that is not recorded.
        case allowed
        /// It was not allowed, and not done.
        case refused
        /// It was allowed and failed; follows an entry `allowed`.
        case failed
        /// Somebody else did it, and the host saw it.
        case noticed
    }

    /// A principal's name, or `host`.
    package var actor: String
    /// By what the actor proved itself; nil for the host.
    package var credential: String?
    /// `tenant.add`, `user.grant`, `plugin.changed`…
    package var action: String
    package var outcome: Outcome
    package var tenant: TenantID?
    /// What it was done to.
    package var subject: String
    package var detail: JSON

    package init(
        actor: String = PrincipalName.host, credential: String? = nil, action: String, outcome: Outcome,
        tenant: TenantID? = nil, subject: String = "", detail: JSON = [:]
    ) {
        self.actor = actor
        self.credential = credential
        self.action = action
        self.outcome = outcome
        self.tenant = tenant
        self.subject = subject
        self.detail = detail
    }

    package init(
        _ principal: Principal, action: String, outcome: Outcome, tenant: TenantID? = nil, subject: String = "",
        detail: JSON = [:]
    ) {
        self.init(
            actor: principal.name, credential: principal.credential.text, action: action, outcome: outcome,
            tenant: tenant, subject: subject, detail: detail)
    }
}

/// What was recorded.
package struct AuditEntry: Sendable, Equatable {
    /// From 1, without gaps.
    package var sequence: Int64
    /// Wall-clock nanoseconds since 1970.
    package var at: Int64
    package var draft: AuditDraft

    package init(sequence: Int64, at: Int64, draft: AuditDraft) {
        self.sequence = sequence
        self.at = at
        self.draft = draft
    }

    /// One line of JSON: the bytes that are stored and hashed.
    package var text: String {
        let entry: [(String, JSON)] = [
            ("seq", .int(sequence)), ("at", .int(at)), ("actor", .string(draft.actor)),
            ("credential", draft.credential.map { .string($0) } ?? .null), ("action", .string(draft.action)),
            ("outcome", .string(draft.outcome.rawValue)), ("tenant", draft.tenant.map { .string($0.text) } ?? .null),
            ("subject", .string(draft.subject)), ("detail", draft.detail),
        ]
        return JSON.object(JSONObject(entry)).text()
    }

    /// - Returns: nil for a text that is no entry.
    package init?(_ text: String) {
        guard let json = try? JSON(parsing: text), let sequence = json["seq"]?.intValue, let at = json["at"]?.intValue,
            let actor = json["actor"]?.stringValue, let action = json["action"]?.stringValue,
            let outcome = json["outcome"]?.stringValue.flatMap(AuditDraft.Outcome.init(rawValue:)),
            let subject = json["subject"]?.stringValue, let detail = json["detail"]
        else { return nil }
        var tenant: TenantID?
        if let name = json["tenant"]?.stringValue {
            guard let known = try? TenantID(name) else { return nil }
            tenant = known
        }
        self.init(
            sequence: sequence, at: at,
            draft: AuditDraft(
                actor: actor, credential: json["credential"]?.stringValue, action: action, outcome: outcome,
                tenant: tenant,
                subject: subject, detail: detail))
    }
}

extension AuditEntry: Codable {
    package init(from decoder: any Decoder) throws {
        guard let entry = AuditEntry(try decoder.singleValueContainer().decode(String.self)) else {
            throw CorralError.internalFault("an audit entry of another version")
        }
        self = entry
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// What is asked of the log. Nil asks for all.
package struct AuditFilter: Sendable, Hashable, Codable {
    /// Wall-clock nanoseconds since 1970.
    package var since: Int64?
    package var actor: String?
    /// The whole action, or its first word: `tenant` for `tenant.add` and all others.
    package var action: String?
    package var tenant: TenantID?
    /// The latest so many; 1 to 10,000.
    package var limit: Int

    package init(
        since: Int64? = nil, actor: String? = nil, action: String? = nil, tenant: TenantID? = nil, limit: Int = 100
    ) {
        self.since = since
        self.actor = actor
        self.action = action
        self.tenant = tenant
        self.limit = limit
    }
}

/// How far the log goes: its last entry's number and hash. Who notes it elsewhere can prove later that nothing of what
/// was there then is missing.
package struct AuditHead: Sendable, Hashable, Codable {
    package var sequence: Int64
    /// 64 hexadecimal digits.
    package var hash: String

    package init(sequence: Int64, hash: String) {
        self.sequence = sequence
        self.hash = hash
    }

    /// Before the first entry.
    package static let start = AuditHead(sequence: 0, hash: String(repeating: "0", count: 64))

    /// `17:ab…`.
    package var text: String { "\(sequence):\(hash)" }

    /// - Throws: `audit_head_invalid`.
    package init(_ text: String) throws(CorralError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence >= 0, parts[1].utf8.count == 64,
            parts[1].utf8.allSatisfy({ isHexadecimal($0) })
        else { throw .auditHeadInvalid(text) }
        self.init(sequence: sequence, hash: String(parts[1]))
    }
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
    (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f"))
}

/// What looking at the whole chain showed.
package struct AuditVerdict: Sendable, Hashable, Codable {
    package var entries: Int64
    package var head: AuditHead
    /// In the log's order, at most `problemsMax`; empty when nothing was found.
    package var problems: [String]

    /// A log that was rewritten has one for each entry; the first ones say where it begins.
    package static let problemsMax = 20

    package init(entries: Int64, head: AuditHead, problems: [String]) {
        self.entries = entries
        self.head = head
        self.problems = problems
    }
}
