// SPDX-License-Identifier: Apache-2.0
// Principal: who asks. A credential says which principal it is, the principal's roles say what it may; nothing else of
// the host knows how somebody proved who they are.

import CorralBase
import Glibc

/// What proves who asks. One principal may have several.
package enum Credential: Hashable, Sendable {
    /// The uid that the kernel states for the peer of the control socket.
    case user(UInt32)
    /// Of a kind that a newer version knows. It proves nothing here.
    case other(String)

    package init(_ text: String) {
        let prefix = "uid:"
        if text.hasPrefix(prefix), let uid = UInt32(text.dropFirst(prefix.count)) {
            self = .user(uid)
        } else {
            self = .other(text)
        }
    }

    /// `uid:1000`.
    package var text: String {
        switch self {
        case .user(let uid): "uid:\(uid)"
        case .other(let text): text
        }
    }
}

extension Credential: Codable {
    package init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

package struct Principal: Hashable, Sendable {
    /// A name, or the credential's text for somebody who has none.
    package let name: String
    /// What it proved itself by in this request.
    package let credential: Credential
    package let grants: Set<RoleGrant>
    /// Whether somebody gave it a name here; who has none has no roles either.
    package let isKnown: Bool

    package init(name: String, credential: Credential, grants: Set<RoleGrant>) {
        self.name = name
        self.credential = credential
        self.grants = grants
        isKnown = true
    }

    /// Somebody nobody added.
    package init(unknown credential: Credential) {
        name = credential.text
        self.credential = credential
        grants = []
        isKnown = false
    }

    package func may(_ right: Right) -> Bool {
        if right == .takePart { return !grants.isEmpty }
        return grants.contains { grant in
            guard grant.role.includes(right.role) else { return false }
            return grant.tenant == nil || (right.tenant != nil && grant.tenant == right.tenant)
        }
    }

    /// `"ann" (uid:1000)`.
    package var text: String { isKnown ? "\"\(name)\" (\(credential.text))" : "\"\(credential.text)\"" }
}

/// What a request needs.
package enum Right: Hashable, Sendable {
    /// To be somebody here. The answer holds what the principal may see.
    case takePart
    case view(TenantID)
    /// To answer for a reviewer's role.
    case review(TenantID, String)
    case develop(TenantID)
    case administer(TenantID)
    /// To see the host as a whole.
    case watch
    case operate

    /// The least role that has it.
    package var role: Role {
        switch self {
        case .takePart, .view, .watch: .viewer
        case .review(_, let name): .reviewer(name)
        case .develop: .developer
        case .administer: .tenantAdmin
        case .operate: .operator
        }
    }

    /// Nil when it is about the whole host.
    package var tenant: TenantID? {
        switch self {
        case .view(let tenant), .review(let tenant, _), .develop(let tenant), .administer(let tenant): tenant
        case .takePart, .watch, .operate: nil
        }
    }

    /// Demands the right.
    /// - Throws: `authority_missing`.
    package func require(of principal: Principal, for verb: String) throws(CorralError) {
        guard !principal.may(self) else { return }
        throw .authorityMissing(principal, self, verb: verb)
    }
}

/// What a principal may be called.
package enum PrincipalName {
    /// Stands in the audit log for the host itself.
    package static let host = "host"

    /// - Throws: `identifier_invalid`.
    package static func check(_ name: String) throws(CorralError) {
        guard isName(name) else {
            throw .invalidIdentifier(
                "user", name, "1–63 letters, digits, '-', '_', '.' or '@', starting with a letter or digit")
        }
    }
}

/// A user of the system.
package struct UnixUser: Hashable, Sendable {
    package let uid: UInt32
    /// What the system calls it; nil when it does not know.
    package let name: String?

    package init(uid: UInt32, name: String?) {
        self.uid = uid
        self.name = name
    }

    package init(uid: UInt32) {
        self.uid = uid
        name = Self.lookUp { getpwuid_r(uid, $0, $1, $2, $3) }.map(\.name)
    }

    /// - Returns: nil when the system knows no user of that name.
    package init?(named name: String) {
        guard let found = Self.lookUp({ getpwnam_r(name, $0, $1, $2, $3) }) else { return nil }
        self.init(uid: found.uid, name: name)
    }

    private typealias Question = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32

    private static func lookUp(_ ask: Question) -> (uid: UInt32, name: String)? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        // getpw(3): an entry is short; a directory service may say more.
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        guard ask(&entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return nil
        }
        return (entry.pw_uid, String(cString: name))
    }
}
