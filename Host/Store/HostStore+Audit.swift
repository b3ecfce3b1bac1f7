// SPDX-License-Identifier: Apache-2.0
// HostStore+Audit: the audit log is written. How far it goes is kept in three places, so that a tail cut off one of them
// shows: the table's last row, a setting of the same transaction, and a file beside the database.

import CorralBase
import CorralIdentity
import Foundation
import GRDB
import Glibc

/// Things that others change and the host notices.
package enum Noticed: Hashable, Sendable {
    /// Plugins in the folders of all tenants, or in one's own.
    case plugins(TenantID?)
    /// Sections of the operator's files, or of a tenant's own.
    case configuration(TenantID?)

    package var text: String {
        switch self {
        case .plugins(let tenant): "plugin" + (tenant.map { "/\($0)" } ?? "")
        case .configuration(let tenant): "configuration" + (tenant.map { "/\($0)" } ?? "")
        }
    }
}

/// What became of one of them.
package struct NoticedChange: Hashable, Sendable {
    package enum Kind: String, Sendable { case added, changed, removed }
    package var name: String
    package var kind: Kind
}

extension HostStore {
    /// The most one entry says of itself; what is longer is left out, with its length.
    package static let auditDetailBytesMax = 4_096

    /// Records entries, in one commit and durably.
    package func appendAudit(_ drafts: [AuditDraft], now: Int64) throws {
        guard !drafts.isEmpty else { return }
        var head = AuditHead.start
        try database.perform { db in
            try db.inTransaction(.immediate) {
                head = try append(drafts, db, now)
                return .commit
            }
        }
        try keep(head)
    }

    /// Remembers what is there now of a kind, and records what changed since the last time.
    /// - Parameter draft: the entry for a change; nil when there is one already that says who did it.
    /// - Returns: the changes, by name.
    @discardableResult
    package func notice(
        _ kind: Noticed, _ now: [String: String], at time: Int64, _ draft: (NoticedChange) -> AuditDraft?
    ) throws -> [NoticedChange] {
        var changes: [NoticedChange] = []
        var head: AuditHead?
        try database.perform { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT name, digest FROM noticed WHERE kind = ?", arguments: [kind.text])
            let before = Dictionary(rows.map { ($0[0] as String, $0[1] as String) }, uniquingKeysWith: { $1 })
            changes = Set(before.keys).union(now.keys).sorted().compactMap { name in
                switch (before[name], now[name]) {
                case (nil, _?): NoticedChange(name: name, kind: .added)
                case (_?, nil): NoticedChange(name: name, kind: .removed)
                case (let old, let new): old == new ? nil : NoticedChange(name: name, kind: .changed)
                }
            }
            guard !changes.isEmpty else { return }
            try db.inTransaction(.immediate) {
                for change in changes {
                    try db.execute(
                        sql: "DELETE FROM noticed WHERE kind = ? AND name = ?", arguments: [kind.text, change.name])
                    guard let digest = now[change.name] else { continue }
                    try db.execute(
                        sql: "INSERT INTO noticed VALUES (?, ?, ?)", arguments: [kind.text, change.name, digest])
                }
                let drafts = changes.compactMap(draft)
                if !drafts.isEmpty { head = try append(drafts, db, time) }
                return .commit
            }
        }
        if let head { try keep(head) }
        return changes
    }

    private func append(_ drafts: [AuditDraft], _ db: Database, _ now: Int64) throws -> AuditHead {
        var head = try currentHead(db)
        for draft in drafts {
            let text = AuditEntry(sequence: head.sequence + 1, at: now, draft: draft.bounded).text
            let hash = AuditChain.hash(after: head.hash, text)
            try db.execute(
                sql: "INSERT INTO audit (seq, entry, hash) VALUES (?, ?, ?)",
                arguments: [head.sequence + 1, text, Data(hash.bytes)])
            head = AuditHead(sequence: head.sequence + 1, hash: hash.hex)
        }
        try db.execute(
            sql: """
                INSERT INTO settings (name, value, changed_at) VALUES (?1, ?2, ?3)
                ON CONFLICT (name) DO UPDATE SET value = ?2, changed_at = ?3
                """, arguments: [AuditChain.headSetting, head.text, now])
        return head
    }

    /// The farthest of all that say how far the log goes: after a cut the next entry leaves the gap to be seen.
    private func currentHead(_ db: Database) throws -> AuditHead {
        var heads = [auditHead, try AuditChain.settingHead(db), try AuditChain.lastRow(db)].compactMap { $0 }
        if auditHead == nil, let file = try? AuditHeadFile(folder: folder.path).read() { heads.append(file) }
        return heads.max { $0.sequence < $1.sequence } ?? .start
    }

    private func keep(_ head: AuditHead) throws {
        auditHead = head
        try AuditHeadFile(folder: folder.path).write(head)
    }

    /// The latest entries that match, oldest first.
    package func audit(_ filter: AuditFilter) throws -> [AuditEntry] {
        var conditions = ["1"]
        var values: [(any DatabaseValueConvertible)?] = []
        func demand(_ sql: String, _ value: (any DatabaseValueConvertible)?...) {
            conditions.append(sql)
            values += value
        }
        if let since = filter.since { demand("entry ->> 'at' >= ?", since) }
        if let actor = filter.actor { demand("entry ->> 'actor' = ?", actor) }
        if let tenant = filter.tenant { demand("entry ->> 'tenant' = ?", tenant.text) }
        if let action = filter.action {
            demand(
                "(entry ->> 'action' = ? OR substr(entry ->> 'action', 1, ?) = ?)", action, action.count + 1,
                action + ".")
        }
        values.append(min(max(filter.limit, 1), 10_000))
        let sql = "SELECT entry FROM audit WHERE \(conditions.joined(separator: " AND ")) ORDER BY seq DESC LIMIT ?"
        let texts = try database.perform { db in
            try String.fetchAll(db, sql: sql, arguments: StatementArguments(values))
        }
        // One that cannot be read is `verify`'s to report.
        return texts.reversed().compactMap { AuditEntry($0) }
    }

    /// Looks at the whole chain.
    /// - Parameter expected: a head that somebody noted earlier.
    package func verifyAudit(expecting expected: AuditHead? = nil) throws -> AuditVerdict {
        try database.perform { db in try AuditChain.verify(db, folder: folder.path, expecting: expected) }
    }
}

extension AuditDraft {
    fileprivate var bounded: AuditDraft {
        var draft = self
        draft.subject = String(subject.prefix(256))
        let bytes = detail.bytes().count
        if bytes > HostStore.auditDetailBytesMax { draft.detail = ["omitted_bytes": .int(Int64(bytes))] }
        return draft
    }
}
