// SPDX-License-Identifier: Apache-2.0
// SpawnerBrokerLauncher: the real corral-broker, started by corral-spawner.

import CorralBase
import CorralSandbox
import CorralSupervision

package struct SpawnerBrokerLauncher: BrokerLauncher {
    package let spawner: Spawner
    /// Absolute path of corral-broker.
    package let executable: String
    package let policy: SandboxPolicy

    package init(spawner: Spawner, executable: String, policy: SandboxPolicy = SandboxPolicy()) {
        self.spawner = spawner
        self.executable = executable
        self.policy = policy
    }

    package func launch(
        socket: Int32, output: Int32, onExit: @escaping @Sendable (WorkerExit) -> Void
    ) async throws(CorralError) -> LaunchedWorker {
        let spec = LaunchSpec(
            profile: .broker, executable: executable, policy: policy,
            descriptors: [GivenDescriptor(1, output), GivenDescriptor(2, output), GivenDescriptor(3, socket)])
        let launched = try await spawner.launch(spec) { onExit(WorkerExit($0)) }
        let spawner = spawner
        return LaunchedWorker(pid: launched.pid, level: launched.level.rawValue) {
            spawner.kill(launched.id)
        }
    }
}
