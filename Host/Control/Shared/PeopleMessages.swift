// SPDX-License-Identifier: Apache-2.0
// PeopleMessages: what `corral user …` and `corral audit …` ask and what they are told.

import CorralBase
import CorralIdentity

package struct UserAddRequest: Sendable, Hashable, Codable {
    package var name: String
    package var credential: Credential
    /// The first role; more are granted one by one.
    package var grant: RoleGrant?

    package init(name: String, credential: Credential, grant: RoleGrant? = nil) {
        self.name = name
        self.credential = credential
        self.grant = grant
    }
}

package struct UserListRequest: Sendable, Hashable, Codable {
    /// Only who has a role in it; nil for everybody.
    package var tenant: TenantID?
    package init(tenant: TenantID? = nil) { self.tenant = tenant }
}

package struct UserRoleRequest: Sendable, Hashable, Codable {
    package var name: String
    package var grant: RoleGrant

    package init(name: String, grant: RoleGrant) {
        self.name = name
        self.grant = grant
    }
}

package struct UserRequest: Sendable, Hashable, Codable {
    package var name: String
    package init(name: String) { self.name = name }
}

package struct UserDetail: Sendable, Hashable, Codable {
    package var name: String
    package var credentials: [Credential]
    package var grants: [RoleGrant]
    /// Wall-clock nanoseconds since 1970; nil for root and the owner of the host, who are always there.
    package var createdAt: Int64?

    package init(name: String, credentials: [Credential], grants: [RoleGrant], createdAt: Int64? = nil) {
        self.name = name
        self.credentials = credentials
        self.grants = grants
        self.createdAt = createdAt
    }
}

package struct AuditVerifyRequest: Sendable, Hashable, Codable {
    /// A head that somebody noted earlier.
    package var expected: AuditHead?
    package init(expected: AuditHead? = nil) { self.expected = expected }
}
