// SPDX-License-Identifier: Apache-2.0
// HostRecords: the host's own database, on a lane that may wait for a disk.

import CorralBase
import CorralCatalog
import CorralControl
import CorralIdentity
import CorralStore

/// `host.db` on a lane of its own: SQLite may block there.
package actor HostRecords: ProbeCache {
    private nonisolated let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let store: HostStore
    private let clock: any HostClock

    package init(store: sending HostStore, executor: any SerialExecutor, clock: any HostClock) {
        self.store = store
        self.executor = executor
        self.clock = clock
    }

    func add(_ tenant: TenantID) throws { try store.addTenant(tenant, now: clock.wallNanoseconds()) }
    /// The tenant's number, from 1; nil for one that was never added.
    package func number(of id: TenantID) throws -> Int64? { try store.tenant(id)?.number }
    func tenant(_ id: TenantID) throws -> TenantRecord? { try store.tenant(id) }
    func tenants() throws -> [TenantRecord] { try store.tenants() }
    func beginRemoval(of tenant: TenantID) throws {
        try store.beginRemoval(of: tenant, now: clock.wallNanoseconds())
    }
    func forget(_ tenant: TenantID) throws { try store.removeTenant(tenant) }

    // MARK: People

    func principal(with credential: Credential) throws -> PrincipalRecord? { try store.principal(with: credential) }
    func principal(named name: String) throws -> PrincipalRecord? { try store.principal(named: name) }
    func principals() throws -> [PrincipalRecord] { try store.principals() }
    func add(_ user: UserAddRequest) throws {
        try store.addPrincipal(user.name, user.credential, user.grant, now: clock.wallNanoseconds())
    }
    func grant(_ grant: RoleGrant, to name: String) throws {
        try store.grant(grant, to: name, now: clock.wallNanoseconds())
    }
    func revoke(_ grant: RoleGrant, from name: String) throws -> Bool { try store.revoke(grant, from: name) }
    func removePrincipal(_ name: String) throws { try store.removePrincipal(name) }

    // MARK: The audit log

    /// Records an entry durably.
    package func audit(_ draft: AuditDraft) throws { try store.appendAudit([draft], now: clock.wallNanoseconds()) }
    func auditEntries(_ filter: AuditFilter) throws -> [AuditEntry] { try store.audit(filter) }
    func verifyAudit(_ expected: AuditHead?) throws -> AuditVerdict { try store.verifyAudit(expecting: expected) }
    func notice(
        _ kind: Noticed, _ now: [String: String], _ draft: @Sendable (NoticedChange) -> AuditDraft?
    ) throws {
        try store.notice(kind, now, at: clock.wallNanoseconds(), draft)
    }

    /// A cache that cannot be read or written costs a probe, nothing else.
    package func get(_ key: String) -> [UInt8]? {
        (try? store.probeAnswer(key, now: clock.wallNanoseconds())) ?? nil
    }

    package func put(_ key: String, _ value: [UInt8]) {
        try? store.putProbeAnswer(key, value, now: clock.wallNanoseconds())
    }
}
