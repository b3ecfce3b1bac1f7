PRAGMA application_id = 1129468492;
-- 1 journal
-- 2 usage
-- 3 sealed
-- 4 notices
-- 5 prompts
CREATE INDEX artifact_files_unreferenced ON artifact_files (touched_at) WHERE refs <= 0;
CREATE INDEX blobs_unreferenced ON blobs (touched_at) WHERE refs <= 0;
CREATE INDEX deliveries_pending ON deliveries (next_at) WHERE state = 'pending';
CREATE INDEX prompt_moves_label ON prompt_moves (plugin, prompt, label, number);
CREATE INDEX run_changes_run ON run_changes (run);
CREATE INDEX runs_complexity ON runs (complexity_token, id) WHERE complexity_token IS NOT NULL;
CREATE INDEX runs_confidence ON runs (confidence, id) WHERE confidence IS NOT NULL;
CREATE INDEX runs_feature ON runs (feature_token, id) WHERE feature_token IS NOT NULL;
CREATE INDEX runs_flow ON runs (flow, id);
CREATE UNIQUE INDEX runs_request ON runs (request_token) WHERE request_token IS NOT NULL;
CREATE INDEX runs_session ON runs (session_token, id) WHERE session_token IS NOT NULL;
CREATE INDEX runs_task_type ON runs (task_type_token, id) WHERE task_type_token IS NOT NULL;
CREATE INDEX runs_unfinished ON runs (id) WHERE state = 'running';
CREATE INDEX runs_user ON runs (user_token, id) WHERE user_token IS NOT NULL;
CREATE TABLE artifact_files (
    place BLOB NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL,
    refs INTEGER NOT NULL,
    touched_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE artifacts (
    run TEXT NOT NULL,
    place BLOB NOT NULL REFERENCES artifact_files (place),
    name_token BLOB NOT NULL,
    step TEXT,
    kept_at INTEGER NOT NULL,
    reference BLOB NOT NULL,
    PRIMARY KEY (run, place, name_token)
) WITHOUT ROWID;
CREATE TABLE blobs (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    size INTEGER NOT NULL,
    refs INTEGER NOT NULL,
    touched_at INTEGER NOT NULL,
    bytes BLOB
);
CREATE TABLE deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL,
    plugin TEXT NOT NULL,
    topic TEXT NOT NULL,
    severity TEXT NOT NULL,
    run TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    created_at INTEGER NOT NULL,
    next_at INTEGER,
    finished_at INTEGER,
    attempts INTEGER NOT NULL,
    notice BLOB NOT NULL,
    history BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE effects (
    run TEXT NOT NULL,
    step TEXT NOT NULL,
    item INTEGER NOT NULL,
    lineage INTEGER NOT NULL,
    key_token BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    intent_seq INTEGER NOT NULL,
    result_seq INTEGER,
    PRIMARY KEY (run, step, item, lineage, key_token, ordinal)
) WITHOUT ROWID;
CREATE TABLE journal (
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    step TEXT,
    item INTEGER,
    lineage INTEGER,
    attempt INTEGER,
    target TEXT,
    payload INTEGER REFERENCES blobs (id),
    metrics TEXT,
    detail BLOB,
    PRIMARY KEY (run, seq)
) WITHOUT ROWID;
CREATE TABLE owner (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    tenant TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    process INTEGER NOT NULL,
    opened_at INTEGER NOT NULL
);
CREATE TABLE prompt_moves (
    number INTEGER PRIMARY KEY,
    plugin TEXT NOT NULL,
    prompt TEXT NOT NULL,
    label TEXT NOT NULL,
    version INTEGER,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL
);
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
CREATE TABLE run_changes (
    class_token BLOB NOT NULL,
    run TEXT NOT NULL,
    PRIMARY KEY (class_token, run)
) WITHOUT ROWID;
CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    flow TEXT NOT NULL,
    definition INTEGER REFERENCES blobs (id),
    input INTEGER REFERENCES blobs (id),
    output INTEGER REFERENCES blobs (id),
    state TEXT NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled')),
    mode TEXT NOT NULL,
    seed INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    failed_step TEXT,
    -- The lowest that a result of the run stated.
    confidence REAL,
    user_token BLOB,
    feature_token BLOB,
    session_token BLOB,
    task_type_token BLOB,
    complexity_token BLOB,
    request_token BLOB,
    about BLOB NOT NULL,
    ending BLOB
) WITHOUT ROWID;
CREATE TABLE schema_version (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE scores (
    run TEXT NOT NULL,
    step TEXT NOT NULL,
    item INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    judge TEXT NOT NULL,
    criterion TEXT NOT NULL,
    score REAL,
    explanation BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (run, step, item, attempt, judge, criterion)
) WITHOUT ROWID;
CREATE TABLE sealing (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    fingerprint BLOB NOT NULL,
    sealed_at INTEGER NOT NULL,
    has_plain_files INTEGER NOT NULL
);
CREATE TABLE stopped_channels (
    channel TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE usage (
    day INTEGER NOT NULL,
    name TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (day, name)
) WITHOUT ROWID;
CREATE VIEW attempts AS
SELECT
    run, step, item, lineage, attempt,
    max(target) AS target,
    CASE max(seq * 4 + CASE kind
            WHEN 'attempt.intent' THEN 0 WHEN 'attempt.started' THEN 1 WHEN 'attempt.result' THEN 2 ELSE 3 END) % 4
        WHEN 0 THEN 'queued' WHEN 1 THEN 'running' WHEN 2 THEN 'succeeded' ELSE 'failed' END AS state,
    min(at) FILTER (WHERE kind = 'attempt.intent') AS queued_at,
    coalesce(
        max(json_extract(metrics, '$.started_at')),
        max(at) FILTER (WHERE kind = 'attempt.started')) AS started_at,
    max(at) FILTER (WHERE kind IN ('attempt.result', 'attempt.failed')) AS finished_at,
    max(json_extract(metrics, '$.worker')) AS worker
FROM journal
WHERE kind IN ('attempt.intent', 'attempt.started', 'attempt.result', 'attempt.failed')
GROUP BY run, step, item, lineage, attempt;
CREATE VIEW unresolved AS
SELECT attempts.* FROM attempts JOIN runs ON runs.id = attempts.run
WHERE runs.state = 'running' AND attempts.state IN ('queued', 'running');
