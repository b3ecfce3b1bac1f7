// SPDX-License-Identifier: Apache-2.0

/// Puts rows in order of time, once each.
enum Sequencing {
    /// Of rows for one moment the first in the file stays; the others are listed with what they contradict.
    static func order(_ rows: [PriceRow], _ log: inout RowLog) -> [PriceRow] {
        let oriented = isNewestFirst(rows) ? Array(rows.reversed()) : rows
        log.isNewestFirst = oriented.first?.line != rows.first?.line
        noteDisorder(oriented, &log)
        let sorted = oriented.sorted { ($0.moment.instant, $0.line) < ($1.moment.instant, $1.line) }
        var kept: [PriceRow] = []
        kept.reserveCapacity(sorted.count)
        for row in sorted {
            guard let last = kept.last, last.moment.instant == row.moment.instant else {
                kept.append(row)
                continue
            }
            let same = last.close == row.close && last.high == row.high && last.low == row.low
            let verdict =
                same ? "with the same prices" : "with other prices (close \(last.close) there, \(row.close) here)"
            log.add(
                row.line, .duplicate, "\(row.moment.iso) stands on line \(last.line) already, \(verdict)", isUsed: false
            )
        }
        return kept
    }

    private static func isNewestFirst(_ rows: [PriceRow]) -> Bool {
        let falling = zip(rows, rows.dropFirst()).count { $0.moment.instant > $1.moment.instant }
        return falling > (rows.count - 1) / 2
    }

    private static func noteDisorder(_ rows: [PriceRow], _ log: inout RowLog) {
        var latest: PriceRow?
        for row in rows {
            if let latest, row.moment.instant < latest.moment.instant {
                let reason = "\(row.moment.iso) comes after \(latest.moment.iso) of line \(latest.line); sorted"
                log.add(row.line, .disorder, reason, isUsed: true)
            } else {
                latest = row
            }
        }
    }
}
