// SPDX-License-Identifier: Apache-2.0
// TenantStore+Prompts: a tenant's own versions of its plugins' prompts, which label each carries, and how the labels moved.
// A version never changes. Version 0 is the text that the plugin ships, and is not stored.

import CorralBase
import GRDB

extension DatabaseKind {
    static let statePromptsSQL = """
        -- content refers to {"text", "note"}. decided_by is NULL while the version is proposed.
        CREATE TABLE prompt_versions (
            plugin TEXT NOT NULL,
            prompt TEXT NOT NULL,
            version INTEGER NOT NULL CHECK (version > 0),
            content INTEGER NOT NULL REFERENCES blobs (id),
            source TEXT NOT NULL,
            author TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'rejected')),
            decided_by TEXT,
            decided_at INTEGER,
            PRIMARY KEY (plugin, prompt, version)
        ) WITHOUT ROWID;

        -- Append-only: where a label was put. version 0 is the plugin's own text; NULL took the label off.
        CREATE TABLE prompt_moves (
            number INTEGER PRIMARY KEY,
            plugin TEXT NOT NULL,
            prompt TEXT NOT NULL,
            label TEXT NOT NULL,
            version INTEGER,
            actor TEXT NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE INDEX prompt_moves_label ON prompt_moves (plugin, prompt, label, number);
        """
}

package struct PromptKey: Hashable, Sendable {
    package var plugin: PluginID
    package var name: String

    package init(plugin: PluginID, name: String) {
        self.plugin = plugin
        self.name = name
    }

    /// `acme/greeter.greet`.
    package var text: String { "\(plugin).\(name)" }
}

package struct StoredPromptVersion: Sendable, Hashable {
    package enum State: String, Sendable { case proposed, approved, rejected }

    package var version: Int
    /// `operator`, `review` or `analysis`.
    package var source: String
    package var author: String
    package var createdAt: Int64
    package var state: State
    package var decidedBy: String?
    package var decidedAt: Int64?
}

/// A label was put somewhere.
package struct PromptMove: Sendable, Hashable {
    package var label: String
    /// Nil took the label off.
    package var version: Int?
    package var actor: String
    package var at: Int64
}

extension TenantStore {
    /// Prompts with versions or labels of the tenant's own.
    package func promptKeys() throws -> [PromptKey] {
        try database.perform { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT plugin, prompt FROM prompt_versions UNION SELECT plugin, prompt FROM prompt_moves ORDER BY 1, 2
                    """
            ).map { PromptKey(plugin: try PluginID($0[0]), name: $0[1]) }
        }
    }

    /// Oldest first.
    package func promptVersions(_ key: PromptKey) throws -> [StoredPromptVersion] {
        try database.perform { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT version, source, author, created_at, state, decided_by, decided_at FROM prompt_versions
                    WHERE plugin = ? AND prompt = ? ORDER BY version
                    """, arguments: [key.plugin.text, key.name]
            ).map { row in
                guard let state = StoredPromptVersion.State(rawValue: row[4]) else {
                    throw CorralError.storeCorrupt(path, cause: "a version of the prompt \(key.text) in no state")
                }
                return StoredPromptVersion(
                    version: row[0], source: row[1], author: row[2], createdAt: row[3], state: state,
                    decidedBy: row[5], decidedAt: row[6])
            }
        }
    }

    /// - Returns: nil when there is no such version.
    package func promptContent(_ key: PromptKey, _ version: Int) throws -> (text: String, note: String)? {
        let id = try database.perform { db in
            try Int64.fetchOne(
                db, sql: "SELECT content FROM prompt_versions WHERE plugin = ? AND prompt = ? AND version = ?",
                arguments: [key.plugin.text, key.name, version])
        }
        guard let id else { return nil }
        let content = try JSON(parsing: payloads.read(id))
        return (content["text"]?.stringValue ?? "", content["note"]?.stringValue ?? "")
    }

    /// Keeps a new version, proposed.
    /// - Returns: its number.
    package func addPromptVersion(
        _ key: PromptKey, text: String, note: String, source: String, author: String, now: Int64
    ) throws -> Int {
        let content: JSON = ["text": .string(text), "note": .string(note)]
        let prepared = try payloads.prepare(content.bytes())
        var version = 0
        try commit(.sync) {
            let reference = try payloads.insert(prepared, at: now)
            try database.perform { db in
                let last = try Int.fetchOne(
                    db, sql: "SELECT max(version) FROM prompt_versions WHERE plugin = ? AND prompt = ?",
                    arguments: [key.plugin.text, key.name])
                version = (last ?? 0) + 1
                try db.execute(
                    sql: """
                        INSERT INTO prompt_versions
                            (plugin, prompt, version, content, source, author, created_at, state)
                        VALUES (?, ?, ?, ?, ?, ?, ?, 'proposed')
                        """,
                    arguments: [key.plugin.text, key.name, version, reference, source, author, now])
            }
        }
        return version
    }

    /// Approves a version and puts labels on it, or rejects it, in one commit.
    package func decidePrompt(
        _ key: PromptKey, _ version: Int, _ state: StoredPromptVersion.State, label: String?, by actor: String,
        now: Int64
    ) throws {
        try commit(.sync) {
            try database.perform { db in
                try db.execute(
                    sql: """
                        UPDATE prompt_versions SET state = ?, decided_by = ?, decided_at = ?
                        WHERE plugin = ? AND prompt = ? AND version = ?
                        """, arguments: [state.rawValue, actor, now, key.plugin.text, key.name, version])
                if let label { try move(key, label, version, actor, db, now) }
            }
        }
    }

    /// - Parameter version: 0 for the plugin's own text; nil takes the label off.
    package func movePromptLabel(_ key: PromptKey, _ label: String, to version: Int?, by actor: String, now: Int64)
        throws
    {
        try commit(.sync) { try database.perform { db in try move(key, label, version, actor, db, now) } }
    }

    private func move(
        _ key: PromptKey, _ label: String, _ version: Int?, _ actor: String, _ db: Database, _ now: Int64
    ) throws {
        try db.execute(
            sql: "INSERT INTO prompt_moves (plugin, prompt, label, version, actor, at) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [key.plugin.text, key.name, label, version, actor, now])
    }

    /// Where each label is.
    package func promptLabels(_ key: PromptKey) throws -> [String: Int] {
        try database.perform { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT label, version FROM prompt_moves WHERE number IN
                        (SELECT max(number) FROM prompt_moves WHERE plugin = ? AND prompt = ? GROUP BY label)
                    """, arguments: [key.plugin.text, key.name])
            return Dictionary(
                rows.compactMap { row in (row[1] as Int?).map { (row[0] as String, $0) } },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// How labels moved, newest first.
    package func promptMoves(_ key: PromptKey, label: String? = nil, limit: Int = 100) throws -> [PromptMove] {
        try database.perform { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT label, version, actor, at FROM prompt_moves
                    WHERE plugin = ?1 AND prompt = ?2 AND (?3 IS NULL OR label = ?3) ORDER BY number DESC LIMIT ?4
                    """, arguments: [key.plugin.text, key.name, label, limit]
            ).map { PromptMove(label: $0[0], version: $0[1], actor: $0[2], at: $0[3]) }
        }
    }

    /// The newest results of effects through a service in a run, with the place each belongs to.
    package func effectResults(
        of run: RunID, service: String, method: String
    ) throws -> [(key: EffectKey, result: [UInt8])] {
        try effects(of: run, services: [(service, method)]).compactMap { key in
            guard case .completed(.succeeded(let bytes))? = try effect(key, of: run) else { return nil }
            return (key, bytes)
        }
    }
}
