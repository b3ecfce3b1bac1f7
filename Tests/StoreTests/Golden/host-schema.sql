PRAGMA application_id = 1129468488;
-- 1 host
-- 2 tenants
-- 3 people
CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY,
    entry TEXT NOT NULL,
    hash BLOB NOT NULL
);
CREATE TABLE credentials (
    credential TEXT NOT NULL PRIMARY KEY,
    principal TEXT NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE noticed (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE TABLE principals (
    name TEXT NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE probes (
    key TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL,
    probed_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
);
CREATE TABLE roles (
    principal TEXT NOT NULL,
    role TEXT NOT NULL,
    tenant TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    PRIMARY KEY (principal, role, tenant)
) WITHOUT ROWID;
CREATE TABLE schema_version (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL
, number INTEGER, removing_at INTEGER) WITHOUT ROWID;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
