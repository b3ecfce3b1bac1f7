// SPDX-License-Identifier: Apache-2.0
// SpanUsage: how often a plugin used what it was granted, as the tenant's spans tell it.

import CorralBase
import GRDB

/// Requests of one plugin for one thing: a tool, a host, an endpoint, a program, a secret.
package struct SpanUsage: Sendable, Hashable {
    /// The span's kind: `tool_use`, `http`, `connect`, `process`, `secret`.
    package var kind: String
    /// The span's name.
    package var name: String
    /// Requests that were admitted, whatever became of them.
    package var used: Int
    /// Requests that grants did not cover.
    package var refused: Int
}

extension SpanStore {
    /// - Throws: `store_corrupt`, `store_io`.
    package func usage(by plugin: PluginID) throws -> [SpanUsage] {
        flush()
        return try writer?.usage(by: plugin) ?? []
    }
}

extension SpanWriter {
    /// Names that differ only in what a URL asks for are many: the most used come first, and the rest is left out.
    private static let namesMax = 1000

    fileprivate func usage(by plugin: PluginID) throws -> [SpanUsage] {
        try database.perform { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT kind, name, COUNT(*),
                        SUM(COALESCE(json_extract(attributes, '$."error.type"')
                            IN ('grant_missing', 'not_granted', 'http_not_granted'), 0))
                    FROM spans
                    WHERE kind IN ('tool_use', 'http', 'smtp', 'connect', 'process', 'secret')
                        AND json_extract(attributes, '$."corral.caller"') = ?
                    GROUP BY kind, name ORDER BY COUNT(*) DESC, kind, name LIMIT \(Self.namesMax)
                    """, arguments: [plugin.text]
            ).map { row in
                let (all, refused): (Int, Int) = (row[2], row[3])
                return SpanUsage(kind: row[0], name: row[1], used: all - refused, refused: refused)
            }
        }
    }
}
