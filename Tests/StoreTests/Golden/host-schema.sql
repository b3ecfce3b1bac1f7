PRAGMA application_id = 1129468488;
-- 1 host
-- 2 tenants
CREATE TABLE probes (
    key TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL,
    probed_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
);
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
