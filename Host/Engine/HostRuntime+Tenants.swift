// SPDX-License-Identifier: Apache-2.0
// HostRuntime+Tenants: tenants come, change and go. A tenant exists when it was added; `default` always does.

import CorralBase
import CorralControl
import CorralIdentity
import CorralStore
import CorralSupervision
import Foundation

extension HostRuntime {
    /// Registers a tenant and makes its folders; with settings, those are checked first and nothing is made for a mistake.
    /// - Throws: `tenant_exists`, `tenant_reserved`, every mistake of the settings, the store's errors.
    func addTenant(_ request: TenantChangeRequest) async throws -> TenantDetail {
        let id = request.tenant
        guard id != .system else { throw CorralError.tenantReserved(id.text) }
        try requireNotRemoving(id)
        guard id != .standard, try await store.tenant(id) == nil else { throw CorralError.tenantExists(id) }
        let folder = try TenantFolder(home: options.home, tenant: id)
        do {
            // Also without settings: a tenant with a configuration that does not load would be of no use.
            try options.change(request)
        } catch {
            folder.removeIfEmpty()
            throw error
        }
        try await store.add(id)
        await noticeConfiguration(of: id, isOurs: true)
        return try await describeTenant(id)
    }

    func listTenants() async throws -> [TenantSummary] {
        try await requireTenant(.standard)
        var summaries: [TenantSummary] = []
        for record in try await store.tenants() where record.id != .system {
            summaries.append(await summary(of: record))
        }
        return summaries
    }

    /// Changes the tenant's own file, and what the tenant is open with: limits that the host counts hold at once, those
    /// of the kernel for workers that start from now on, which the next calls get.
    /// - Throws: `tenant_unknown`, every mistake.
    func changeTenant(_ request: TenantChangeRequest) async throws -> TenantDetail {
        try await requireTenant(request.tenant)
        _ = try TenantFolder(home: options.home, tenant: request.tenant)
        await noticeConfiguration(of: request.tenant)
        try options.change(request)
        await noticeConfiguration(of: request.tenant, isOurs: true)
        try await refreshSettings(of: request.tenant)
        return try await describeTenant(request.tenant)
    }

    /// Takes over what a person changed in the tenant's file since it was read; returns at once when nothing was.
    /// - Throws: every mistake; the tenant goes on with what it had.
    func refreshSettings(of id: TenantID) async throws {
        let mark = options.settingsMark(id)
        guard let task = tenants[id], settingsMarks[id] != mark else { return }
        let (settings, launcher) = (try options.settings(id), try await options.launcher(id))
        try await task.value.apply(settings, launcher)
        await catalogue.set(
            id, folder: TenantStore.folder(home: options.home, tenant: id) + "/plugins.d",
            isAllowed: settings.allowsCustomAgents)
        settingsMarks[id] = mark
        await noticeConfiguration()
        await noticeConfiguration(of: id)
    }

    /// What tenants have used. One that cannot be opened says why, and hides none of the others.
    /// - Parameter mayBeSeen: whether who asks may hear of a tenant.
    func usageOfTenants(
        _ request: TenantUsageRequest, _ mayBeSeen: (TenantID) -> Bool
    ) async throws -> [TenantUsage] {
        if let id = request.tenant { return [try await tenant(id).usage()] }
        try await requireTenant(.standard)
        var usages: [TenantUsage] = []
        for record in try await store.tenants()
        where record.id != .system && record.removingAt == nil && mayBeSeen(record.id) {
            do {
                usages.append(try await tenant(record.id).usage())
            } catch {
                let error = error as? CorralError ?? .internalFault("\(error)")
                usages.append(TenantUsage(tenant: record.id, at: clock.wallNanoseconds(), error: error))
            }
        }
        return usages
    }

    /// - Throws: `tenant_unknown`; the mistakes of its configuration.
    func describeTenant(_ id: TenantID) async throws -> TenantDetail {
        let record = try await requireTenant(id)
        let settings = try options.settings(id)
        let path = TenantStore.folder(home: options.home, tenant: id)
        let folders =
            [("store", "", true), ("artifacts", "/artifacts", true)]
            + [("plugins", "/plugins.d", settings.allowsCustomAgents)]
        return TenantDetail(
            summary: await summary(of: record), isolationLevel: options.isolationLevel,
            isolationMinimum: settings.isolationMinimum?.rawValue, user: try await options.user(id),
            allowsCustomAgents: settings.allowsCustomAgents,
            limits: TenantLimit.allCases.map {
                TenantLimitDetail($0, value: settings.limits[$0], origin: settings.limits.origins[$0] ?? "none")
            },
            ownSettings: settings.own.map { .init(path: $0.path, value: $0.value) },
            folders: folders.map { TenantDetail.Folder(name: $0, path: path + $1, isUsed: $2) },
            plugins: await ownPlugins(of: id),
            workers: await workers(of: id))
    }

    private func summary(of record: TenantRecord) async -> TenantSummary {
        var summary = TenantSummary(
            tenant: record.id, createdAt: record.createdAt, isBeingRemoved: record.removingAt != nil)
        guard let task = tenants[record.id], let runtime = try? await task.value else { return summary }
        summary.isOpen = true
        summary.runsActive = await runtime.activeRuns
        summary.workers = await workers(of: record.id).count
        return summary
    }

    // MARK: Removal

    /// Ends what the tenant does, keeps it in an archive unless told not to, and leaves nothing of it. An interrupted
    /// removal is finished by asking again: until then nobody can use the tenant.
    /// - Throws: `tenant_unknown`, `tenant_reserved`, `tenant_busy`, `tenant_archive_failed`, `tenant_not_removed`.
    func removeTenant(_ request: TenantRemoveRequest) async throws -> TenantRemoval {
        let id = request.tenant
        guard id != .standard, id != .system else { throw CorralError.tenantStays(id) }
        try requireNotRemoving(id)
        guard try await store.tenant(id) != nil else { throw try await unknownTenant(id) }
        removing.insert(id)
        defer { removing.remove(id) }
        var removal = TenantRemoval(tenant: id)
        removal.runsCancelled = try await closeTenant(id, isForced: request.isForced)
        try await store.beginRemoval(of: id)
        let home = options.home
        // The same for a removal that was interrupted and is asked for again.
        let since = try await store.tenant(id)?.removingAt ?? clock.wallNanoseconds()
        if request.isArchived {
            (removal.archive, removal.archiveBytes) = try await onThread {
                try TenantArchive(home: home).store(id, at: since)
            }
        }
        // Before anything else goes: what a removal that is interrupted leaves is noise without the key.
        removal.key = try await takeKey(of: id, since, isArchived: request.isArchived)
        try await onThread { try FolderRemoval.remove(id.text, in: home + "/tenants") }
        try await store.forget(id)
        // Copies of its own plugins that were not just made go with it.
        _ = try? await pruneCopies()
        return removal
    }

    /// An archive opens with the tenant's key and with nothing else, so that one is kept, apart from it; without an archive it
    /// is dropped.
    /// - Returns: where it is kept.
    private func takeKey(of id: TenantID, _ since: Int64, isArchived: Bool) async throws -> String? {
        try await store.audit(
            AuditDraft(
                action: isArchived ? "key.kept" : "key.dropped", outcome: .allowed, tenant: id, subject: "\(id).key"))
        if isArchived { return try options.keys.setAside(id, as: TenantArchive.name(of: id, since)) }
        try options.keys.drop(id)
        return nil
    }

    /// - Returns: how many runs were cancelled.
    private func closeTenant(_ id: TenantID, isForced: Bool) async throws -> Int {
        // One that cannot be opened has nothing to end.
        guard let task = tenants[id], let runtime = try? await task.value else { return 0 }
        let cancelled = try await runtime.close(isForced: isForced)
        (tenants[id], settingsMarks[id]) = (nil, nil)
        await catalogue.close(id)
        return cancelled
    }

    // MARK: Who exists

    @discardableResult
    func requireTenant(_ id: TenantID) async throws -> TenantRecord {
        guard id != .system else { throw CorralError.tenantReserved(id.text) }
        try requireNotRemoving(id)
        if id == .standard { try await store.add(id) }
        guard let record = try await store.tenant(id) else { throw try await unknownTenant(id) }
        guard record.removingAt == nil else { throw CorralError.tenantBeingRemoved(id) }
        return record
    }

    private func requireNotRemoving(_ id: TenantID) throws {
        if removing.contains(id) { throw CorralError.tenantBeingRemoved(id) }
    }

    private func unknownTenant(_ id: TenantID) async throws -> CorralError {
        .tenantUnknown(id, known: try await store.tenants().map(\.id.text) + [TenantID.standard.text])
    }
}

/// Runs blocking work on a thread of its own: an archive takes seconds, and the pool of threads is for others.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: work)) }
    }
}
