// SPDX-License-Identifier: Apache-2.0
// RequestAddress: the one thing the host reads of a URL: whom it leads to. The grammar is so narrow that no parser reads
// what it accepts in another way; the broker reads it once more with libcurl and refuses a difference
// (docs/decisions/0007).

import CorralBase
import CorralWire

package struct RequestAddress: Sendable, Hashable {
    /// As the plugin wrote it.
    package let text: String
    package let origin: NetworkOrigin
    /// Secrets in the query: which key's value they are.
    let secrets: [QuerySecret]

    struct QuerySecret: Sendable, Hashable {
        var key: String
        var name: String
    }

    /// `http` or `https`, `://`, a `NetworkHost`, perhaps `:` and a port, then nothing or `/`, `?` or `#` and printable
    /// ASCII. `${secret:NAME}` may be a whole value in the query and stands nowhere else.
    /// - Throws: `url_invalid`, `secret_misplaced`.
    package init(_ text: String) throws(CorralError) {
        guard text.utf8.count <= Limits.httpURLBytesMax else {
            throw .urlUnreadable("it has more than \(Limits.httpURLBytesMax) bytes")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            throw .urlUnreadable("it has spaces, backslashes or characters that are not ASCII")
        }
        guard let colon = text.firstIndex(of: ":"),
            let scheme = URLScheme(rawValue: text[..<colon].lowercased()), !scheme.isMail,
            text[colon...].hasPrefix("://")
        else { throw .urlUnreadable("it does not begin with https:// or http://") }
        let rest = text[text.index(colon, offsetBy: 3)...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        origin = try Self.origin(scheme, rest[..<end])
        secrets = try Self.secrets(in: rest[end...])
        self.text = text
    }

    static func origin(_ scheme: URLScheme, _ authority: Substring) throws(CorralError) -> NetworkOrigin {
        guard !authority.contains("@") else {
            throw .urlUnreadable("it has a user or password inside; use the header Authorization")
        }
        var host = authority
        var port = scheme.standardPort
        // In an IPv6 address the colons are inside the brackets.
        let afterAddress = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[afterAddress...].lastIndex(of: ":") {
            let digits = authority[authority.index(after: colon)...]
            guard let number = UInt16(digits), number > 0, digits.first != "0", digits.first != "+" else {
                throw .urlUnreadable("its port is none")
            }
            port = number
            host = authority[..<colon]
        }
        guard host.hasPrefix("[") || !host.contains(":"), let name = NetworkHost(host) else {
            throw .urlUnreadable("\"\(host.prefix(80))\" is no plain host name or address")
        }
        return NetworkOrigin(scheme: scheme, host: name, port: port)
    }

    private static func secrets(in rest: Substring) throws(CorralError) -> [QuerySecret] {
        let beforeFragment = rest[..<(rest.firstIndex(of: "#") ?? rest.endIndex)]
        let mark = beforeFragment.firstIndex(of: "?") ?? beforeFragment.endIndex
        var found: [QuerySecret] = []
        for pair in beforeFragment[mark...].dropFirst().split(separator: "&") {
            let names = SecretUse.names(in: pair)
            guard let name = names.first else { continue }
            let equals = pair.firstIndex(of: "=") ?? pair.endIndex
            guard names.count == 1, pair[equals...] == "=${secret:\(name)}" else {
                throw .secretMisplacedInURL(name)
            }
            found.append(QuerySecret(key: String(pair[..<equals]), name: name))
        }
        let outside = SecretUse.names(in: rest).filter { name in !found.contains { $0.name == name } }
        if let name = outside.first { throw .secretMisplacedInURL(name) }
        guard SecretUse.names(in: rest).count == found.count else { throw .secretMisplacedInURL(found[0].name) }
        return found
    }
}
