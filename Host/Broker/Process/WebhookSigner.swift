// SPDX-License-Identifier: Apache-2.0
// WebhookSigner: what Standard Webhooks 1.0 signs, and in which headers the signature goes. The code is libcrypto's.

import CCrypto
import CorralBase
import CorralWire

extension WebhookKey {
    /// `v1,` and the signature (HMAC-SHA-256) in base64.
    package func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let message = Array("\(id).\(timestamp).".utf8) + body
        return "v1," + Base64.text(authenticationCode(of: message, key: bytes))
    }
}

extension BrokerSignature {
    /// The three headers of an attempt.
    /// - Parameter timestamp: seconds since 1970.
    package func headers(timestamp: Int64, body: [UInt8]) -> [BrokerRequest.Header] {
        let signatures = keys.compactMap { WebhookKey($0.value)?.signature(id: id, timestamp: timestamp, body: body) }
        return [
            .init("webhook-id", id), .init("webhook-timestamp", String(timestamp)),
            .init("webhook-signature", signatures.joined(separator: " ")),
        ]
    }
}

/// HMAC-SHA-256 (RFC 2104): 32 bytes.
package func authenticationCode(of message: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var size: UInt32 = 0
    let result = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, &size)
    // It fails when memory is out only: an unsigned message must not go out instead.
    precondition(result != nil, "libcrypto gave no authentication code")
    return Array(code.prefix(Int(size)))
}
