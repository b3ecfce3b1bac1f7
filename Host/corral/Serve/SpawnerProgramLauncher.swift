// SPDX-License-Identifier: Apache-2.0
// SpawnerProgramLauncher: the operator's programs, started by corral-spawner in sandboxes of their own.

import CorralBase
import CorralSandbox
import CorralServices

struct SpawnerProgramLauncher: ProgramLauncher {
    let spawner: Spawner
    /// What the kernel holds the tenant to.
    let policy: @Sendable (TenantID) async throws -> SandboxPolicy

    /// Where programs look for others, and nothing of the host's.
    private static let environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8", "TZ=UTC"]

    func launch(
        _ program: Program, arguments: [String], ends: ProgramEnds, tenant: TenantID,
        onExit: @escaping @Sendable (ProgramExit) -> Void
    ) async throws(CorralError) -> @Sendable () -> Void {
        var bounds: SandboxPolicy
        do { bounds = try await policy(tenant) } catch { throw error as? CorralError ?? .internalFault("\(error)") }
        bounds.limits.addressSpaceBytes = program.memoryBytes
        let spec = LaunchSpec(
            profile: .program, executable: program.path, arguments: arguments, environment: Self.environment,
            policy: bounds, readable: [program.path] + program.readable,
            descriptors: [
                GivenDescriptor(0, ends.input.number), GivenDescriptor(1, ends.output.number),
                GivenDescriptor(2, ends.errors.number),
            ])
        let launched = try await spawner.launch(spec) { onExit(ProgramExit($0)) }
        let spawner = spawner
        return { spawner.kill(launched.id) }
    }
}

extension ProgramExit {
    init(_ report: ExitReport) {
        let status: Status =
            switch report.status {
            case .exited(let code): .exited(code)
            case .signaled(let number): .signaled(number)
            // Its parent died, and the kernel killed it.
            case .spawnerLost: .signaled(9)
            }
        self.init(
            status: status, cpuNanoseconds: report.userNanoseconds &+ report.systemNanoseconds,
            residentBytesMax: report.maxRSSBytes)
    }
}
