// SPDX-License-Identifier: Apache-2.0
// HostRuntime+Authority: who asks, whether they may, and the record of what they did. Every request passes here before
// anything looks at it.

import CorralBase
import CorralControl
import CorralControlServer
import CorralIdentity

extension HostRuntime: ControlHandler {
    package func handle(
        _ request: ControlRequest, descriptors: [Int32], client: ClientIdentity, events: EventSink
    ) async throws -> ControlReply {
        let principal = try await principal(with: .user(client.uid))
        do {
            try request.right.require(of: principal, for: request.verb)
        } catch {
            try await recordRefusal(of: request, to: principal)
            throw error
        }
        guard let act = request.act else { return try await answer(request, descriptors, principal, events) }
        try await store.audit(principal.draft(request.verb, act, .allowed))
        do {
            return try await answer(request, descriptors, principal, events)
        } catch {
            try? await store.audit(principal.draft(request.verb, act, .failed, error))
            throw error
        }
    }

    /// Root and the owner of the host are its operators, whatever else is said of them.
    func principal(with credential: Credential) async throws -> Principal {
        let record = try await store.principal(with: credential)
        if let standing = options.standingOperators.first(where: { $0.credential == credential }) {
            return Principal(
                name: record?.name ?? standing.name, credential: credential,
                grants: Set(record?.grants ?? []).union(standing.grants))
        }
        guard let record else { return Principal(unknown: credential) }
        return Principal(name: record.name, credential: credential, grants: Set(record.grants))
    }

    private func recordRefusal(of request: ControlRequest, to principal: Principal) async throws {
        let right = request.right
        guard let repeated = refusals.count(principal, request.kind, right.tenant, now: clock.monotonicNanoseconds())
        else { return }
        var detail: JSONObject = ["needed": .string(right.role.text)]
        if repeated > 0 { detail["repeated"] = .int(repeated) }
        try await store.audit(
            AuditDraft(
                principal, action: request.verb, outcome: .refused, tenant: right.tenant,
                subject: request.act?.subject ?? "", detail: .object(detail)))
    }
}

extension Principal {
    fileprivate func draft(
        _ verb: String, _ act: AdministrativeAct, _ outcome: AuditDraft.Outcome, _ error: (any Error)? = nil
    ) -> AuditDraft {
        var detail = act.detail
        if let error { detail = ["error": .string((error as? CorralError)?.code.name ?? "mistakes")] }
        return AuditDraft(
            self, action: verb, outcome: outcome, tenant: act.tenant, subject: act.subject, detail: detail)
    }
}

extension HostOptions {
    /// Who is operator without being added.
    var standingOperators: [Principal] {
        let root = Principal(name: "root", credential: .user(0), grants: [.operatorOfHost])
        guard owner.uid != 0 else { return [root] }
        let credential = Credential.user(owner.uid)
        return [
            root, Principal(name: owner.name ?? credential.text, credential: credential, grants: [.operatorOfHost]),
        ]
    }
}

/// Keeps who asks in vain a thousand times from writing a thousand entries: one a minute for each person and request, which
/// says how many it stands for.
struct RefusalCounts {
    private struct Key: Hashable {
        let credential: Credential
        let verb: ControlVerb
        let tenant: TenantID?
    }

    private static let period: UInt64 = 60_000_000_000
    /// A person has few dozen requests; tenants in names are free, so the table is bounded.
    private static let keysMax = 1_024
    private var recent: [Key: (since: UInt64, repeated: Int64)] = [:]

    /// - Returns: how many refusals since the last entry were not recorded; nil when this one is not either.
    mutating func count(_ principal: Principal, _ verb: ControlVerb, _ tenant: TenantID?, now: UInt64) -> Int64? {
        let key = Key(credential: principal.credential, verb: verb, tenant: tenant)
        if let known = recent[key], now &- known.since < Self.period {
            recent[key]?.repeated += 1
            return nil
        }
        let repeated = recent[key]?.repeated ?? 0
        if recent[key] == nil, recent.count >= Self.keysMax {
            recent = recent.filter { now &- $0.value.since < Self.period }
            // Still full: what is asked beyond it is counted nowhere, and refused all the same.
            guard recent.count < Self.keysMax else { return nil }
        }
        recent[key] = (now, 0)
        return repeated
    }
}
