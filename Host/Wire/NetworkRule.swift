// SPDX-License-Identifier: Apache-2.0
// NetworkRule: where a plugin may go. The host asks it before it sends a request, the broker again at every redirect;
// without a rule that permits it, nothing is reached.

package enum URLScheme: String, Sendable, Hashable, CaseIterable {
    case http
    case https
    /// Mail submission (RFC 6409), with STARTTLS.
    case smtp
    /// Mail submission inside TLS from the first byte (RFC 8314).
    case smtps

    package var standardPort: UInt16 {
        switch self {
        case .http: 80
        case .https: 443
        case .smtp: 587
        case .smtps: 465
        }
    }

    package var isMail: Bool { self == .smtp || self == .smtps }
}

/// Scheme, host and port: what decides who is spoken to.
package struct NetworkOrigin: Hashable, Sendable, CustomStringConvertible {
    package var scheme: URLScheme
    package var host: NetworkHost
    package var port: UInt16

    package init(scheme: URLScheme, host: NetworkHost, port: UInt16) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// Without the port where it is the scheme's own.
    package var description: String {
        "\(scheme.rawValue)://\(host.inURL)" + (port == scheme.standardPort ? "" : ":\(port)")
    }
}

/// One entry of an allow-list.
package struct NetworkRule: Hashable, Sendable {
    package var scheme: URLScheme
    /// A `NetworkHost`; `*.` and a name: any name below it, at any depth, but not the name itself; `*`: any.
    package var host: String
    package var ports: [UInt16]
    /// Upper case; empty permits every method.
    package var methods: [String]
    /// Whether the host may have a private, loopback or link-local address.
    package var isInternal: Bool

    package init(
        scheme: URLScheme = .https, host: String, ports: [UInt16]? = nil, methods: [String] = [],
        isInternal: Bool = false
    ) {
        self.scheme = scheme
        self.host = host
        self.ports = ports ?? [scheme.standardPort]
        self.methods = methods
        self.isInternal = isInternal
    }

    package func permits(_ origin: NetworkOrigin, method: String) -> Bool {
        scheme == origin.scheme && ports.contains(origin.port) && (methods.isEmpty || methods.contains(method))
            && HostPattern.matches(host, origin.host)
    }
}

extension [NetworkRule] {
    /// What the rules say about a request.
    package enum Verdict: Sendable, Hashable {
        case denied
        /// `reach` is how far from the public Internet the peer may be.
        case allowed(NetworkReach)
    }

    package func verdict(_ origin: NetworkOrigin, method: String) -> Verdict {
        let matching = filter { $0.permits(origin, method: method) }
        guard !matching.isEmpty else { return .denied }
        let inside = matching.filter(\.isInternal)
        if inside.contains(where: { NetworkHost($0.host)?.isAddress == true }) { return .allowed(.named) }
        return .allowed(inside.isEmpty ? .open : .inside)
    }
}

/// Which addresses a request may end at.
package enum NetworkReach: String, Sendable, Hashable {
    /// Public addresses.
    case open
    /// Private, loopback and link-local ones too: the rule says `internal`.
    case inside
    /// The very address that an `internal` rule names, so even a cloud's metadata service.
    case named
}

package enum HostPattern {
    /// Whether a rule's or a secret's host covers a name. Case does not matter.
    package static func matches(_ pattern: String, _ host: NetworkHost) -> Bool {
        if pattern == "*" { return true }
        let pattern = pattern.lowercased()
        guard pattern.hasPrefix("*.") else { return NetworkHost(pattern) == host }
        return !host.isAddress && host.text.hasSuffix(pattern.dropFirst())
            && host.text.utf8.count > pattern.utf8.count - 1
    }

    /// Whether the text can be a rule's host.
    package static func isValid(_ pattern: String) -> Bool {
        guard pattern.hasPrefix("*.") else { return NetworkHost(pattern) != nil }
        // "*.com" would be half the Internet: a pattern names a domain of somebody.
        guard let domain = NetworkHost(pattern.dropFirst(2)) else { return false }
        return !domain.isAddress && domain.text.contains(".")
    }
}
