// SPDX-License-Identifier: Apache-2.0
// IsolationProbe: which levels this machine can give. Nobody knows from a version or a setting: only a process that has
// gone all the way, through mounts, Landlock and filter to exec, says that a level can be had.

import CorralBase
import Synchronization

/// What was found out about the levels, strongest first.
package struct IsolationReport: Sendable, Hashable {
    package struct Finding: Sendable, Hashable {
        package var level: IsolationLevel
        /// Nil = it can be had. Else the step that failed, why, and the command that helps.
        package var failure: CorralError?
    }

    package var findings: [Finding]

    /// The strongest that can be had.
    package var best: IsolationLevel? { findings.first { $0.failure == nil }?.level }
}

/// Asks once for each level and remembers the answer as long as the host lives.
final class IsolationProbe: Sendable {
    typealias Attempt = @Sendable (IsolationLevel) async -> CorralError?
    private let attempt: Attempt
    private let known = Mutex<[IsolationLevel: Task<CorralError?, Never>]>([:])

    init(attempt: @escaping Attempt) { self.attempt = attempt }

    /// Nil when the level can be had.
    func failure(of level: IsolationLevel) async -> CorralError? {
        let attempt = attempt
        let task = known.withLock { known in
            if let task = known[level] { return task }
            // Not structured: whoever asks next waits for the same answer.
            let task = Task { await attempt(level) }
            known[level] = task
            return task
        }
        return await task.value
    }

    /// The level a launch gets. A weaker one than the best is never chosen because a launch failed, only because the
    /// probe did; and never one below what the policy asks.
    /// - Throws: `isolation_unavailable`.
    func level(for policy: SandboxPolicy) async throws(CorralError) -> IsolationLevel {
        if let level = policy.level {
            if let minimum = policy.minimum, level < minimum { throw .levelBelowMinimum(level, minimum) }
            guard let failure = await failure(of: level) else { return level }
            throw failure.code == .launchFailed ? .isolationUnavailable(level, failure) : failure
        }
        var weakest: (IsolationLevel, CorralError)?
        for level in IsolationLevel.allCases.reversed() {
            if let minimum = policy.minimum, level < minimum { break }
            guard let failure = await failure(of: level) else { return level }
            // Nothing weaker helps when the spawner itself cannot be had.
            if failure.code != .launchFailed { throw failure }
            weakest = (level, failure)
        }
        guard let weakest else { throw .internalFault("no isolation level to choose from") }
        throw .isolationUnavailable(weakest.0, weakest.1)
    }

    func report() async -> IsolationReport {
        var findings: [IsolationReport.Finding] = []
        for level in IsolationLevel.allCases.reversed() {
            findings.append(IsolationReport.Finding(level: level, failure: await failure(of: level)))
        }
        return IsolationReport(findings: findings)
    }
}
