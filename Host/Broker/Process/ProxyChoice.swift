// SPDX-License-Identifier: Apache-2.0
// ProxyChoice: whether a host is reached through the proxy. Decided here and not by libcurl, because the check of
// addresses must know whether the socket leads to the peer or to the proxy.

import CorralWire

struct ProxyChoice {
    private let proxy: String
    private let exceptions: [String]

    init(_ hello: BrokerHello) {
        proxy = hello.proxy
        exceptions = hello.withoutProxy.map { $0.lowercased() }
    }

    /// The proxy for a host; empty for none.
    func proxy(for host: NetworkHost) -> String {
        proxy.isEmpty || exceptions.contains { covers($0, host) } ? "" : proxy
    }

    /// `*`, a host, or a domain written as `.domain` or `*.domain`, which covers what is below it and itself.
    private func covers(_ exception: String, _ host: NetworkHost) -> Bool {
        if exception == "*" { return true }
        var domain = exception[...]
        if domain.hasPrefix("*") { domain = domain.dropFirst() }
        guard domain.hasPrefix(".") else { return NetworkHost(exception) == host }
        return !host.isAddress && (host.text.hasSuffix(domain) || host.text == domain.dropFirst())
    }
}
