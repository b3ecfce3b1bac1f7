// SPDX-License-Identifier: Apache-2.0
// GrantViews: a plugin's grants in the control API's words: each thing asked for beside what sidecar and policy left of
// it, where that stands, and how often the tenant's spans say it was used.

import CorralBase
import CorralCatalog
import CorralControl
import CorralStore

struct GrantViews {
    let entry: CatalogEntry
    let policy: GrantPolicy
    let usage: [SpanUsage]

    var details: [GrantDetail] {
        let asks = entry.manifest.asks
        return asks.tools.map { row("tools", $0, Grants(tools: [$0])) }
            + asks.http.map { row("http", $0.words, Grants(http: [$0])) }
            + asks.connect.map { row("connect", $0.description, Grants(connect: [$0])) }
            + asks.process.map { row("process", $0, Grants(process: [$0])) }
            + asks.secrets.map { row("secrets", $0, Grants(secrets: [$0])) }
            + (asks.memory ? [row("memory", "the tenant's memory", Grants(memory: true))] : [])
            + (asks.storage ? [row("storage", "a folder of its own", Grants(storage: true))] : [])
    }

    var refusals: [RefusalDetail] {
        usage.filter { $0.refused > 0 }.map { RefusalDetail(kind: $0.kind, target: $0.name, count: $0.refused) }
    }

    /// - Parameter one: a single grant that the manifest asks for.
    private func row(_ kind: String, _ asked: String, _ one: Grants) -> GrantDetail {
        // As the sidecar narrowed it, then as the policy does.
        let left = policy.granted(entry.requested.within(one), to: entry.id)
        return GrantDetail(
            kind: kind, asked: asked, granted: left.words, origin: origin(of: kind, one),
            used: usage.reduce(0) { $0 + (one.covers($1) ? $1.used : 0) })
    }

    private func origin(of kind: String, _ one: Grants) -> String {
        if entry.requested.within(one).isEmpty { return "sidecar" }
        guard let spoken = policy.entry(for: entry.id), !isGrantedUnspoken(kind, spoken.rule) else {
            return "default"
        }
        return "\(spoken.origin.file):\(spoken.origin.line)"
    }

    /// Kinds that are granted as asked where the policy has no word about them.
    private func isGrantedUnspoken(_ kind: String, _ rule: GrantRule) -> Bool {
        switch kind {
        case "tools": rule.tools == nil
        case "memory": rule.memory == nil
        case "storage": rule.storage == nil
        default: false
        }
    }
}

extension Grants {
    /// What of these grants lies within one that was asked for.
    fileprivate func within(_ one: Grants) -> Grants {
        narrowed(
            by: GrantRule(
                tools: one.tools,
                http: one.http.map {
                    GrantRule.HTTP(host: $0.host, scheme: $0.scheme, ports: $0.ports, methods: $0.methods)
                }, connect: one.connect, process: one.process, secrets: one.secrets, memory: one.memory,
                storage: one.storage))
    }

    fileprivate var words: [String] {
        tools + http.map(\.words) + connect.map { $0.isInternal ? "\($0) (internal)" : "\($0)" } + process + secrets
            + (memory ? ["the tenant's memory"] : []) + (storage ? ["a folder of its own"] : [])
    }

    /// Whether a request that was made falls under this grant.
    fileprivate func covers(_ usage: SpanUsage) -> Bool {
        switch usage.kind {
        case "tool_use": return mayUse(tool: usage.name)
        case "http", "smtp":
            guard let grant = http.first, let space = usage.name.firstIndex(of: " ") else { return false }
            let (method, url) = (String(usage.name[..<space]), usage.name[usage.name.index(after: space)...])
            guard let address = HTTPAddress(url) else { return false }
            return grant.covers(scheme: address.scheme, host: address.host, port: address.port, method: method)
        case "connect": return connect.contains { $0.description == usage.name }
        case "process": return process.contains(usage.name)
        case "secret": return secrets.contains(usage.name)
        case "memory": return memory
        default: return false
        }
    }
}

/// Scheme, host and port of a span's name, which the host wrote itself.
private struct HTTPAddress {
    var scheme: String
    var host: String
    var port: UInt16

    init?(_ url: Substring) {
        guard let colon = url.firstRange(of: "://") else { return nil }
        scheme = String(url[..<colon.lowerBound])
        let authority = url[colon.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let endpoint = Endpoint(String(authority)) {
            (host, port) = (endpoint.host, endpoint.port)
        } else {
            host = authority.drop { $0 == "[" }.prefix { $0 != "]" }.lowercased()
            port = HTTPGrant.standardPort(scheme)
        }
    }
}

extension HTTPGrant {
    /// `GET, HEAD https://api.example.com:443`.
    fileprivate var words: String {
        let ports = ports.isEmpty ? "*" : ports.map(String.init).joined(separator: ",")
        return "\(methods.joined(separator: ",")) \(scheme)://\(host):\(ports)" + (isInternal ? " (internal)" : "")
    }
}
