// SPDX-License-Identifier: Apache-2.0
// RequestRights: the one table that says what each request needs, and which requests are administrative acts that the
// audit log records. A new request does not compile without its row, and docs/people.md shows the table to people.

import CorralBase
import CorralControl
import CorralIdentity

/// What is to be recorded of an administrative act. Names and numbers, never content.
struct AdministrativeAct: Sendable, Equatable {
    var tenant: TenantID?
    var subject: String
    var detail: JSON = [:]
}

extension ControlRequest {
    /// The reviewers who approve prompts: `reviewer:prompts`.
    static let promptReviewer = "prompts"

    /// What the principal must have the right to.
    var right: Right {
        switch self {
        case .startRun(let body): .develop(body.tenant)
        case .runsList(let body): .view(body.tenant)
        case .runShow(let body): .view(body.reference.tenant)
        case .runResume(let body): .develop(body.reference.tenant)
        case .runCancel(let body): .develop(body.reference.tenant)
        case .runFollow(let reference): .view(reference.tenant)
        case .artifactOpen(let body): .view(body.tenant)
        case .pluginList(let body): .view(body.tenant)
        case .pluginShow(let body): .view(body.tenant)
        case .pluginRelease(let body): .administer(body.tenant)
        case .memoryRead(let body): .view(body.tenant)
        case .memoryWrite(let body): .administer(body.tenant)
        case .hostStatus: .watch
        case .hostStop: .operate
        case .flowCheck(let body): .view(body.tenant)
        case .tenantAdd, .tenantRemove: .operate
        case .notifyList(let body): .view(body.tenant)
        case .notifyShow(let body): .view(body.tenant)
        // Both send something to somebody outside.
        case .notifyRetry(let body): .administer(body.tenant)
        case .notifyTest(let body): .administer(body.tenant)
        case .tenantList: .takePart
        case .tenantShow(let body): .view(body.tenant)
        // A tenant's own file gives it less than everyone has, never more.
        case .tenantSet(let body): .administer(body.tenant)
        case .tenantUsage(let body): body.tenant.map { .view($0) } ?? .takePart
        // A name is for the whole host; whom a tenant's administrator lets in has one already.
        case .userAdd, .userRemove: .operate
        case .userList(let body): body.tenant.map { .administer($0) } ?? .operate
        case .userGrant(let body), .userRevoke(let body): body.grant.tenant.map { .administer($0) } ?? .operate
        case .auditList(let filter): filter.tenant.map { .administer($0) } ?? .operate
        case .auditVerify: .watch
        case .promptList(let body): .view(body.tenant)
        case .promptShow(let body): .view(body.reference.tenant)
        // Whoever says that a change comes from feedback could have it approved by the settings.
        case .promptSet(let body):
            body.approvedAs == nil && body.source == .operator
                ? .develop(body.reference.tenant) : .review(body.reference.tenant, Self.promptReviewer)
        case .promptDecide(let body): .review(body.reference.tenant, Self.promptReviewer)
        case .promptLabel(let body): .review(body.reference.tenant, Self.promptReviewer)
        case .promptRollback(let body): .review(body.reference.tenant, Self.promptReviewer)
        }
    }

    /// Nil for what changes nothing that others rely on. Runs are no acts: the journal has them.
    var act: AdministrativeAct? {
        switch self {
        case .startRun, .runsList, .runShow, .runResume, .runCancel, .runFollow, .artifactOpen, .pluginList,
            .pluginShow, .hostStatus, .flowCheck, .tenantList, .tenantShow, .tenantUsage, .userList, .auditList,
            .auditVerify, .memoryRead, .notifyList, .notifyShow, .promptList, .promptShow:
            nil
        case .memoryWrite(let body):
            AdministrativeAct(
                tenant: body.tenant, subject: "memory",
                detail: ["method": .string(body.isWriting ? body.method : "…")])
        case .notifyRetry(let body): AdministrativeAct(tenant: body.tenant, subject: body.delivery)
        case .notifyTest(let body): AdministrativeAct(tenant: body.tenant, subject: body.channel)
        case .pluginRelease(let body): AdministrativeAct(tenant: body.tenant, subject: body.id)
        case .hostStop: AdministrativeAct(subject: "host")
        case .tenantAdd(let body), .tenantSet(let body):
            AdministrativeAct(tenant: body.tenant, subject: body.tenant.text, detail: body.recorded)
        case .tenantRemove(let body):
            AdministrativeAct(
                tenant: body.tenant, subject: body.tenant.text,
                detail: ["forced": .bool(body.isForced), "archived": .bool(body.isArchived)])
        case .userAdd(let body):
            AdministrativeAct(
                tenant: body.grant?.tenant, subject: body.name,
                detail: [
                    "credential": .string(body.credential.text),
                    "role": body.grant.map { .string($0.role.text) } ?? .null,
                ])
        case .userGrant(let body), .userRevoke(let body):
            AdministrativeAct(
                tenant: body.grant.tenant, subject: body.name, detail: ["role": .string(body.grant.role.text)])
        case .userRemove(let body): AdministrativeAct(subject: body.name)
        case .promptSet(let body):
            AdministrativeAct(
                tenant: body.reference.tenant, subject: body.reference.name,
                detail: [
                    "source": .string(body.source.rawValue), "bytes": .int(Int64(body.text.utf8.count)),
                    "approved_as": body.approvedAs.map { .string($0) } ?? .null,
                ])
        case .promptDecide(let body):
            AdministrativeAct(
                tenant: body.reference.tenant, subject: body.reference.name,
                detail: [
                    "version": .int(Int64(body.version)),
                    "decision": .string(body.label == nil ? "rejected" : "approved"),
                    "label": body.label.map { .string($0) } ?? .null,
                ])
        case .promptLabel(let body):
            AdministrativeAct(
                tenant: body.reference.tenant, subject: body.reference.name,
                detail: [
                    "label": .string(body.label), "version": body.version.map { .int(Int64($0)) } ?? .null,
                ])
        case .promptRollback(let body):
            AdministrativeAct(
                tenant: body.reference.tenant, subject: body.reference.name,
                detail: [
                    "label": .string(body.label), "version": body.version.map { .int(Int64($0)) } ?? .null,
                ])
        }
    }
}

extension TenantChangeRequest {
    /// Which settings, and their values where those are numbers, switches or durations: a text may be a key.
    fileprivate var recorded: JSON {
        var settings = JSONObject()
        for setting in set { settings[setting.path] = .string(Self.isPlain(setting.value) ? setting.value : "…") }
        for path in unset { settings[path] = .null }
        return .object(settings)
    }

    private static func isPlain(_ value: String) -> Bool {
        if ["true", "false"].contains(value) || IsolationLevel(rawValue: value) != nil { return true }
        // Up to a petabyte in kilobytes, and no number of a card or an account.
        return value.wholeMatch(of: /[0-9]{1,12}(\.[0-9]{1,3})?(ms|s|m|h|d)?/) != nil
    }
}
