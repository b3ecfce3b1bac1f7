// SPDX-License-Identifier: Apache-2.0
// DeliveryTable: what was sent to people and what waits to be sent: it survives the host, so that news do, too.

import CorralBase
import Foundation
import GRDB

extension Limits {
    /// Deliveries of one tenant that wait. A channel that is down for a day collects so many; what comes then is dropped
    /// and counted.
    package static let deliveriesPendingMax = 1_000
    /// Ended ones that are kept to be looked at, some 1 KiB each.
    package static let deliveriesKept = 10_000
}

extension TenantStore {
    /// Keeps new deliveries, as durably as a finished step: news must not be lost with the host.
    /// - Returns: how many had no room.
    package func addDeliveries(_ deliveries: [StoredDelivery]) throws -> Int {
        let waiting = try pendingCount()
        let taken = deliveries.prefix(max(0, Limits.deliveriesPendingMax - waiting))
        let rows = try taken.map { ($0, try sealed($0)) }
        try commit(.sync) {
            try database.perform { db in
                for (delivery, content) in rows { try insert(delivery, content, db) }
                try db.execute(
                    sql: """
                        DELETE FROM deliveries WHERE state <> 'pending' AND id <= (
                            SELECT id FROM deliveries WHERE state <> 'pending'
                            ORDER BY id DESC LIMIT 1 OFFSET \(Limits.deliveriesKept))
                        """)
            }
        }
        return deliveries.count - taken.count
    }

    /// Writes what has changed of a delivery.
    package func update(_ delivery: StoredDelivery) throws {
        let content = try sealed(delivery)
        try commit(.async) {
            try database.perform { db in
                try db.execute(
                    sql: """
                        UPDATE deliveries SET state = ?2, next_at = ?3, finished_at = ?4, attempts = ?5, history = ?6
                        WHERE id = ?1
                        """,
                    arguments: [
                        delivery.id, delivery.state.rawValue, delivery.nextAt, delivery.finishedAt,
                        delivery.attempts.count, Data(content.history),
                    ])
            }
        }
    }

    /// The newest first.
    package func deliveries(
        state: StoredDelivery.State? = nil, channel: String? = nil, limit: Int
    ) throws -> [StoredDelivery] {
        try deliveries(
            where: "(?1 IS NULL OR state = ?1) AND (?2 IS NULL OR channel = ?2) ORDER BY id DESC LIMIT ?3",
            [state?.rawValue, channel, limit])
    }

    /// What waits, the next one first.
    package func pendingDeliveries() throws -> [StoredDelivery] {
        try deliveries(
            where: "state = 'pending' ORDER BY next_at, id LIMIT ?1", [Limits.deliveriesPendingMax])
    }

    /// The deliveries whose id begins so; more than one when the beginning is not enough.
    package func deliveries(beginning prefix: String) throws -> [StoredDelivery] {
        // The next text after all that begin so: ids are ASCII.
        try deliveries(where: "id >= ?1 AND id < ?1 || x'7f' ORDER BY id LIMIT 10", [prefix])
    }

    // MARK: Channels

    /// Channel names, and since when nothing is sent there.
    package func stoppedChannels() throws -> [String: Int64] {
        try database.perform { db in
            let rows = try Row.fetchAll(db, sql: "SELECT channel, at FROM stopped_channels")
            return Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
        }
    }

    package func stop(channel: String, at time: Int64) throws {
        try change("INSERT OR REPLACE INTO stopped_channels (channel, at) VALUES (?1, ?2)", [channel, time])
    }

    package func start(channel: String) throws {
        try change("DELETE FROM stopped_channels WHERE channel = ?1", [channel])
    }

    // MARK: Rows

    private func change(_ sql: String, _ arguments: StatementArguments) throws {
        try commit(.async) { try database.perform { try $0.execute(sql: sql, arguments: arguments) } }
    }

    private func pendingCount() throws -> Int {
        try database.perform { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM deliveries WHERE state = 'pending'") ?? 0
        }
    }

    private func sealed(_ delivery: StoredDelivery) throws -> (notice: [UInt8], history: [UInt8]) {
        let notice: JSON = [
            "title": .string(delivery.title), "text": .string(delivery.text), "data": delivery.data,
        ]
        return (
            try sealer.seal(notice.bytes(), at: SealPlace("deliveries.notice", delivery.id)),
            try sealer.seal(
                JSON.array(delivery.attempts.map(\.json)).bytes(), at: SealPlace("deliveries.history", delivery.id))
        )
    }

    private func insert(
        _ delivery: StoredDelivery, _ content: (notice: [UInt8], history: [UInt8]), _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO deliveries (id, channel, plugin, topic, severity, run, state, created_at, next_at,
                    finished_at, attempts, notice, history)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
                """,
            arguments: [
                delivery.id, delivery.channel, delivery.plugin, delivery.topic, delivery.severity, delivery.run?.text,
                delivery.state.rawValue, delivery.createdAt, delivery.nextAt, delivery.finishedAt,
                delivery.attempts.count, Data(content.notice), Data(content.history),
            ])
    }

    /// - Parameter condition: only text of this module.
    private func deliveries(where condition: String, _ arguments: StatementArguments) throws -> [StoredDelivery] {
        let rows = try database.perform { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, channel, plugin, topic, severity, run, state, created_at, next_at, finished_at, notice,
                        history
                    FROM deliveries WHERE \(condition)
                    """, arguments: arguments)
        }
        return try rows.map(delivery)
    }

    private func delivery(_ row: Row) throws -> StoredDelivery {
        let (notice, history): (Data, Data) = (row[10], row[11])
        let id: String = row[0]
        let content = try JSON(parsing: opened(Array(notice), SealPlace("deliveries.notice", id)))
        let attempts = try JSON(parsing: opened(Array(history), SealPlace("deliveries.history", id)))
        let run: String? = row[5]
        var delivery = StoredDelivery(
            id: id, channel: row[1], plugin: row[2], topic: row[3], severity: row[4],
            run: run.flatMap { try? RunID($0) }, title: content["title"]?.stringValue ?? "",
            text: content["text"]?.stringValue ?? "", data: content["data"] ?? .null, createdAt: row[7])
        delivery.state = StoredDelivery.State(rawValue: row[6]) ?? .failed
        delivery.nextAt = row[8]
        delivery.finishedAt = row[9]
        delivery.attempts = (attempts.arrayValue ?? []).map(DeliveryAttempt.init)
        return delivery
    }
}
