// SPDX-License-Identifier: Apache-2.0
// StateSchema: the tables of state.db. docs/journal.md explains them; a golden file holds their exact text, because a
// released schema only ever changes by a further migration.

extension DatabaseKind {
    /// "CRRL". No checkpoint inside a commit: the lane does it when idle, or when the log grows over its bound.
    static let state = DatabaseKind(
        applicationID: 0x4352_524C, synchronous: "FULL", checkpointPages: 0,
        migrations: [
            ("1 journal", stateJournalSQL), ("2 usage", stateUsageSQL), ("3 sealed", stateSealedSQL),
            ("4 notices", stateNoticesSQL), ("5 prompts", statePromptsSQL),
        ])
}

private let stateJournalSQL = """
    -- One row: who may write. An append checks the epoch in its own transaction.
    CREATE TABLE owner (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        tenant TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        process INTEGER NOT NULL,
        opened_at INTEGER NOT NULL
    );

    -- Values, each once. bytes is NULL when they are in the file blobs/<2 digits>/<hash>.
    CREATE TABLE blobs (
        id INTEGER PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
        size INTEGER NOT NULL,
        refs INTEGER NOT NULL,
        touched_at INTEGER NOT NULL,
        bytes BLOB
    );
    CREATE INDEX blobs_unreferenced ON blobs (touched_at) WHERE refs <= 0;

    CREATE TABLE runs (
        id TEXT NOT NULL PRIMARY KEY,
        flow TEXT NOT NULL,
        flow_digest TEXT NOT NULL,
        definition INTEGER REFERENCES blobs (id),
        input INTEGER REFERENCES blobs (id),
        output INTEGER REFERENCES blobs (id),
        state TEXT NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled')),
        mode TEXT NOT NULL,
        seed INTEGER NOT NULL,
        user TEXT,
        feature TEXT,
        session TEXT,
        labels TEXT,
        client_request TEXT,
        context TEXT,
        created_at INTEGER NOT NULL,
        finished_at INTEGER,
        error TEXT,
        failed_step TEXT,
        reason TEXT
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX runs_client_request ON runs (client_request) WHERE client_request IS NOT NULL;
    CREATE INDEX runs_flow ON runs (flow, id);
    CREATE INDEX runs_unfinished ON runs (id) WHERE state = 'running';

    -- Append-only. A run is the fold of its records in order of seq.
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
        detail TEXT,
        PRIMARY KEY (run, seq)
    ) WITHOUT ROWID;

    -- Requests to host services, by effect key. item is -1 outside a for_each.
    CREATE TABLE effects (
        run TEXT NOT NULL,
        step TEXT NOT NULL,
        item INTEGER NOT NULL,
        lineage INTEGER NOT NULL,
        service TEXT NOT NULL,
        method TEXT NOT NULL,
        request_hash TEXT NOT NULL,
        ordinal INTEGER NOT NULL,
        intent_seq INTEGER NOT NULL,
        result_seq INTEGER,
        PRIMARY KEY (run, step, item, lineage, service, method, request_hash, ordinal)
    ) WITHOUT ROWID;

    -- The files artifacts/<2 digits>/<hash>, and which run has which under what name.
    CREATE TABLE artifact_files (
        hash TEXT NOT NULL PRIMARY KEY,
        bytes INTEGER NOT NULL,
        refs INTEGER NOT NULL,
        touched_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX artifact_files_unreferenced ON artifact_files (touched_at) WHERE refs <= 0;
    CREATE TABLE artifacts (
        run TEXT NOT NULL,
        hash TEXT NOT NULL REFERENCES artifact_files (hash),
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        step TEXT,
        kept_at INTEGER NOT NULL,
        PRIMARY KEY (run, hash, name)
    ) WITHOUT ROWID;

    -- For people with sqlite3; the host folds the journal itself.
    CREATE VIEW attempts AS
    SELECT
        run, step, item, lineage, attempt,
        max(target) AS target,
        CASE max(seq * 4 + CASE kind
                WHEN 'attempt.intent' THEN 0 WHEN 'attempt.started' THEN 1 WHEN 'attempt.result' THEN 2 ELSE 3 END) % 4
            WHEN 0 THEN 'queued' WHEN 1 THEN 'running' WHEN 2 THEN 'succeeded' ELSE 'failed' END AS state,
        min(at) FILTER (WHERE kind = 'attempt.intent') AS queued_at,
        coalesce(
            max(json_extract(detail, '$.metrics.started_at')),
            max(at) FILTER (WHERE kind = 'attempt.started')) AS started_at,
        max(at) FILTER (WHERE kind IN ('attempt.result', 'attempt.failed')) AS finished_at,
        max(json_extract(detail, '$.metrics.worker')) AS worker,
        max(json_extract(detail, '$.error.message')) AS error
    FROM journal
    WHERE kind IN ('attempt.intent', 'attempt.started', 'attempt.result', 'attempt.failed')
    GROUP BY run, step, item, lineage, attempt;

    CREATE VIEW unresolved AS
    SELECT attempts.* FROM attempts JOIN runs ON runs.id = attempts.run
    WHERE runs.state = 'running' AND attempts.state IN ('queued', 'running');
    """
