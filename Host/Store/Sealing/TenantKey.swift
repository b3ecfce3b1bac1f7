// SPDX-License-Identifier: Apache-2.0
// TenantKey: the one secret that a tenant's store is sealed with, and its form in a file.

import CorralBase
import Crypto

/// 256 random bits. Never used itself: `Sealer` derives a key for each purpose.
package struct TenantKey: Sendable {
    let secret: SymmetricKey

    /// What is wrong with a key's file; becomes the cause of `key_unreadable`.
    struct Unreadable: Error {
        let reason: String
    }

    private static let title = "corral tenant key 1"

    init() { secret = SymmetricKey(size: .bits256) }

    /// Four lines: what it is, whose it is, the key, and a check of the three, so that a file that was cut off or mistyped
    /// is noticed before anything is opened or sealed with it.
    func text(of tenant: TenantID) -> String {
        let hex = ContentHash(bytes: secret.withUnsafeBytes { Array($0) })?.hex ?? ""
        let body = "\(Self.title)\ntenant \(tenant)\nkey \(hex)\n"
        return body + "check \(Self.check(of: body))\n"
    }

    init(text: String, of tenant: TenantID) throws(Unreadable) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == Substring(Self.title) else {
            throw Unreadable(reason: "its first line is not \"\(Self.title)\"")
        }
        guard lines.count == 5, lines[4].isEmpty else { throw Unreadable(reason: "it is cut off, or has more lines") }
        let body = lines[..<3].joined(separator: "\n") + "\n"
        guard lines[3] == "check \(Self.check(of: body))" else {
            throw Unreadable(reason: "its last line does not fit")
        }
        guard lines[1] == "tenant \(tenant)" else { throw Unreadable(reason: "it is not of tenant \"\(tenant)\"") }
        guard lines[2].hasPrefix("key "), let key = ContentHash(hex: String(lines[2].dropFirst(4))) else {
            throw Unreadable(reason: "its third line holds no key")
        }
        secret = SymmetricKey(data: key.bytes)
    }

    private static func check(of body: String) -> String { String(ContentHash(of: Array(body.utf8)).hex.prefix(16)) }
}
