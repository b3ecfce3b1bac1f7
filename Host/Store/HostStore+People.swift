// SPDX-License-Identifier: Apache-2.0
// HostStore+People: who is somebody here, by what they prove it, and which roles they have.

import CorralBase
import CorralIdentity
import GRDB

let hostPeopleSQL = """
    CREATE TABLE principals (
        name TEXT NOT NULL PRIMARY KEY,
        created_at INTEGER NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE credentials (
        credential TEXT NOT NULL PRIMARY KEY,
        principal TEXT NOT NULL,
        created_at INTEGER NOT NULL
    ) WITHOUT ROWID;

    -- tenant is empty for the whole host.
    CREATE TABLE roles (
        principal TEXT NOT NULL,
        role TEXT NOT NULL,
        tenant TEXT NOT NULL,
        granted_at INTEGER NOT NULL,
        PRIMARY KEY (principal, role, tenant)
    ) WITHOUT ROWID;

    -- entry is a line of JSON; hash = SHA-256(the hash before it, as bytes, and entry).
    CREATE TABLE audit (
        seq INTEGER NOT NULL PRIMARY KEY,
        entry TEXT NOT NULL,
        hash BLOB NOT NULL
    );
    -- A courtesy, no wall: whoever can write to the file can drop them. The chain of hashes shows it.
    CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

    -- What the host saw last of things that others change: plugins, configuration.
    CREATE TABLE noticed (
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (kind, name)
    ) WITHOUT ROWID;
    """

package struct PrincipalRecord: Sendable, Hashable {
    package var name: String
    package var createdAt: Int64
    package var credentials: [Credential]
    /// By role and tenant.
    package var grants: [RoleGrant]
}

extension HostStore {
    /// Everybody, by name.
    package func principals() throws -> [PrincipalRecord] {
        try database.perform { db in
            try Row.fetchAll(db, sql: "SELECT name, created_at FROM principals ORDER BY name").map { row in
                try record(db, name: row[0], createdAt: row[1])
            }
        }
    }

    package func principal(named name: String) throws -> PrincipalRecord? {
        try database.perform { db in
            try Row.fetchOne(db, sql: "SELECT name, created_at FROM principals WHERE name = ?", arguments: [name])
                .map { try record(db, name: $0[0], createdAt: $0[1]) }
        }
    }

    package func principal(with credential: Credential) throws -> PrincipalRecord? {
        try database.perform { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT name, principals.created_at FROM credentials JOIN principals ON name = principal
                    WHERE credential = ?
                    """, arguments: [credential.text]
            ).map { try record(db, name: $0[0], createdAt: $0[1]) }
        }
    }

    private func record(_ db: Database, name: String, createdAt: Int64) throws -> PrincipalRecord {
        let credentials = try String.fetchAll(
            db, sql: "SELECT credential FROM credentials WHERE principal = ? ORDER BY credential", arguments: [name])
        let roles = try Row.fetchAll(
            db, sql: "SELECT role, tenant FROM roles WHERE principal = ? ORDER BY role, tenant", arguments: [name])
        return PrincipalRecord(
            name: name, createdAt: createdAt, credentials: credentials.map { Credential($0) },
            grants: try roles.map { row in
                let tenant: String = row[1]
                return try RoleGrant(Role(row[0]), tenant: tenant.isEmpty ? nil : TenantID(tenant))
            })
    }

    /// - Throws: `principal_exists` for a name or a credential that is taken.
    package func addPrincipal(_ name: String, _ credential: Credential, _ grant: RoleGrant?, now: Int64) throws {
        if try principal(named: name) != nil { throw CorralError.principalExists(name) }
        if let other = try principal(with: credential) { throw CorralError.credentialTaken(credential, by: other.name) }
        try database.perform { db in
            try db.inTransaction(.immediate) {
                try db.execute(sql: "INSERT INTO principals VALUES (?, ?)", arguments: [name, now])
                try db.execute(
                    sql: "INSERT INTO credentials VALUES (?, ?, ?)", arguments: [credential.text, name, now])
                if let grant { try insert(grant, name, db, now) }
                return .commit
            }
        }
    }

    /// Gives a role; one that is held stays.
    package func grant(_ grant: RoleGrant, to name: String, now: Int64) throws {
        try database.perform { db in
            try db.inTransaction(.immediate) {
                try insert(grant, name, db, now)
                return .commit
            }
        }
    }

    private func insert(_ grant: RoleGrant, _ name: String, _ db: Database, _ now: Int64) throws {
        try db.execute(
            sql: "INSERT INTO roles VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [name, grant.role.text, grant.tenant?.text ?? "", now])
    }

    /// - Returns: whether it was held.
    package func revoke(_ grant: RoleGrant, from name: String) throws -> Bool {
        try database.perform { db in
            try db.execute(
                sql: "DELETE FROM roles WHERE principal = ? AND role = ? AND tenant = ?",
                arguments: [name, grant.role.text, grant.tenant?.text ?? ""])
            return db.changesCount > 0
        }
    }

    /// Forgets somebody with their credentials and roles.
    package func removePrincipal(_ name: String) throws {
        try database.perform { db in
            try db.inTransaction(.immediate) {
                for sql in [
                    "DELETE FROM roles WHERE principal = ?", "DELETE FROM credentials WHERE principal = ?",
                    "DELETE FROM principals WHERE name = ?",
                ] { try db.execute(sql: sql, arguments: [name]) }
                return .commit
            }
        }
    }
}
