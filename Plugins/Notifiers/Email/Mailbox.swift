// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import NotifierKit

/// A mailbox as people write it: `name@example.com` or `Display Name <name@example.com>`.
struct Mailbox: Sendable, Equatable {
    /// Empty for none.
    var name: String
    var address: String

    /// - Throws: `invalid_settings`.
    init(_ text: String) throws {
        if text.hasSuffix(">"), let open = text.lastIndex(of: "<") {
            name = String(text[..<open]).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if name.hasPrefix("\""), name.hasSuffix("\""), name.count > 1 { name = String(name.dropFirst().dropLast()) }
            address = String(text[text.index(after: open)...].dropLast())
        } else {
            (name, address) = ("", text)
        }
        guard Self.isAddress(address) else {
            throw ChannelSettings.mistake("\"\(text.prefix(80))\" is no mailbox such as Desk <desk@example.com>")
        }
    }

    var domain: Substring { address[address.index(after: address.lastIndex(of: "@") ?? address.startIndex)...] }

    /// As it stands in a header.
    var header: String {
        guard !name.isEmpty else { return address }
        if name.utf8.allSatisfy({ Self.isAtom($0) || $0 == 0x20 }) { return "\(name) <\(address)>" }
        return EncodedWords.encoded(name).joined(separator: " ") + " <\(address)>"
    }

    /// A dot-atom on both sides (RFC 5322, section 3.4.1): nothing that could end a header or a command.
    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && text.utf8.count <= 254
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                        !label.isEmpty && label.utf8.allSatisfy(isAtom)
                    }
            }
    }

    private static func isAtom(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
}
