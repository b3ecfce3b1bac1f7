// SPDX-License-Identifier: Apache-2.0
// HostRuntime+People: people are added, get roles, lose them and go.

import CorralBase
import CorralControl
import CorralIdentity
import CorralStore

extension HostRuntime {
    /// - Throws: `identifier_invalid`, `principal_reserved`, `principal_exists`, `tenant_unknown`.
    func addUser(_ request: UserAddRequest) async throws -> UserDetail {
        try PrincipalName.check(request.name)
        guard case .user = request.credential else {
            throw CorralError.requestNotUnderstood("a user comes by a uid, not by \"\(request.credential.text)\"")
        }
        if request.name == PrincipalName.host {
            throw CorralError.principalReserved(request.name, "that is the host itself in the audit log")
        }
        // Whoever reads the audit log must not take one for the other.
        for standing in options.standingOperators
        where standing.name == request.name && standing.credential != request.credential {
            throw CorralError.principalReserved(request.name, "that is \(standing.credential.text), an operator here")
        }
        if let tenant = request.grant?.tenant { try await requireTenant(tenant) }
        try await store.add(request)
        return try await user(request.name)
    }

    /// - Parameter tenant: only who has a role in it, or in all of them.
    func listUsers(_ tenant: TenantID?) async throws -> [UserDetail] {
        let records = try await store.principals()
        let added = records.map(UserDetail.init)
        let named = Set(records.flatMap(\.credentials))
        let standing = options.standingOperators.filter { !named.contains($0.credential) }.map {
            UserDetail(name: $0.name, credentials: [$0.credential], grants: Array($0.grants))
        }
        return (standing + added).map(withStandingRole).filter { user in
            tenant == nil || user.grants.contains { $0.tenant == tenant || $0.tenant == nil }
        }
    }

    /// - Throws: `principal_unknown`, `principal_reserved`, `tenant_unknown`.
    func grant(_ request: UserRoleRequest) async throws -> UserDetail {
        if let tenant = request.grant.tenant { try await requireTenant(tenant) }
        _ = try await user(request.name)
        try await store.grant(request.grant, to: request.name)
        return try await user(request.name)
    }

    /// - Throws: `principal_unknown`, `principal_reserved`, `role_not_held`.
    func revoke(_ request: UserRoleRequest) async throws -> UserDetail {
        _ = try await user(request.name)
        guard try await store.revoke(request.grant, from: request.name) else {
            throw CorralError.roleNotHeld(request.name, request.grant)
        }
        return try await user(request.name)
    }

    /// - Throws: `principal_unknown`, `principal_reserved`.
    func removeUser(_ name: String) async throws {
        _ = try await user(name)
        try await store.removePrincipal(name)
    }

    private func user(_ name: String) async throws -> UserDetail {
        if let record = try await store.principal(named: name) { return withStandingRole(UserDetail(record)) }
        if options.standingOperators.contains(where: { $0.name == name }) { throw CorralError.principalStays(name) }
        throw CorralError.principalUnknown(name, known: try await store.principals().map(\.name))
    }

    private func withStandingRole(_ user: UserDetail) -> UserDetail {
        var user = user
        let isStanding = options.standingOperators.contains { user.credentials.contains($0.credential) }
        if isStanding, !user.grants.contains(.operatorOfHost) { user.grants.append(.operatorOfHost) }
        return user
    }
}

extension UserDetail {
    fileprivate init(_ record: PrincipalRecord) {
        self.init(
            name: record.name, credentials: record.credentials, grants: record.grants, createdAt: record.createdAt)
    }
}
