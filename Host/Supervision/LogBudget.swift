// SPDX-License-Identifier: Apache-2.0
// LogBudget: how much a tenant's workers may have people read: so many bytes a minute and a day. What is over it is
// counted and not kept.

import CorralBase

package struct LogBudget: Sendable {
    private var perMinute: Int64?
    private var perDay: Int64?
    private var minute: UInt64 = 0
    private var usedInMinute: Int64 = 0
    /// Since the day began, also before a restart.
    package private(set) var usedInDay: Int64 = 0
    package private(set) var linesDropped: Int64 = 0
    /// What was used and dropped since `takeNews`.
    private var news: (bytes: Int64, dropped: Int64) = (0, 0)

    package init(_ limits: TenantLimits = TenantLimits()) { setLimits(limits) }

    package mutating func setLimits(_ limits: TenantLimits) {
        (perMinute, perDay) = (limits[.logBytesPerMinute], limits[.logBytesPerDay])
    }

    /// A new day, or the first of this process.
    package mutating func beginDay(used: Int64, dropped: Int64) { (usedInDay, linesDropped) = (used, dropped) }

    /// - Parameter now: CLOCK_MONOTONIC nanoseconds.
    package mutating func passes(_ bytes: Int, at now: UInt64) -> Bool {
        let current = now / 60_000_000_000
        if current != minute { (minute, usedInMinute) = (current, 0) }
        let size = Int64(bytes)
        guard usedInMinute + size <= perMinute ?? .max, usedInDay + size <= perDay ?? .max else {
            linesDropped += 1
            news.dropped += 1
            return false
        }
        usedInMinute += size
        usedInDay += size
        news.bytes += size
        return true
    }

    /// What is not in the tenant's store yet.
    package mutating func takeNews() -> (bytes: Int64, dropped: Int64) {
        defer { news = (0, 0) }
        return news
    }

    package func usedInMinute(at now: UInt64) -> Int64 { now / 60_000_000_000 == minute ? usedInMinute : 0 }
}
