// SPDX-License-Identifier: Apache-2.0
// SpawnerLauncher: real workers, started by corral-spawner.

import CorralBase
import CorralSandbox

/// Starts `corral-worker` processes. One for the whole host.
package struct SpawnerLauncher: WorkerLauncher {
    package let spawner: Spawner
    package let workerExecutable: String
    package let limits: ResourceLimits

    /// - Parameter workerExecutable: absolute path of corral-worker.
    package init(spawner: Spawner, workerExecutable: String, limits: ResourceLimits = ResourceLimits()) {
        self.spawner = spawner
        self.workerExecutable = workerExecutable
        self.limits = limits
    }

    package func launch(
        _ key: WorkerKey, ends: WorkerEnds, onExit: @escaping @Sendable (WorkerExit) -> Void
    ) async throws(CorralError) -> LaunchedWorker {
        let spec = LaunchSpec(
            executable: workerExecutable, label: key.description, limits: limits, socket: ends.socket,
            output: ends.output, crash: ends.crash)
        let launched = try await spawner.launch(spec) { onExit(WorkerExit($0)) }
        let spawner = spawner
        return LaunchedWorker(pid: launched.pid, level: launched.level.rawValue) { spawner.kill(launched.id) }
    }
}

extension WorkerExit {
    init(_ report: ExitReport) {
        let status: Status =
            switch report.status {
            case .exited(let code): .exited(code)
            case .signaled(let number): .signaled(number)
            case .spawnerLost: .spawnerLost
            }
        self.init(
            status: status, cpuNanoseconds: report.userNanoseconds &+ report.systemNanoseconds,
            residentBytesMax: report.maxRSSBytes)
    }
}
