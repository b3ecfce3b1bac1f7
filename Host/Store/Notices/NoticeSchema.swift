// SPDX-License-Identifier: Apache-2.0
// NoticeSchema: the tables of what judges said and of what was sent to people. What an agent or a judge wrote is sealed.

extension DatabaseKind {
    static let stateNoticesSQL = """
        -- What judges said. score is NULL where one abstained. item is -1 outside a for_each.
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

        -- News on their way to a channel, and what came of them. notice and history are sealed JSON.
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
        CREATE INDEX deliveries_pending ON deliveries (next_at) WHERE state = 'pending';

        -- Channels whose other end wants no more, and since when.
        CREATE TABLE stopped_channels (
            channel TEXT NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL
        ) WITHOUT ROWID;
        """
}
