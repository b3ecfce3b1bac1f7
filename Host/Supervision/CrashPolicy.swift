// SPDX-License-Identifier: Apache-2.0
// CrashPolicy: how long to wait before a compartment gets its next worker, and when a plugin gets none any more.

import CorralBase
import CorralCatalog

/// The wait before the next start: doubles with each crash, with jitter so that tenants hit by the same cause do not
/// come back in step; cleared by a worker that lived for a while.
struct Backoff {
    private(set) var crashes = 0
    private(set) var notBefore: UInt64 = 0

    /// - Parameter lived: how long the worker that ended had been serving, nanoseconds.
    mutating func crashed(
        at now: UInt64, lived: UInt64, settings: SupervisionSettings, random: inout SeededGenerator
    ) {
        if lived >= settings.backoffReset.nanoseconds { crashes = 0 }
        let first = settings.backoffFirst.nanoseconds
        let most = settings.backoffMax.nanoseconds
        let (doubled, overflow) = first.multipliedReportingOverflow(by: 1 << UInt64(min(crashes, 32)))
        let delay = overflow ? most : min(most, doubled)
        crashes += 1
        let jittered = delay - delay / 4 + (delay > 1 ? UInt64.random(in: 0...(delay / 4), using: &random) : 0)
        notBefore = now.addingReportingOverflow(jittered).partialValue
    }

    /// Nanoseconds until a worker may start; 0 = now.
    func wait(at now: UInt64) -> UInt64 { now >= notBefore ? 0 : notBefore - now }
}

/// Counts the crashes of plugins that were alone in their worker.
struct Quarantine {
    private var crashes: [ContentDigest: [UInt64]] = [:]
    private var refused: Set<ContentDigest> = []

    func isRefused(_ digest: ContentDigest) -> Bool { refused.contains(digest) }

    /// - Returns: whether it was refused.
    mutating func release(_ digest: ContentDigest) -> Bool {
        crashes[digest] = nil
        return refused.remove(digest) != nil
    }

    /// - Returns: whether this crash was the one too many.
    mutating func crashedAlone(_ digest: ContentDigest, at now: UInt64, settings: SupervisionSettings) -> Bool {
        let window = settings.quarantineWindow.nanoseconds
        var times = crashes[digest, default: []].filter { now - min(now, $0) <= window }
        times.append(now)
        crashes[digest] = times
        guard times.count >= settings.quarantineCrashes else { return false }
        return refused.insert(digest).inserted
    }
}
