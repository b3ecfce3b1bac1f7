// SPDX-License-Identifier: Apache-2.0
// MemoryTests: a plugin that eats more memory than its worker may have pays for it itself.

import CorralBase
import CorralSandbox
import CorralSupervision
import Foundation
import Testing

@Suite struct MemoryTests {
    private static let isLimited = CgroupTree.shared.present.contains { $0.0 == .memory }

    @Test(.enabled(if: isLimited, "no memory controller can be written here"))
    func whoUsesUpTheMemoryHasCrashedAndIsNotRunAgain() async throws {
        let spawner = Bench.realSpawner()
        var limits = ResourceLimits()
        limits.memoryBytes = 96 << 20
        let launcher = SpawnerLauncher(
            spawner: spawner, workerExecutable: Built.worker, policy: SandboxPolicy(limits: limits))
        let bench = try Bench(launcher, spawner: spawner)
        let outcome = await bench.call(try entry("spender"), #"{"mb":256}"#)
        #expect(outcome.failure?.error.code == .pluginCrashed)
        #expect(outcome.failure?.error.message.contains("used up the memory") == true)
        #expect(outcome.failure?.isInfrastructure == false)
    }
}
