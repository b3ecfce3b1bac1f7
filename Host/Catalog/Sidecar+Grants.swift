// SPDX-License-Identifier: Apache-2.0
// Sidecar+Grants: what a sidecar takes away from what a plugin asks for. An entry that would add something is a mistake.

import CorralBase
import CorralDocument

extension Sidecar {
    func grants(_ manifest: PluginManifest, _ reader: inout DocumentReader) -> Grants {
        guard let grants = node?["grants"], !grants.isNull else { return manifest.asks }
        guard grants.members != nil else {
            reader.mistake("grants: expected a map, got \(grants.typeName)", grants)
            return Grants()
        }
        reader.checkKeys(grants, ["tools", "http", "connect", "process", "secrets", "memory", "storage"])
        let asks = manifest.asks
        var rule = GrantRule()
        rule.tools = names(
            grants, "tools", "\"publisher/name.tool\" or \"publisher/name.*\"", isToolPattern, &reader, asks.tools,
            toolPattern)
        rule.http = http(grants, asks.http, &reader)
        rule.connect = names(
            grants, "connect", "\"host:port\"", { Endpoint($0) != nil }, &reader, asks.connect.map(\.description),
            { $0 == $1.lowercased() })?.compactMap { Endpoint($0) }
        rule.process = names(grants, "process", "a program's name", isProgramName, &reader, asks.process, ==)
        rule.secrets = names(grants, "secrets", "a secret's name", isSecretName, &reader, asks.secrets, ==)
        rule.memory = flag(grants, "memory", asks.memory, &reader)
        rule.storage = flag(grants, "storage", asks.storage, &reader)
        return asks.narrowed(by: rule)
    }

    private func names(
        _ grants: YAMLNode, _ kind: String, _ expected: String, _ isValid: (String) -> Bool,
        _ reader: inout DocumentReader, _ asked: [String], _ covers: (String, String) -> Bool
    ) -> [String]? {
        guard let list = grants[kind] else { return nil }
        return reader.elements(list, "grants.\(kind)").compactMap { node in
            guard let name = reader.string(node, "grants.\(kind)") else { return nil }
            guard isValid(name) else {
                reader.mistake("expected \(expected), got \"\(name.prefix(80))\"", node)
                return nil
            }
            guard asked.contains(where: { covers($0, name) }) else {
                mistakeOfWidening("\"\(name)\"", kind, asked, node, &reader)
                return nil
            }
            return name
        }
    }

    private func flag(
        _ grants: YAMLNode, _ kind: String, _ asked: Bool, _ reader: inout DocumentReader
    ) -> Bool? {
        guard let node = grants[kind] else { return nil }
        guard let value = node.scalar?.value.boolValue else {
            reader.mistake("grants.\(kind): expected true or false, got \(node.typeName)", node)
            return nil
        }
        if value, !asked {
            reader.mistake("the plugin does not ask for \(kind); a sidecar can only narrow", node)
        }
        return value
    }

    private func http(
        _ grants: YAMLNode, _ asked: [HTTPGrant], _ reader: inout DocumentReader
    ) -> [GrantRule.HTTP]? {
        guard let list = grants["http"] else { return nil }
        return reader.elements(list, "grants.http").compactMap { node in
            guard node.members != nil else {
                reader.mistake("grants.http: expected a map with \"host\", got \(node.typeName)", node)
                return nil
            }
            reader.checkKeys(node, ["host", "scheme", "ports", "methods"])
            guard let host = reader.string(node["host"], "grants.http.host"), isHostPattern(host) else {
                reader.mistake("grants.http: expected \"host\", a host name, \"*.example.com\" or \"*\"", node)
                return nil
            }
            let rule = GrantRule.HTTP(
                host: host.lowercased(), scheme: reader.string(node["scheme"], "grants.http.scheme"),
                ports: ports(node, &reader), methods: methods(node, &reader))
            guard !Grants(http: asked).narrowed(by: GrantRule(http: [rule])).http.isEmpty else {
                mistakeOfWidening("requests to \"\(host)\" like this", "http", asked.map(\.host), node, &reader)
                return nil
            }
            return rule
        }
    }

    private func ports(_ node: YAMLNode, _ reader: inout DocumentReader) -> [UInt16]? {
        guard let list = node["ports"] else { return nil }
        return reader.elements(list, "grants.http.ports").compactMap { item in
            if let port = item.scalar?.value.intValue.flatMap({ UInt16(exactly: $0) }), port > 0 { return port }
            reader.mistake("expected a port, 1 to 65535", item)
            return nil
        }
    }

    private func methods(_ node: YAMLNode, _ reader: inout DocumentReader) -> [String]? {
        guard let list = node["methods"] else { return nil }
        return reader.elements(list, "grants.http.methods").compactMap { item in
            guard let method = reader.string(item, "grants.http.methods") else { return nil }
            if !isHTTPMethod(method) { reader.mistake("expected a method in upper case such as GET", item) }
            return method
        }
    }

    private func mistakeOfWidening(
        _ what: String, _ kind: String, _ asked: [String], _ node: YAMLNode, _ reader: inout DocumentReader
    ) {
        let nothing = ["tools": "tools", "secrets": "secrets", "process": "programs"][kind] ?? "connections"
        reader.mistake(
            "the plugin does not ask for \(what); a sidecar can only narrow", node,
            asked.isEmpty ? "it asks for no \(nothing)" : "it asks for: \(asked.joined(separator: ", "))")
    }
}
