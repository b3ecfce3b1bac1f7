PRAGMA application_id = 1129468499;
-- 1 spans
CREATE TABLE schema_version (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE spans (
    trace TEXT NOT NULL,
    span TEXT NOT NULL,
    parent TEXT,
    run TEXT NOT NULL,
    step TEXT,
    item INTEGER,
    attempt INTEGER,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    queued_until INTEGER,
    ended_at INTEGER,
    status TEXT NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (run, started_at, span)
) WITHOUT ROWID;
