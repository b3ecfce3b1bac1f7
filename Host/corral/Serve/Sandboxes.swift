// SPDX-License-Identifier: Apache-2.0
// Sandboxes: which isolation this host gives, and to which tenant which user. Found out once, before anything that was
// not written here runs.

import CorralBase
import CorralBroker
import CorralConfig
import CorralEngine
import CorralHome
import CorralSandbox
import CorralStore
import CorralSupervision
import Foundation

/// One for the whole host.
actor Sandboxes {
    /// In force for every worker.
    nonisolated let level: IsolationLevel
    /// Why a stronger level cannot be had, strongest first.
    private nonisolated let failures: [String]
    private nonisolated let spawner: Spawner
    private nonisolated let installation: Installation
    private nonisolated let home: Home
    private nonisolated let minimum: IsolationLevel?
    /// The first user that tenants may have; nil when this host cannot give any, or `noUsers` says why not.
    private nonisolated let firstUser: UInt32?
    private nonisolated let noUsers: String
    /// At level basic without users: the only one.
    private var onlyTenant: TenantID?

    /// Probes the levels.
    /// - Parameter exactly: for demonstrations and tests; nil = the best there is.
    /// - Throws: `isolation_unavailable` when the host's own minimum cannot be had; `spawner_unavailable`.
    init(
        spawner: Spawner, installation: Installation, home: Home, configuration: LoadedConfiguration,
        exactly: IsolationLevel?
    ) async throws(CorralError) {
        self.spawner = spawner
        self.installation = installation
        self.home = home
        minimum = configuration.isolationMinimum
        let level = try await spawner.level(for: SandboxPolicy(minimum: minimum, level: exactly))
        self.level = level
        var failures: [String] = []
        for stronger in IsolationLevel.allCases.reversed() where stronger > level && exactly == nil {
            guard let failure = await spawner.failure(of: stronger) else { continue }
            failures.append("\(stronger.rawValue): \(failure.message)\(failure.cause.map { ": " + $0 } ?? "")")
        }
        self.failures = failures
        noUsers = Self.whyNoUsers(level, installation)
        firstUser = noUsers.isEmpty ? configuration.firstUser : nil
    }

    /// At level strict root opens what a worker sees before it becomes another user; otherwise the user itself must be
    /// able to reach it.
    private static func whyNoUsers(_ level: IsolationLevel, _ installation: Installation) -> String {
        guard geteuid() == 0 else { return "only root can give tenants users of their own" }
        guard level < .strict else { return "" }
        return Reach.obstacle(on: installation.worker).map { "another user cannot enter \($0)" } ?? ""
    }

    /// Where the copies of plugins lie: in the home, unless workers are other users, who cannot enter it.
    nonisolated func prepareCacheFolder() throws(CorralError) -> String {
        guard firstUser != nil, level < .strict else { return home.path + "/cache/plugins" }
        var folder = ""
        for part in ["/var", "/cache", "/corral", "/plugins"] {
            folder += part
            guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw .cacheUnwritable(folder, errno) }
        }
        return folder
    }

    // MARK: Tenants

    /// - Throws: `isolation_unavailable` when the tenant demands more, `second_tenant_refused`.
    func launcher(
        for tenant: TenantID, policy asked: SandboxPolicy, store: HostRecords
    ) async throws -> SpawnerLauncher {
        // Before the level is fixed, so that a tenant that demands more is told which step fails.
        _ = try await spawner.level(for: asked)
        var policy = asked
        policy.level = level
        policy.user = try await user(of: tenant, store)
        if level == .basic, policy.user == nil {
            if let onlyTenant, onlyTenant != tenant {
                throw CorralError.secondTenantRefused(tenant, first: onlyTenant, noUsers)
            }
            onlyTenant = tenant
        }
        return SpawnerLauncher(spawner: spawner, workerExecutable: installation.worker, policy: policy)
    }

    /// Starts the operator's programs for tenants: as isolated as their workers, and as the same user.
    /// - Parameter asked: what the kernel holds a tenant to.
    nonisolated func programs(
        _ asked: @escaping @Sendable (TenantID) throws -> SandboxPolicy, store: HostRecords
    ) -> SpawnerProgramLauncher {
        SpawnerProgramLauncher(spawner: spawner) { [self] tenant in
            var policy = try asked(tenant)
            policy.level = level
            policy.user = try await user(of: tenant, store)
            return policy
        }
    }

    /// The user that the tenant's processes run as; nil = the host's own.
    nonisolated func user(of tenant: TenantID, _ store: HostRecords) async throws -> UInt32? {
        guard let firstUser, let number = try await store.number(of: tenant) else { return nil }
        return UInt32(exactly: Int64(firstUser) + number)
    }

    /// For asking libraries what they are: what was never looked at gets nothing, and a user that no tenant has.
    nonisolated var prober: SpawnerLauncher {
        SpawnerLauncher(
            spawner: spawner, workerExecutable: installation.worker,
            policy: SandboxPolicy(minimum: minimum, level: level, user: firstUser))
    }

    /// What talks to the network is a user that neither a tenant nor a probe is.
    nonisolated var broker: SpawnerBrokerLauncher {
        SpawnerBrokerLauncher(
            spawner: spawner, executable: installation.broker,
            policy: SandboxPolicy(minimum: minimum, level: level, user: firstUser.map { $0 - 1 }))
    }

    // MARK: For people

    nonisolated var facts: [String] {
        var facts = failures
        facts.append(
            firstUser.map { "a user for each tenant, from \($0 + 1)" } ?? "no user for each tenant: \(noUsers)")
        let groups = CgroupTree.shared
        facts += groups.present.map { "\($0.rawValue) limited by \($1)" }
        for controller in CgroupTree.Controller.allCases {
            guard let reason = groups.absent[controller] else { continue }
            let instead = controller == .memory ? "by address space" : controller == .pids ? "by RLIMIT_NPROC" : "not"
            facts.append("\(controller.rawValue) limited \(instead): \(reason)")
        }
        return facts + ["storage limited by counting"]
    }
}

/// Whether every user can come to a file.
enum Reach {
    /// The first folder on the way that others may not enter.
    static func obstacle(on path: String) -> String? {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            var status = stat()
            if stat(folder, &status) != 0 || status.st_mode & 0o001 == 0 { return folder }
        }
        return nil
    }
}
