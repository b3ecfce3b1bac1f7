// SPDX-License-Identifier: Apache-2.0
// ScoreTable: what judges said about steps, after the fact.

import CorralBase
import Foundation
import GRDB

/// One criterion of one judge about one attempt.
package struct StoredScore: Sendable, Hashable {
    package var run: RunID
    package var step: String
    package var item: Int?
    package var attempt: Int
    package var judge: String
    package var criterion: String
    /// 1 to 10; nil when the judge abstained.
    package var score: Double?
    package var explanation: String
    /// Wall-clock nanoseconds.
    package var at: Int64

    package init(
        run: RunID, step: String, item: Int?, attempt: Int, judge: String, criterion: String, score: Double?,
        explanation: String, at: Int64
    ) {
        self.run = run
        self.step = step
        self.item = item
        self.attempt = attempt
        self.judge = judge
        self.criterion = criterion
        self.score = score
        self.explanation = explanation
        self.at = at
    }

    fileprivate var place: SealPlace {
        SealPlace("scores", run.text, step, "\(item ?? -1)", "\(attempt)", judge, criterion)
    }
}

extension TenantStore {
    /// Keeps scores; a criterion that was scored before gets its new score. Scores of a run that is gone are not kept.
    package func addScores(_ scores: [StoredScore]) throws {
        let sealed = try scores.map { try sealer.seal(Array($0.explanation.utf8), at: $0.place) }
        try commit(.async) {
            try database.perform { db in
                for (score, explanation) in zip(scores, sealed) {
                    try db.execute(
                        sql: """
                            INSERT OR REPLACE INTO scores
                                (run, step, item, attempt, judge, criterion, score, explanation, at)
                            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE EXISTS (SELECT 1 FROM runs WHERE id = ?1)
                            """,
                        arguments: [
                            score.run.text, score.step, score.item ?? -1, score.attempt, score.judge, score.criterion,
                            score.score, Data(explanation), score.at,
                        ])
                }
            }
        }
    }

    /// By step, item and attempt, then by judge and criterion.
    package func scores(of run: RunID) throws -> [StoredScore] {
        let rows = try database.perform { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT step, item, attempt, judge, criterion, score, explanation, at FROM scores WHERE run = ?
                    ORDER BY step, item, attempt, judge, criterion
                    """, arguments: [run.text])
        }
        return try rows.map { row in
            let item: Int = row[1]
            var score = StoredScore(
                run: run, step: row[0], item: item < 0 ? nil : item, attempt: row[2], judge: row[3], criterion: row[4],
                score: row[5], explanation: "", at: row[7])
            let sealed: Data = row[6]
            score.explanation = String(decoding: try opened(Array(sealed), score.place), as: UTF8.self)
            return score
        }
    }
}

extension TenantStore {
    /// What was sealed into a table of this folder.
    /// - Throws: `payload_corrupt`.
    func opened(_ sealed: [UInt8], _ place: SealPlace) throws -> [UInt8] {
        do {
            return try sealer.open(sealed, at: place)
        } catch {
            throw CorralError.payloadCorrupt("a sealed row", cause: error.reason)
        }
    }
}
