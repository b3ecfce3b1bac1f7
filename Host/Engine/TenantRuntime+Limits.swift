// SPDX-License-Identifier: Apache-2.0
// TenantRuntime+Limits: what the tenant has used of its limits, who is refused because of it, and who is warned.

import CorralBase
import CorralControl
import CorralPipeline
import CorralStore
import CorralSupervision
import Foundation
import Logging

/// The tenant's counts in memory; the store has those of the day too.
struct TenantCounts {
    /// The day they are of.
    var day: Int64 = .min
    var executions: Int64 = 0
    var warned: Set<TenantLimit> = []
    var storage = StorageUse()
    var isMeasuring = false
    /// A walk that takes long is not begun again at once.
    var nextMeasurement: UInt64 = 0
    var isWatching = false
}

extension TenantRuntime {
    /// How often the tenant is looked at while runs are under way.
    private static let watchNanoseconds: UInt64 = 1_000_000_000

    // MARK: Runs

    /// Counts a run, before it is created.
    /// - Throws: `executions_used`, `storage_used`.
    func admitRun(at now: Int64) async throws {
        try await beginDay(at: now)
        if isOverStorage(percent: 100) { await measureStorage() }
        if let refusal = storageRefusal(percent: 100) { throw refusal }
        if let most = settings.limits[.dailyExecutions] {
            guard counts.executions < most else {
                throw CorralError.executionsUsed(
                    tenant, used: counts.executions, limit: most, reset: UsageDay.textUntilEnd(at: now))
            }
        }
        counts.executions += 1
        watch()
    }

    /// A run that was counted and could not be created.
    func takeBackRun() { counts.executions -= 1 }

    /// Reads what the store has of another day: the next, or an earlier one after the clock was stepped back; what was used
    /// on later ones counts in either case.
    private func beginDay(at now: Int64) async throws {
        let day = UsageDay.number(at: now)
        guard day != counts.day else { return }
        if counts.day != .min { await keepUsage() }
        let stored = try await journal.withStore { try $0.usage(from: day) }
        counts.day = day
        counts.executions = stored[UsageName.executions] ?? 0
        counts.warned = Set(TenantLimit.allCases.filter { stored[UsageName.warned($0)] != nil })
        await pool.beginDay(used: stored[UsageName.logBytes] ?? 0, dropped: stored[UsageName.logLinesDropped] ?? 0)
    }

    // MARK: Calls

    /// The deadline a step gets within the tenant's limit, and whether the limit made it shorter.
    func timeout(_ wanted: UInt64) -> (nanoseconds: UInt64, isLimited: Bool) {
        guard let most = settings.limits[.callTime], UInt64(most) < wanted else { return (wanted, false) }
        return (UInt64(most), true)
    }

    /// Names the limit when it was the reason.
    func namingTimeLimit(_ failure: CorralPipeline.CallFailure, of call: Call) -> CorralPipeline.CallFailure {
        guard failure.error.code == .callTimeout, let most = settings.limits[.callTime] else { return failure }
        var named = failure
        named.error = .callTimeUsed(call.targetText, limit: most, cause: failure.error.message)
        return named
    }

    /// Ends a call's wait for a place at its deadline. Without a limit nobody waits.
    func watchWait(of call: Call) -> Lane.TimerID? {
        guard let most = settings.limits[.concurrentAgents] else { return nil }
        let wait = call.deadline - min(call.deadline, monotonicNanoseconds())
        let error = CorralError.agentsWaiting(call.targetText, limit: most, seconds: Int64(wait / 1_000_000_000))
        return lane.after(nanoseconds: wait) { [gate] in gate.assumeIsolated { $0.withdraw(call.id, error) } }
    }

    // MARK: Every second while runs are under way

    private func watch() {
        guard !counts.isWatching else { return }
        counts.isWatching = true
        lane.after(nanoseconds: Self.watchNanoseconds) { [weak self] in
            guard let self else { return }
            Task { await self.look() }
        }
    }

    private func look() async {
        counts.isWatching = false
        await measureStorage()
        try? await beginDay(at: clock.wallNanoseconds())
        await keepUsage()
        await warn()
        if activeRuns > 0 { watch() }
    }

    /// Writes what is not in the store yet. What cannot be written is lost with the host, and only lines are.
    func keepUsage() async {
        let news = await pool.takeLogNews()
        guard news.bytes > 0 || news.dropped > 0 else { return }
        // A plugin that only the host calls may log in a tenant in which no run began a day yet.
        let day = counts.day == .min ? UsageDay.number(at: clock.wallNanoseconds()) : counts.day
        try? await journal.withStore {
            try $0.addUsage([UsageName.logBytes: news.bytes, UsageName.logLinesDropped: news.dropped], on: day)
        }
    }

    /// One warning for each limit and day, also over restarts.
    private func warn() async {
        for use in await uses() where use.isNear && counts.warned.insert(use.limit).inserted {
            log.warning(
                "\(use.percent ?? 0) % of a limit are used: \(use.text)",
                metadata: ["tenant": "\(tenant)"])
            tellLimit(use)
            let day = counts.day == .min ? UsageDay.number(at: clock.wallNanoseconds()) : counts.day
            let name = UsageName.warned(use.limit)
            try? await journal.withStore { try $0.addUsage([name: 1], on: day) }
        }
    }

    // MARK: Storage

    /// Walks the tenant's folder on a thread of its own and acts on what it finds.
    func measureStorage() async {
        let now = monotonicNanoseconds()
        guard !counts.isMeasuring, now >= counts.nextMeasurement else { return }
        counts.isMeasuring = true
        let (folder, most) = (folder, filesWalkedMax)
        counts.storage = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: StorageScan.measure(folder, filesMax: most)) }
        }
        counts.isMeasuring = false
        // A walk may take a twentieth of the time.
        let took = monotonicNanoseconds() &- now
        counts.nextMeasurement = took > 10_000_000 ? monotonicNanoseconds() &+ 20 &* took : 0
        guard let refusal = storageRefusal(percent: Limits.storageKillPercent) else { return await gate.close(nil) }
        await gate.close(refusal)
        if activeRuns > 0 { log.error("\(refusal.message)", metadata: ["tenant": "\(tenant)"]) }
        await pool.endAll(refusal)
    }

    private var filesWalkedMax: Int64 {
        let most = settings.limits[.storageFiles] ?? Int64(10_000_000)
        return most + most / 5 + 16
    }

    private func isOverStorage(percent: Int64) -> Bool { storageRefusal(percent: percent) != nil }

    private func storageRefusal(percent: Int64) -> CorralError? {
        for (limit, used) in [(TenantLimit.storageBytes, counts.storage.bytes), (.storageFiles, counts.storage.files)] {
            guard let most = settings.limits[limit], used > most / 100 * percent + most % 100 * percent / 100 else {
                continue
            }
            return .storageUsed(tenant, limit, used: used, limit: most)
        }
        return nil
    }

    // MARK: For people

    /// Each limit with what is used of it. Measures the storage anew.
    func usage() async throws -> TenantUsage {
        let now = clock.wallNanoseconds()
        try await beginDay(at: now)
        counts.nextMeasurement = 0
        await measureStorage()
        await keepUsage()
        var uses = await uses()
        for index in uses.indices {
            uses[index].isWarned = counts.warned.contains(uses[index].limit)
            if uses[index].isDaily { uses[index].resetsAt = UsageDay.end(at: now) }
        }
        return TenantUsage(
            tenant: tenant, at: now, limits: uses, agentsWaiting: Int64(await gate.agentsWaiting),
            logLinesDropped: await pool.logBudget.linesDropped)
    }

    private func uses() async -> [TenantLimitUse] {
        let workers = await pool.use
        let logs = await pool.logBudget
        let used: [TenantLimit: Int64] = [
            .concurrentAgents: Int64(await gate.agentsRunning), .dailyExecutions: counts.executions,
            .storageBytes: counts.storage.bytes, .storageFiles: counts.storage.files,
            .logBytesPerMinute: logs.usedInMinute(at: monotonicNanoseconds()), .logBytesPerDay: logs.usedInDay,
            .memoryBytes: workers.memoryBytes, .processes: workers.threadsMax,
        ]
        return TenantLimit.allCases.map { TenantLimitUse($0, value: settings.limits[$0], used: used[$0]) }
    }
}
