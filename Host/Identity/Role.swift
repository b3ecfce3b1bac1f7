// SPDX-License-Identifier: Apache-2.0
// Role: what a principal may be, for the whole host or for one tenant. Few and fixed, so that a person can know them all;
// only reviewers are told apart by a name, which flows and configuration use.

import CorralBase

package enum Role: Hashable, Sendable {
    /// Everything, of the host and of all tenants. Never for one tenant only: that is `tenantAdmin`.
    case `operator`
    /// Everything of a tenant: its settings, people, prompts, runs.
    case tenantAdmin
    /// Runs things, and changes what runs read.
    case developer
    /// Sees.
    case viewer
    /// Sees, and answers for what is asked of this role.
    case reviewer(String)

    /// - Throws: `role_unknown`.
    package init(_ text: String) throws(CorralError) {
        switch text {
        case "operator": self = .operator
        case "tenant-admin": self = .tenantAdmin
        case "developer": self = .developer
        case "viewer": self = .viewer
        default:
            let prefix = "reviewer:"
            guard text.hasPrefix(prefix), isName(text.dropFirst(prefix.count)) else { throw .roleUnknown(text) }
            self = .reviewer(String(text.dropFirst(prefix.count)))
        }
    }

    package var text: String {
        switch self {
        case .operator: "operator"
        case .tenantAdmin: "tenant-admin"
        case .developer: "developer"
        case .viewer: "viewer"
        case .reviewer(let name): "reviewer:\(name)"
        }
    }

    /// Whether who has this role may do what needs the other: each includes those below it.
    package func includes(_ needed: Role) -> Bool {
        switch (self, needed) {
        case (.reviewer(let own), .reviewer(let asked)): own == asked
        // Who only writes code or only looks does not answer reviews.
        case (.developer, .reviewer), (.viewer, .reviewer): false
        default: rank >= needed.rank
        }
    }

    private var rank: Int {
        switch self {
        case .operator: 4
        case .tenantAdmin: 3
        case .developer: 2
        case .viewer, .reviewer: 1
        }
    }
}

extension Role: Codable {
    package init(from decoder: any Decoder) throws { try self.init(decoder.singleValueContainer().decode(String.self)) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A role somebody holds.
package struct RoleGrant: Hashable, Sendable, Codable {
    package let role: Role
    /// Nil for the whole host, with every tenant there is and will be.
    package let tenant: TenantID?

    /// - Throws: `role_not_for_tenant`.
    package init(_ role: Role, tenant: TenantID? = nil) throws(CorralError) {
        if role == .operator, let tenant { throw .roleNotForTenant(role, tenant) }
        self.role = role
        self.tenant = tenant
    }

    private init(trusted role: Role) { (self.role, tenant) = (role, nil) }

    private enum CodingKeys: String, CodingKey { case role, tenant }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            values.decode(Role.self, forKey: .role), tenant: values.decodeIfPresent(TenantID.self, forKey: .tenant))
    }

    package static let operatorOfHost = RoleGrant(trusted: .operator)

    package var text: String { role.text + (tenant.map { " in \($0)" } ?? "") }
}

/// 1–63 letters, digits, `-`, `_`, `.` and `@`, starting with a letter or digit: file names, log fields and other
/// systems' user names alike.
func isName(_ text: some StringProtocol) -> Bool {
    guard (1...63).contains(text.utf8.count), let first = text.utf8.first, isAlphanumeric(first) else { return false }
    return text.utf8.allSatisfy { isAlphanumeric($0) || "-_.@".utf8.contains($0) }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}
