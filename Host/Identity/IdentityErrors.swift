// SPDX-License-Identifier: Apache-2.0
// IdentityErrors: every error text of this module.

import CorralBase

extension ErrorCode {
    package static let authorityMissing = ErrorCode(960, "authority_missing")
    package static let principalUnknown = ErrorCode(961, "principal_unknown")
    package static let principalExists = ErrorCode(962, "principal_exists")
    package static let principalReserved = ErrorCode(963, "principal_reserved")
    package static let roleUnknown = ErrorCode(964, "role_unknown")
    package static let roleNotForTenant = ErrorCode(965, "role_not_for_tenant")
    package static let roleNotHeld = ErrorCode(966, "role_not_held")
    package static let unixUserUnknown = ErrorCode(967, "unix_user_unknown")
    package static let auditHeadInvalid = ErrorCode(968, "audit_head_invalid")
}

extension CorralError {
    package static func authorityMissing(_ principal: Principal, _ right: Right, verb: String) -> CorralError {
        let place = right.tenant.map { " in tenant \"\($0)\"" } ?? " for the whole host"
        let (role, option) = (right.role, right.tenant.map { " --tenant \($0)" } ?? "")
        let message = "\(principal.text) may not \(verb)\(place): that needs the role \(role.text)"
        guard principal.isKnown else {
            let uid = if case .user(let number) = principal.credential { "--uid \(number)" } else { "" }
            return CorralError(
                .authorityMissing, message,
                hint: "who may change people here grants it: corral user add NAME \(uid) --role \(role.text)\(option)")
        }
        return CorralError(
            .authorityMissing, message,
            hint: "who may change people here grants it: corral user role grant \(principal.name) \(role.text)\(option)"
        )
    }

    package static func principalUnknown(_ name: String, known: [String]) -> CorralError {
        let near = didYouMean(name, among: known).map { $0 + " Or: " } ?? ""
        return CorralError(
            .principalUnknown, "there is no user \"\(name)\"", hint: near + "corral user add \(name) --uid NUMBER")
    }

    package static func principalExists(_ name: String) -> CorralError {
        CorralError(
            .principalExists, "the user \"\(name)\" is there already",
            hint: "give a role: corral user role grant \(name) ROLE")
    }

    package static func credentialTaken(_ credential: Credential, by name: String) -> CorralError {
        CorralError(
            .principalExists, "\(credential.text) is the user \"\(name)\" already",
            hint: "corral user remove \(name), or give that one the role")
    }

    package static func principalReserved(_ name: String, _ why: String) -> CorralError {
        CorralError(.principalReserved, "no user can be called \"\(name)\": \(why)", hint: "choose another name")
    }

    package static func principalStays(_ name: String) -> CorralError {
        CorralError(
            .principalReserved, "\"\(name)\" is root or owns this host, and is its operator always",
            hint: "users that were added can be removed: corral user list")
    }

    package static func roleUnknown(_ text: String) -> CorralError {
        let known = ["operator", "tenant-admin", "developer", "viewer"]
        let near = didYouMean(text, among: known).map { $0 + " " } ?? ""
        return CorralError(
            .roleUnknown, "there is no role \"\(text.prefix(80))\"",
            hint: near + "roles are \(known.joined(separator: ", ")) and reviewer:NAME")
    }

    package static func roleNotForTenant(_ role: Role, _ tenant: TenantID) -> CorralError {
        CorralError(
            .roleNotForTenant, "the role \(role.text) is for the whole host and cannot be held in tenant \"\(tenant)\"",
            hint: "grant tenant-admin in it, or leave --tenant out")
    }

    package static func roleNotHeld(_ name: String, _ grant: RoleGrant) -> CorralError {
        CorralError(
            .roleNotHeld, "the user \"\(name)\" does not have the role \(grant.text)",
            hint: "see what it has: corral user list")
    }

    package static func unixUserUnknown(_ name: String) -> CorralError {
        CorralError(
            .unixUserUnknown, "this system knows no user \"\(name)\"",
            hint: "name the system's user with --unix-user, or its number with --uid")
    }

    static func auditHeadInvalid(_ text: String) -> CorralError {
        CorralError(
            .auditHeadInvalid, "\"\(text.prefix(80))\" is no head of an audit log",
            hint: "a head is NUMBER:HASH as `corral audit verify` prints it")
    }
}
