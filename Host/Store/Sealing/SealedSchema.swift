// SPDX-License-Identifier: Apache-2.0
// SealedSchema: the tables of a sealed state.db. What users and agents wrote is in columns that only the key opens; what is
// left in the open is structure: identifiers, times, states, names of flows, steps and plugins, sizes.

extension DatabaseKind {
    /// Makes the tables anew: a store that holds anything is rewritten into a new file first (`SealingMigration`), because
    /// pages that SQLite gives free keep what they held.
    static let stateSealedSQL = """
        -- Fails rather than drops what somebody wrote.
        CREATE TABLE nothing_is_lost (runs INTEGER CHECK (runs = 0));
        INSERT INTO nothing_is_lost SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM journal);
        DROP TABLE nothing_is_lost;
        DROP VIEW unresolved;
        DROP VIEW attempts;
        DROP TABLE artifacts;
        DROP TABLE artifact_files;
        DROP TABLE effects;
        DROP TABLE journal;
        DROP TABLE runs;
        DROP TABLE blobs;

        -- One row: whether a key is the right one, and whether files from before the seals may be left.
        CREATE TABLE sealing (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            fingerprint BLOB NOT NULL,
            sealed_at INTEGER NOT NULL,
            has_plain_files INTEGER NOT NULL
        );

        -- Values, each once, sealed. hash is keyed. bytes is NULL when they are in the file blobs/<2 digits>/<hash>.
        CREATE TABLE blobs (
            id INTEGER PRIMARY KEY,
            hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
            size INTEGER NOT NULL,
            refs INTEGER NOT NULL,
            touched_at INTEGER NOT NULL,
            bytes BLOB
        );
        CREATE INDEX blobs_unreferenced ON blobs (touched_at) WHERE refs <= 0;

        -- about and ending are sealed; a …_token is a keyed hash, for equality.
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
        CREATE UNIQUE INDEX runs_request ON runs (request_token) WHERE request_token IS NOT NULL;
        CREATE INDEX runs_flow ON runs (flow, id);
        CREATE INDEX runs_unfinished ON runs (id) WHERE state = 'running';
        CREATE INDEX runs_user ON runs (user_token, id) WHERE user_token IS NOT NULL;
        CREATE INDEX runs_feature ON runs (feature_token, id) WHERE feature_token IS NOT NULL;
        CREATE INDEX runs_session ON runs (session_token, id) WHERE session_token IS NOT NULL;
        CREATE INDEX runs_task_type ON runs (task_type_token, id) WHERE task_type_token IS NOT NULL;
        CREATE INDEX runs_complexity ON runs (complexity_token, id) WHERE complexity_token IS NOT NULL;
        CREATE INDEX runs_confidence ON runs (confidence, id) WHERE confidence IS NOT NULL;

        -- Which classes of changes results of a run stated.
        CREATE TABLE run_changes (
            class_token BLOB NOT NULL,
            run TEXT NOT NULL,
            PRIMARY KEY (class_token, run)
        ) WITHOUT ROWID;
        CREATE INDEX run_changes_run ON run_changes (run);

        -- Append-only. A run is the fold of its records in order of seq. metrics is JSON, detail is sealed JSON.
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

        -- Requests to host services, by effect key; key_token stands for service, method and request. item is -1 outside a
        -- for_each.
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

        -- The files artifacts/<2 digits>/<place>, and which run has which. reference is sealed: hash, name, type.
        CREATE TABLE artifact_files (
            place BLOB NOT NULL PRIMARY KEY,
            bytes INTEGER NOT NULL,
            refs INTEGER NOT NULL,
            touched_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX artifact_files_unreferenced ON artifact_files (touched_at) WHERE refs <= 0;
        CREATE TABLE artifacts (
            run TEXT NOT NULL,
            place BLOB NOT NULL REFERENCES artifact_files (place),
            name_token BLOB NOT NULL,
            step TEXT,
            kept_at INTEGER NOT NULL,
            reference BLOB NOT NULL,
            PRIMARY KEY (run, place, name_token)
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
        """
}
