// SPDX-License-Identifier: Apache-2.0
// NetworkHost: the name of a machine in the one spelling that every parser reads alike. What needs interpretation, such
// as "0x7f.1", "2130706433", "example.com." or "ex%61mple.com", is no name here and is refused, so that the process that
// decides and the process that connects cannot understand two different things.

import Glibc

package struct NetworkHost: Hashable, Sendable, CustomStringConvertible {
    /// Lower case: a DNS name of ASCII letters, digits, `-` and `_`; an IPv4 address of four plain numbers; or an IPv6
    /// address in its canonical form (RFC 5952), without brackets.
    package let text: String
    package let isAddress: Bool

    package var description: String { text }

    /// As it stands in a URL.
    package var inURL: String { text.utf8.contains(UInt8(ascii: ":")) ? "[\(text)]" : text }

    /// Nil for anything else than the above; IPv6 addresses may have brackets.
    package init?(_ written: some StringProtocol) {
        guard written.utf8.count <= 255, written.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let text = written.lowercased()
        if text.hasPrefix("["), text.hasSuffix("]") {
            guard let address = Self.canonical(String(text.dropFirst().dropLast()), AF_INET6) else { return nil }
            self.init(text: address, isAddress: true)
        } else if text.utf8.contains(UInt8(ascii: ":")) {
            guard let address = Self.canonical(text, AF_INET6) else { return nil }
            self.init(text: address, isAddress: true)
        } else if Self.endsInNumber(text) {
            guard let address = Self.canonical(text, AF_INET) else { return nil }
            self.init(text: address, isAddress: true)
        } else {
            guard Self.isName(text) else { return nil }
            self.init(text: text, isAddress: false)
        }
    }

    private init(text: String, isAddress: Bool) {
        self.text = text
        self.isAddress = isAddress
    }

    /// Nil unless the text is an address, written as the system itself writes it.
    private static func canonical(_ text: String, _ family: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(family, text, &bytes) == 1 else { return nil }
        var buffer = [CChar](repeating: 0, count: 64)
        guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        let written = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return written == text ? text : nil
    }

    /// Whether parsers could take the text for an IPv4 address: the rule of the URL standard (WHATWG, "ends in a
    /// number"), which covers what inet_aton(3) accepts.
    private static func endsInNumber(_ text: String) -> Bool {
        guard let last = text.split(separator: ".", omittingEmptySubsequences: false).last else { return false }
        let isHexadecimal = last.hasPrefix("0x") && last.dropFirst(2).allSatisfy(\.isHexDigit)
        return isHexadecimal || !last.isEmpty && last.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    private static func isName(_ text: String) -> Bool {
        guard text.utf8.count <= 253 else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy {
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
                        || $0 == UInt8(ascii: "_")
                }
        }
    }
}
