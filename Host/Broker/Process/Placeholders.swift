// SPDX-License-Identifier: Apache-2.0
// Placeholders: puts secrets in where a request says `${secret:NAME}`. The host has checked that each stands in the
// place its binding allows; here they only become text, and never again once a redirect has left the host.

import CorralWire

struct Placeholders {
    private let secrets: [BrokerSecret]

    init(_ secrets: [BrokerSecret]) { self.secrets = secrets }

    func isIn(_ text: String) -> Bool { secrets.contains { text.contains(Self.placeholder($0)) } }

    func inHeader(_ value: String) -> String {
        replacing(value) { $0.isBasic ? Base64.text(Array($0.value.utf8)) : $0.value }
    }

    /// Percent-encoded, so that no value can change what the address means.
    func inURL(_ url: String) -> String { replacing(url) { Self.percentEncoded($0.value) } }

    /// A text for people in which no value stands, should a library ever quote one.
    func redacted(_ text: String) -> String {
        var text = text
        for secret in secrets where !secret.value.isEmpty {
            for form in [secret.value, Self.percentEncoded(secret.value), Base64.text(Array(secret.value.utf8))] {
                text = Self.replace(form, with: Self.placeholder(secret), in: text)
            }
        }
        return text
    }

    private static func placeholder(_ secret: BrokerSecret) -> String { "${secret:\(secret.name)}" }

    private func replacing(_ text: String, _ value: (BrokerSecret) -> String) -> String {
        var result = ""
        var rest = Substring(text)
        // One pass from the left: a value that looks like a placeholder is not looked at again.
        scan: while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            for secret in secrets where rest.hasPrefix(Self.placeholder(secret)) {
                result += value(secret)
                rest = rest.dropFirst(Self.placeholder(secret).count)
                continue scan
            }
            result += "$"
            rest = rest.dropFirst()
        }
        return result + rest
    }

    private static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func replace(_ needle: String, with replacement: String, in text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let index = rest.indices.first(where: { rest[$0...].hasPrefix(needle) }) {
            result += rest[..<index] + replacement
            rest = rest[rest.index(index, offsetBy: needle.count)...]
        }
        return result + rest
    }
}
