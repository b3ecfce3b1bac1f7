// SPDX-License-Identifier: Apache-2.0
// TenantStore+Usage: what a tenant has used of its daily limits. It survives restarts, and a run counts in the very
// transaction that creates it.

import CorralBase
import GRDB

extension DatabaseKind {
    static let stateUsageSQL = """
        -- Amounts of daily limits. day counts from 1970 in UTC.
        CREATE TABLE usage (
            day INTEGER NOT NULL,
            name TEXT NOT NULL,
            amount INTEGER NOT NULL,
            PRIMARY KEY (day, name)
        ) WITHOUT ROWID;
        """

    static let usageUpsertSQL = """
        INSERT INTO usage (day, name, amount) VALUES (?1, ?2, ?3)
        ON CONFLICT (day, name) DO UPDATE SET amount = amount + excluded.amount
        """
}

/// The names of daily amounts.
package enum UsageName {
    package static let executions = "executions"
    package static let logBytes = "log_bytes"
    package static let logLinesDropped = "log_lines_dropped"
    /// 1 when a warning about this limit has been given that day.
    package static func warned(_ limit: TenantLimit) -> String { "warned." + limit.rawValue }
}

extension TenantStore {
    /// What was used on this day and, by a clock that was ahead, on later ones.
    package func usage(from day: Int64) throws -> [String: Int64] {
        try database.perform { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT name, sum(amount) FROM usage WHERE day >= ? GROUP BY name", arguments: [day])
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
        }
    }

    /// Adds amounts, and forgets days that nobody can ask about any more.
    package func addUsage(_ amounts: [String: Int64], on day: Int64, durability: Durability = .async) throws {
        try commit(durability) {
            try database.perform { db in
                for (name, amount) in amounts {
                    try db.execute(sql: DatabaseKind.usageUpsertSQL, arguments: [day, name, amount])
                }
                try db.execute(sql: "DELETE FROM usage WHERE day < ?", arguments: [day - Self.usageDaysKept])
            }
        }
    }

    /// A month, for people who look back.
    private static let usageDaysKept: Int64 = 31
}
