// SPDX-License-Identifier: Apache-2.0
// HostRuntime+Control: the answer to every request of the control socket.

import CorralBase
import CorralCatalog
import CorralControl
import CorralControlServer
import CorralFlow
import CorralIdentity
import CorralStore

extension HostRuntime {
    /// Carries out what the principal may do: see `handle`.
    func answer(
        _ request: ControlRequest, _ descriptors: [Int32], _ principal: Principal, _ events: EventSink
    ) async throws -> ControlReply {
        switch request {
        case .startRun(let start): return try await startRun(start, descriptors, principal, events)
        case .runsList(let list): return .runs(try await tenant(list.tenant).list(list))
        case .runShow(let show):
            let (tenant, run) = try await find(show.reference)
            return .run(try await tenant.show(run, trace: show.trace))
        case .runResume(let resume):
            let (tenant, run) = try await find(resume.reference)
            await catalogue.refresh(resume.reference.tenant)
            try await tenant.resume(run)
            return try await reply(tenant, run, resume.follows, events)
        case .runCancel(let cancel):
            let (tenant, run) = try await find(cancel.reference)
            try await tenant.cancel(run, reason: cancel.reason)
            return .done("cancelling run \(run)")
        case .runFollow(let reference):
            let (tenant, run) = try await find(reference)
            return try await reply(tenant, run, true, events)
        case .artifactOpen(let artifact):
            let (description, descriptor) = try await tenant(artifact.tenant).openArtifact(artifact.sha256)
            return .artifact(description, descriptor: descriptor)
        case .pluginList(let list):
            let tenant = try await tenant(list.tenant)
            await catalogue.refresh(list.tenant)
            return .plugins(await tenant.pluginSummaries())
        case .pluginShow(let show):
            let tenant = try await tenant(show.tenant)
            await catalogue.refresh(show.tenant)
            return .plugin(try await tenant.describe(show.id))
        case .pluginRelease(let release):
            let tenant = try await tenant(release.tenant)
            await catalogue.refresh(release.tenant)
            return .done(try await tenant.release(release.id))
        case .hostStatus: return .status(await status())
        case .hostStop:
            requestStop()
            return .done("stopping host \(options.home)")
        case .flowCheck(let check):
            let tenant = try await tenant(check.tenant)
            await catalogue.refresh(check.tenant)
            return .flowChecked(flowCheck(check, tenant.catalogue.snapshot()))
        case .memoryRead(let ask), .memoryWrite(let ask):
            guard ask.isWriting == (request.kind == .memoryWrite) else {
                throw CorralError.requestNotUnderstood("\(ask.method.prefix(40)) under the verb \(request.verb)")
            }
            let tenant = try await tenant(ask.tenant)
            try await refreshSettings(of: ask.tenant)
            await catalogue.refresh(ask.tenant)
            return .memory(JSONText(try await tenant.remember(ask, user: principal.name)))
        case .tenantAdd(let change): return .tenant(try await addTenant(change))
        case .tenantList: return .tenants(try await listTenants().filter { principal.may(.view($0.tenant)) })
        case .tenantShow(let show): return .tenant(try await describeTenant(show.tenant))
        case .tenantSet(let change): return .tenant(try await changeTenant(change))
        case .tenantUsage(let usage):
            return .tenantUsage(try await usageOfTenants(usage) { principal.may(.view($0)) })
        case .notifyList(let list): return .notifyListing(try await notifyList(list))
        case .notifyShow(let show): return .delivery(try await notifyShow(show))
        case .notifyRetry(let retry): return .delivery(try await notifyRetry(retry))
        case .notifyTest(let test): return .delivery(try await notifyTest(test))
        case .tenantRemove(let remove): return .tenantRemoved(try await removeTenant(remove))
        case .userAdd(let user): return .users([try await addUser(user)])
        case .userList(let list): return .users(try await listUsers(list.tenant))
        case .userGrant(let change): return .users([try await grant(change)])
        case .userRevoke(let change): return .users([try await revoke(change)])
        case .userRemove(let user):
            try await removeUser(user.name)
            return .done("removed user \(user.name)")
        case .auditList(let filter): return .audit(try await store.auditEntries(filter))
        case .auditVerify(let body): return .auditVerdict(try await store.verifyAudit(body.expected))
        case .promptList(let list):
            return .prompts(try await refreshed(list.tenant).promptSummaries(of: list.plugin))
        case .promptShow(let show): return .prompt(try await refreshed(show.reference.tenant).describe(show))
        case .promptSet(let set): return .prompt(try await setPrompt(set, principal))
        case .promptDecide(let decision):
            return .prompt(
                try await refreshed(decision.reference.tenant).decidePrompt(decision, by: principal.name))
        case .promptLabel(let label):
            return .prompt(try await refreshed(label.reference.tenant).labelPrompt(label, by: principal.name))
        case .promptRollback(let rollback):
            return .prompt(try await refreshed(rollback.reference.tenant).rollBackPrompt(rollback, by: principal.name))
        }
    }

    private func startRun(
        _ request: StartRunRequest, _ descriptors: [Int32], _ principal: Principal, _ events: EventSink
    ) async throws -> ControlReply {
        let tenant = try await tenant(request.tenant)
        try await refreshSettings(of: request.tenant)
        await catalogue.refresh(request.tenant)
        let run = try await tenant.start(request, descriptors: descriptors, principal: principal.name)
        return try await reply(tenant, run, request.follows, events)
    }

    /// The tenant with its settings and its catalogue as they are now.
    private func refreshed(_ id: TenantID) async throws -> TenantRuntime {
        let tenant = try await tenant(id)
        try await refreshSettings(of: id)
        await catalogue.refresh(id)
        return tenant
    }

    private func setPrompt(_ request: PromptSetRequest, _ principal: Principal) async throws -> PromptDetail {
        let (detail, isBySettings) = try await refreshed(request.reference.tenant).setPrompt(
            request, by: principal.name)
        if isBySettings {
            try await store.audit(
                AuditDraft(
                    action: "prompt.decide", outcome: .noticed, tenant: request.reference.tenant,
                    subject: detail.summary.name,
                    detail: [
                        "version": .int(Int64(detail.version)), "decision": "approved",
                        "because": "both update_agent_prompts allow it",
                    ]))
        }
        return detail
    }

    private func reply(
        _ tenant: TenantRuntime, _ run: RunID, _ follows: Bool, _ events: EventSink
    ) async throws -> ControlReply {
        guard follows else { return .runStarted(run) }
        return .runFinished(try await tenant.follow(run) { events.send($0) })
    }

    private func find(_ reference: RunReference) async throws -> (TenantRuntime, RunID) {
        let tenant = try await tenant(reference.tenant)
        return (tenant, try await tenant.resolve(reference.run))
    }

    private func flowCheck(_ request: FlowCheckRequest, _ snapshot: CatalogSnapshot) -> FlowCheckReply {
        do {
            let definition = try FlowDefinition.parse(request.text, file: request.file)
            let diagnostics = definition.check(catalogue: FlowPlugins(snapshot))
            return FlowCheckReply(diagnostics: diagnostics, name: definition.name)
        } catch {
            return FlowCheckReply(diagnostics: error.diagnostics)
        }
    }
}
