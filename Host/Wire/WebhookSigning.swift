// SPDX-License-Identifier: Apache-2.0
// WebhookSigning: the keys and identities of Standard Webhooks 1.0 (https://www.standardwebhooks.com) on their way to the
// broker, which signs: so the key never enters a worker, and the timestamp is that of the attempt.

import CorralBase

/// A key as people exchange it: `whsec_` and 24 to 64 bytes in base64.
package struct WebhookKey: Sendable, Hashable {
    package static let prefix = "whsec_"
    package static let bytesRange = 24...64
    package let bytes: [UInt8]

    /// Nil for anything else.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let bytes = Base64.bytes(String(text.dropFirst(Self.prefix.count))),
            Self.bytesRange.contains(bytes.count)
        else { return nil }
        self.bytes = bytes
    }
}

/// What the broker needs to sign one request. It is in a frame to the broker and nowhere else.
package struct BrokerSignature: Sendable, Hashable {
    /// The message's identity, the same in every attempt.
    package var id: String
    /// Each key signs: while keys are changed, whoever checks knows one of them.
    package var keys: [BrokerSecret]

    package static let keysMax = 4

    package init(id: String, keys: [BrokerSecret]) {
        self.id = id
        self.keys = keys
    }

    /// A point in the identity would let two messages have one signed text.
    package static func isID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }

    var json: JSON { ["id": .string(id), "keys": .array(keys.map(\.json))] }

    init(_ json: JSON) throws {
        guard let id = json["id"]?.stringValue, Self.isID(id), let keys = json["keys"]?.arrayValue,
            (1...Self.keysMax).contains(keys.count)
        else { throw CorralError.protocolViolation("a signature without its parts") }
        self.id = id
        self.keys = try keys.map(BrokerSecret.init)
        guard self.keys.allSatisfy({ WebhookKey($0.value) != nil }) else {
            throw CorralError.protocolViolation("a signing key that is none")
        }
    }
}
