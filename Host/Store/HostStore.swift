// SPDX-License-Identifier: Apache-2.0
// HostStore: what belongs to the host and to no tenant: which tenants and people there are, what probes answered,
// settings, the audit log. None of it is needed to read a tenant's journal.

import CorralBase
import CorralIdentity
import Foundation
import GRDB

extension DatabaseKind {
    /// "CRRH".
    static let host = DatabaseKind(
        applicationID: 0x4352_5248, synchronous: "FULL",
        migrations: [("1 host", hostSQL), ("2 tenants", hostTenantsSQL), ("3 people", hostPeopleSQL)])
}

private let hostSQL = """
    CREATE TABLE tenants (
        id TEXT NOT NULL PRIMARY KEY,
        created_at INTEGER NOT NULL
    ) WITHOUT ROWID;

    -- What a library said of itself. key is what was probed (content hash, toolchain, build), value the answer.
    CREATE TABLE probes (
        key TEXT NOT NULL PRIMARY KEY,
        value BLOB NOT NULL,
        probed_at INTEGER NOT NULL,
        used_at INTEGER NOT NULL
    );

    CREATE TABLE settings (
        name TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL,
        changed_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    """

private let hostTenantsSQL = """
    -- Never given to another tenant of this home, also not after a removal: what is left of one is nobody's.
    ALTER TABLE tenants ADD COLUMN number INTEGER;
    -- Since when the tenant is being removed; a removal that was interrupted is asked for again.
    ALTER TABLE tenants ADD COLUMN removing_at INTEGER;
    UPDATE tenants SET number = (SELECT count(*) FROM tenants AS other WHERE other.id <= tenants.id);
    INSERT INTO settings (name, value, changed_at) SELECT 'tenant_number', count(*), 0 FROM tenants;
    """

/// A tenant as the host knows it.
package struct TenantRecord: Sendable, Hashable {
    package var id: TenantID
    package var createdAt: Int64
    /// From 1; the tenant's own for ever.
    package var number: Int64
    /// Nil unless its removal has begun.
    package var removingAt: Int64?
}

/// Owned by the host's main lane; called by one thread at a time, and blocks it. Times are wall-clock nanoseconds.
///
/// Every function throws `store_full`, `store_locked`, `store_corrupt`, `store_read_only` or `store_io`.
package final class HostStore {
    /// Answers kept; a home with more plugins probes the least recently used ones again.
    package static let probesMax = 4_096

    let database: StoreDatabase
    let folder: StoreFolder
    /// The last entry of the audit log that this process wrote or found.
    var auditHead: AuditHead?

    /// Opens `host.db` in the home, creating both.
    /// - Throws: also `store_folder_refused`, `store_foreign`, `store_newer`.
    package init(home: String, busyMilliseconds: Int = 2_000) throws {
        folder = try StoreFolder(creating: home)
        database = try StoreDatabase(
            folder: folder, name: "host.db", kind: .host, busyMilliseconds: busyMilliseconds)
    }

    // MARK: Tenants

    /// Registers a tenant and gives it a number; one that is known stays as it is.
    /// - Returns: whether it is new.
    @discardableResult
    package func addTenant(_ tenant: TenantID, now: Int64) throws -> Bool {
        var isNew = false
        try database.perform { db in
            try db.inTransaction(.immediate) {
                let number = try Int64.fetchOne(
                    db, sql: "SELECT CAST(value AS INTEGER) + 1 FROM settings WHERE name = 'tenant_number'")
                try db.execute(
                    sql: "INSERT INTO tenants (id, created_at, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    arguments: [tenant.text, now, number])
                isNew = db.changesCount > 0
                guard isNew else { return .rollback }
                try db.execute(
                    sql: "UPDATE settings SET value = ?, changed_at = ? WHERE name = 'tenant_number'",
                    arguments: [number, now])
                return .commit
            }
        }
        return isNew
    }

    /// Known tenants by name.
    package func tenants() throws -> [TenantRecord] {
        try database.perform { db in
            try Row.fetchAll(db, sql: "SELECT id, created_at, number, removing_at FROM tenants ORDER BY id")
                .map(TenantRecord.init)
        }
    }

    package func tenant(_ id: TenantID) throws -> TenantRecord? {
        try database.perform { db in
            try Row.fetchOne(
                db, sql: "SELECT id, created_at, number, removing_at FROM tenants WHERE id = ?", arguments: [id.text]
            ).map(TenantRecord.init)
        }
    }

    /// Says durably that a tenant is going.
    package func beginRemoval(of tenant: TenantID, now: Int64) throws {
        try write("UPDATE tenants SET removing_at = coalesce(removing_at, ?2) WHERE id = ?1", [tenant.text, now])
    }

    /// Forgets a tenant; its number stays used. What libraries said goes as well, because some were the tenant's own: those
    /// that are left are asked again.
    package func removeTenant(_ tenant: TenantID) throws {
        try database.perform { db in
            // What the rows held is overwritten, in the file and in the log.
            try db.execute(sql: "PRAGMA secure_delete = ON")
            try db.inTransaction(.immediate) {
                try db.execute(sql: "DELETE FROM tenants WHERE id = ?", arguments: [tenant.text])
                // Who had a role in it has none in another tenant of the same name.
                try db.execute(sql: "DELETE FROM roles WHERE tenant = ?", arguments: [tenant.text])
                try db.execute(
                    sql: "DELETE FROM noticed WHERE kind IN (?, ?)",
                    arguments: [Noticed.plugins(tenant).text, Noticed.configuration(tenant).text])
                try db.execute(sql: "DELETE FROM probes")
                return .commit
            }
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }

    // MARK: Probe answers

    /// - Returns: nil when the library was never probed under this key.
    package func probeAnswer(_ key: String, now: Int64) throws -> [UInt8]? {
        let answer = try database.perform { db in
            try Row.fetchOne(db, sql: "SELECT value, used_at FROM probes WHERE key = ?", arguments: [key])
        }
        guard let answer else { return nil }
        // A write at each start would cost a flush for each plugin; a day's precision is enough to choose what to drop.
        let usedAt: Int64 = answer[1]
        if now &- usedAt > 86_400_000_000_000 {
            try write("UPDATE probes SET used_at = ?2 WHERE key = ?1", [key, now])
        }
        return Array(answer[0] as Data)
    }

    /// Remembers an answer, replacing an earlier one, and forgets the least recently used above `probesMax`.
    package func putProbeAnswer(_ key: String, _ value: [UInt8], now: Int64) throws {
        try write(
            """
            INSERT INTO probes (key, value, probed_at, used_at) VALUES (?1, ?2, ?3, ?3)
            ON CONFLICT (key) DO UPDATE SET value = ?2, probed_at = ?3, used_at = ?3
            """, [key, Data(value), now])
        try write(
            "DELETE FROM probes WHERE key IN (SELECT key FROM probes ORDER BY used_at DESC LIMIT -1 OFFSET ?)",
            [Self.probesMax])
    }

    /// Forgets all answers, so that every library is probed again.
    package func forgetProbeAnswers() throws { try write("DELETE FROM probes", []) }

    // MARK: Settings

    package func setting(_ name: String) throws -> String? {
        try database.perform { db in
            try String.fetchOne(db, sql: "SELECT value FROM settings WHERE name = ?", arguments: [name])
        }
    }

    /// - Parameter value: nil removes the setting.
    package func set(_ name: String, _ value: String?, now: Int64) throws {
        guard let value else { return try write("DELETE FROM settings WHERE name = ?", [name]) }
        try write(
            """
            INSERT INTO settings (name, value, changed_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (name) DO UPDATE SET value = ?2, changed_at = ?3
            """, [name, value, now])
    }

    func write(_ sql: String, _ arguments: StatementArguments) throws {
        try database.perform { db in
            try db.inTransaction(.immediate) {
                try db.execute(sql: sql, arguments: arguments)
                return .commit
            }
        }
    }
}

extension TenantRecord {
    fileprivate init(_ row: Row) throws {
        self.init(id: try TenantID(row[0]), createdAt: row[1], number: row[2] ?? 0, removingAt: row[3])
    }
}
