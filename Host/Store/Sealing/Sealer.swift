// SPDX-License-Identifier: Apache-2.0
// Sealer: what users and agents wrote, made unreadable without the tenant's key, and bound to where it lies. AES-256-GCM
// as swift-crypto has it; a key of its own for each purpose and each value, so that no count of values wears a nonce out.

import CorralBase
import Crypto
import Foundation

/// Where a sealed value lies. It opens nowhere else.
package struct SealPlace: Sendable {
    let bytes: [UInt8]

    /// - Parameters:
    ///   - table: the table, and what of its row, for example `runs.ending`.
    ///   - row: what names the row; identifiers and numbers, which hold no NUL.
    package init(_ table: String, _ row: String...) {
        bytes = Array(([table] + row).joined(separator: "\u{0}").utf8)
    }

    /// A row named by a keyed hash.
    init(_ table: String, _ row: ContentPlace) { bytes = Array("\(table)\u{0}".utf8) + row.bytes }
}

/// Content by a keyed hash: a plain SHA-256 of something short is as good as the text for whoever guesses.
struct ContentPlace: Hashable, Sendable {
    let hash: ContentHash
    var hex: String { hash.hex }
    var bytes: [UInt8] { hash.bytes }

    init(_ hash: ContentHash) { self.hash = hash }
    init?(bytes: [UInt8]) { self.init(ContentHash(bytes: bytes)) }
    init?(hex: String) { self.init(ContentHash(hex: hex)) }

    private init?(_ hash: ContentHash?) {
        guard let hash else { return nil }
        self.hash = hash
    }
}

package struct Sealer: Sendable {
    /// Content with the same hash has another place in each.
    enum Space: String, Sendable {
        case blobs, artifacts
    }

    /// What was sealed does not open: another key, another place, or changed bytes. GCM does not say which.
    package struct Broken: Error {
        let reason: String
    }

    private static let version: UInt8 = 1
    /// 12 bytes choose the value's key, 12 are the nonce: together too many to meet twice.
    private static let randomBytes = 24
    private static let tagBytes = 16
    /// What sealing adds to a value.
    static let overheadBytes = 1 + randomBytes + tagBytes

    /// What everything is bound to that this seals.
    private let binding: [UInt8]
    private let values: SymmetricKey
    private let files: SymmetricKey
    private let names: SymmetricKey
    /// Says whether a key is the one a store was sealed with, and nothing about it.
    let fingerprint: [UInt8]

    package init(_ key: TenantKey, tenant: TenantID) {
        binding = Array("corral seal 1\u{0}\(tenant)\u{0}".utf8)
        func derived(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: key.secret, info: Data("corral seal 1\u{0}\(tenant)\u{0}\(purpose)".utf8),
                outputByteCount: 32)
        }
        values = derived("values")
        files = derived("files")
        names = derived("names")
        fingerprint = derived("fingerprint").withUnsafeBytes { Array($0.prefix(16)) }
    }

    // MARK: Names

    /// Where content lies.
    func place(of hash: ContentHash, in space: Space) -> ContentPlace {
        let name = Array("\(space.rawValue)\u{0}".utf8) + hash.bytes
        return ContentPlace(keyed(name))
    }

    /// 16 bytes that are equal for equal texts of one column, so that an index finds them.
    package func token(_ text: String, _ column: String) -> [UInt8] {
        Array(keyed(Array("\(column)\u{0}\(text)".utf8)).bytes.prefix(16))
    }

    private func keyed(_ bytes: [UInt8]) -> ContentHash {
        // An HMAC of SHA-256 has the 32 bytes that a hash has.
        ContentHash(bytes: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: names))) ?? ContentHash(of: bytes)
    }

    // MARK: Values

    /// - Throws: `internal_fault`; nothing that is in memory is too long.
    package func seal(_ plain: [UInt8], at place: SealPlace) throws -> [UInt8] {
        let random = Self.random()
        do {
            let box = try AES.GCM.seal(
                plain, using: key(values, random.prefix(12)), nonce: AES.GCM.Nonce(data: random.suffix(12)),
                authenticating: binding + place.bytes)
            var sealed: [UInt8] = []
            sealed.reserveCapacity(plain.count + Self.overheadBytes)
            sealed.append(Self.version)
            sealed += random
            sealed += box.ciphertext
            sealed += box.tag
            return sealed
        } catch {
            throw CorralError.internalFault("sealing \(plain.count) bytes: \(error)")
        }
    }

    package func open(_ sealed: [UInt8], at place: SealPlace) throws(Broken) -> [UInt8] {
        guard sealed.count >= Self.overheadBytes, sealed[0] == Self.version else {
            throw Broken(reason: "it is no sealed value of this version")
        }
        let random = sealed[1...Self.randomBytes]
        do {
            let box = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: random.suffix(12)),
                ciphertext: sealed[(1 + Self.randomBytes)..<(sealed.count - Self.tagBytes)],
                tag: sealed.suffix(Self.tagBytes))
            return Array(
                try AES.GCM.open(box, using: key(values, random.prefix(12)), authenticating: binding + place.bytes))
        } catch {
            throw Broken(reason: "it does not open: it was changed, or is not where it was put")
        }
    }

    // MARK: Files

    /// The key of one file, which its head names.
    func fileKey(_ random: [UInt8]) -> SymmetricKey { key(files, random[...]) }

    static func random() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(randomBytes)
        for _ in 0..<(randomBytes / 8) { withUnsafeBytes(of: generator.next()) { bytes += $0 } }
        return bytes
    }

    func associated(_ place: String) -> [UInt8] { binding + Array(place.utf8) }

    private func key(_ parent: SymmetricKey, _ random: ArraySlice<UInt8>) -> SymmetricKey {
        SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: random, using: parent))
    }
}

extension Sealer {
    /// JSON that is kept sealed.
    func seal(_ json: JSON, at place: SealPlace) throws -> [UInt8] { try seal(json.bytes(), at: place) }

    /// - Throws: `Broken`; `json_invalid`.
    func openJSON(_ sealed: [UInt8], at place: SealPlace) throws -> JSON {
        try JSON(parsing: open(sealed, at: place))
    }
}
