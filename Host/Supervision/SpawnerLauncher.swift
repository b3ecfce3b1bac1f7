// SPDX-License-Identifier: Apache-2.0
// SpawnerLauncher: real workers, started by corral-spawner.

import CorralBase
import CorralSandbox

/// Starts `corral-worker` processes of one tenant, as its policy says.
package struct SpawnerLauncher: WorkerLauncher {
    package let spawner: Spawner
    package let workerExecutable: String
    package let policy: SandboxPolicy

    /// - Parameter workerExecutable: absolute path of corral-worker.
    package init(spawner: Spawner, workerExecutable: String, policy: SandboxPolicy = SandboxPolicy()) {
        self.spawner = spawner
        self.workerExecutable = workerExecutable
        self.policy = policy
    }

    /// A user of the tenant's own comes to the host's folders only where mounts bring it there.
    private func prepare(_ storage: StorageFolder?) throws(CorralError) -> [WritableFolder] {
        guard let storage else { return [] }
        if let user = policy.user, let level = policy.level, level < .strict {
            throw .storageUnreachable(storage.path, user: user, level: level.rawValue)
        }
        try storage.prepare(for: policy.user)
        return [WritableFolder(storage.path)]
    }

    package func launch(
        _ launch: WorkerLaunch, onExit: @escaping @Sendable (WorkerExit) -> Void
    ) async throws(CorralError) -> LaunchedWorker {
        let ends = launch.ends
        let storage = try prepare(launch.storage)
        let spec = LaunchSpec(
            profile: .worker, executable: workerExecutable, arguments: [launch.key.description], policy: policy,
            readable: launch.readable, writable: launch.writable + storage,
            descriptors: GivenDescriptor.worker(socket: ends.socket, output: ends.output, crash: ends.crash),
            standsBack: launch.standsBack)
        let launched = try await spawner.launch(spec) { onExit(WorkerExit($0)) }
        let spawner = spawner
        return LaunchedWorker(
            pid: launched.pid, level: launched.level.rawValue, process: ProcessFolder(launched.pid)
        ) {
            spawner.kill(launched.id)
        }
    }
}

extension WorkerExit {
    package init(_ report: ExitReport) {
        let status: Status =
            switch report.status {
            case .exited(let code): .exited(code)
            case .signaled(let number): .signaled(number)
            case .spawnerLost: .spawnerLost
            }
        self.init(
            status: status, cpuNanoseconds: report.userNanoseconds &+ report.systemNanoseconds,
            residentBytesMax: report.maxRSSBytes, isOutOfMemory: report.isOutOfMemory)
    }
}
