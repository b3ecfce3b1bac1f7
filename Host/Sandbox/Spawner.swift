// SPDX-License-Identifier: Apache-2.0
// Spawner: the host's side of corral-spawner. It starts the process when first needed and again when it was lost.

import CSpawnerProtocol
import CorralBase
import CorralSocket
import Glibc
import Synchronization

/// Starts and kills the host's child processes through corral-spawner. One for the whole host.
package final class Spawner: Sendable {
    private struct State {
        var line: SpawnerLine?
        var nextID: UInt64 = 1
    }

    /// The spawner's program.
    package let executable: String
    private let state = Mutex(State())
    private let probe = Mutex<IsolationProbe?>(nil)

    /// Starts nothing yet: the first launch, or `start`, does.
    package init(executable: String) { self.executable = executable }

    deinit { state.withLock { $0.line?.close() } }

    /// Starts the spawner process unless it runs. Call it early, while the host is small and has no descriptors open.
    /// - Throws: `spawner_unavailable`.
    package func start() throws(CorralError) { _ = try currentLine() }

    /// Starts a process at the level its policy gives, and returns when it has become its program.
    ///
    /// The descriptors of `spec` stay the caller's. Not cancellable: it takes a few milliseconds.
    /// - Parameter onExit: called once when the process has ended, on the spawner client's own thread; it must not block.
    ///   Not called when this method throws.
    /// - Throws: `isolation_unavailable`, `spawner_unavailable`, `launch_failed` with the step and the system's reason,
    ///   `spawner_lost`, `launch_invalid` for a text that cannot be passed, `cgroup_failed`.
    package func launch(
        _ spec: LaunchSpec, onExit: @escaping @Sendable (ExitReport) -> Void
    ) async throws(CorralError) -> Launched {
        try await launch(spec, at: try await level(for: spec.policy), onExit: onExit)
    }

    /// The level that a launch with this policy gets: the best that a probe could have.
    /// - Throws: `isolation_unavailable` when that is less than the policy demands; `spawner_unavailable`.
    package func level(for policy: SandboxPolicy) async throws(CorralError) -> IsolationLevel {
        try await currentProbe().level(for: policy)
    }

    /// Why a level cannot be had; nil when it can. Probed once.
    package func failure(of level: IsolationLevel) async -> CorralError? { await currentProbe().failure(of: level) }

    /// All levels, probed to the end, for `corral doctor`.
    package func isolationReport() async -> IsolationReport { await currentProbe().report() }

    private func currentProbe() -> IsolationProbe {
        probe.withLock { probe in
            if let probe { return probe }
            let new = IsolationProbe { [weak self] level in await self?.attempt(level) }
            probe = new
            return new
        }
    }

    /// The spawner's own program as the throw-away child: that it reaches its `main` is the answer.
    private func attempt(_ level: IsolationLevel) async -> CorralError? {
        let spec = LaunchSpec(
            profile: .worker, executable: executable, arguments: ["--probe"], environment: [], descriptors: [])
        let (exits, exit) = AsyncStream.makeStream(of: ExitReport.self)
        do throws(CorralError) {
            _ = try await launch(spec, at: level) { exit.yield($0) }
        } catch {
            return error
        }
        for await report in exits { return report.status == .exited(code: 0) ? nil : .probeDied(level, report.status) }
        return nil
    }

    private func launch(
        _ spec: LaunchSpec, at level: IsolationLevel, onExit: @escaping @Sendable (ExitReport) -> Void
    ) async throws(CorralError) -> Launched {
        let line = try currentLine()
        let id = state.withLock { state in
            defer { state.nextID &+= 1 }
            return LaunchID(number: state.nextID)
        }
        let groups = try CgroupTree.shared.make(
            CgroupTree.nextName(), spec.policy.limits, standsBack: spec.standsBack)
        do throws(CorralError) {
            let packet = try SpawnerPacket.launch(spec, id: id, level: level, cgroups: groups.memberFiles)
            let result = await withCheckedContinuation { continuation in
                line.launch(packet, spec, id: id, level: level) { report in
                    var report = report
                    report.isOutOfMemory = groups.wasOutOfMemory
                    groups.remove()
                    onExit(report)
                } onLaunch: { result in
                    continuation.resume(returning: result)
                }
            }
            return try result.get()
        } catch {
            groups.remove()
            throw error
        }
    }

    /// Kills a process with SIGKILL. `onExit` follows. Nothing happens when it has already ended.
    package func kill(_ id: LaunchID) {
        state.withLock { $0.line }?.kill(id)
    }

    /// Ends the spawner and with it every process it started.
    package func stop() {
        let line = state.withLock { state in
            defer { state.line = nil }
            return state.line
        }
        line?.close()
    }

    /// The spawner's process id, nil when none runs. For `doctor` and tests.
    package var processID: Int32? { state.withLock { $0.line?.isOpen == true ? $0.line?.processID : nil } }

    private func currentLine() throws(CorralError) -> SpawnerLine {
        let path = executable
        let result = state.withLock { state -> Result<SpawnerLine, CorralError> in
            if let line = state.line, line.isOpen { return .success(line) }
            do throws(CorralError) {
                let line = try SpawnerLine(executable: path)
                state.line = line
                return .success(line)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
