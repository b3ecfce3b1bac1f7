// SPDX-License-Identifier: Apache-2.0
// GrantPolicy: what the operator allows, by plugin; and how it meets what plugins ask for. Every layer only narrows: the
// manifest asks, the policy allows, a tenant's overlay and a sidecar take away.

/// What one layer lets through. A kind that is nil is not spoken of: the policy then denies it (tools excepted), a sidecar
/// leaves it as it is.
package struct GrantRule: Sendable, Hashable {
    package struct HTTP: Sendable, Hashable {
        /// As `HTTPGrant.host`.
        package var host: String
        /// Nil: as asked.
        package var scheme: String?
        package var ports: [UInt16]?
        package var methods: [String]?
        package var isInternal: Bool

        package init(
            host: String, scheme: String? = nil, ports: [UInt16]? = nil, methods: [String]? = nil,
            isInternal: Bool = false
        ) {
            self.host = host
            self.scheme = scheme
            self.ports = ports
            self.methods = methods
            self.isInternal = isInternal
        }
    }

    package var tools: [String]?
    package var http: [HTTP]?
    package var connect: [Endpoint]?
    package var process: [String]?
    package var secrets: [String]?
    package var memory: Bool?
    package var storage: Bool?

    package init(
        tools: [String]? = nil, http: [HTTP]? = nil, connect: [Endpoint]? = nil, process: [String]? = nil,
        secrets: [String]? = nil, memory: Bool? = nil, storage: Bool? = nil
    ) {
        self.tools = tools
        self.http = http
        self.connect = connect
        self.process = process
        self.secrets = secrets
        self.memory = memory
        self.storage = storage
    }
}

extension Grants {
    /// What is left of these grants under a rule.
    package func narrowed(by rule: GrantRule) -> Grants {
        Grants(
            tools: rule.tools.map { allowed in
                tools.flatMap { asked in allowed.compactMap { narrower(asked, $0, toolPattern) } }.unique
            } ?? tools,
            http: rule.http.map { allowed in
                http.flatMap { asked in allowed.compactMap { asked.narrowed(by: $0) } }.unique
            } ?? http,
            connect: rule.connect.map { allowed in
                connect.compactMap { asked in allowed.first { $0.names(asked) } }.unique
            } ?? connect,
            process: rule.process.map { allowed in process.filter(allowed.contains).unique } ?? process,
            secrets: rule.secrets.map { allowed in secrets.filter(allowed.contains).unique } ?? secrets,
            memory: memory && rule.memory ?? true, storage: storage && rule.storage ?? true)
    }

    /// These grants without what `others` cover: what was asked for and not granted.
    package func without(_ others: Grants) -> Grants {
        Grants(
            tools: tools.filter { asked in !others.tools.contains { toolPattern($0, covers: asked) } },
            http: http.filter { asked in !others.http.contains { $0.covers(asked) } },
            connect: connect.filter { asked in !others.connect.contains { $0.names(asked) } },
            process: process.filter { !others.process.contains($0) },
            secrets: secrets.filter { !others.secrets.contains($0) }, memory: memory && !others.memory,
            storage: storage && !others.storage)
    }
}

extension HTTPGrant {
    fileprivate func narrowed(by rule: GrantRule.HTTP) -> HTTPGrant? {
        guard let host = narrower(host, rule.host, hostPattern), rule.scheme ?? scheme == scheme else { return nil }
        let allowed = rule.ports ?? []
        let ports = allowed.isEmpty ? self.ports : self.ports.isEmpty ? allowed : self.ports.filter(allowed.contains)
        let methods = rule.methods.map { allowed in self.methods.filter(allowed.contains) } ?? self.methods
        guard self.ports.isEmpty || !ports.isEmpty, !methods.isEmpty else { return nil }
        return HTTPGrant(host: host, scheme: scheme, ports: ports, methods: methods, isInternal: rule.isInternal)
    }

    fileprivate func covers(_ other: HTTPGrant) -> Bool {
        scheme == other.scheme && hostPattern(host, covers: other.host)
            && (ports.isEmpty || !other.ports.isEmpty && other.ports.allSatisfy(ports.contains))
            && other.methods.allSatisfy(methods.contains)
    }
}

extension Endpoint {
    /// The same host and port, whatever may be at its address.
    fileprivate func names(_ other: Endpoint) -> Bool { host == other.host && port == other.port }
}

private func narrower(_ a: String, _ b: String, _ covers: (String, String) -> Bool) -> String? {
    covers(b, a) ? a : covers(a, b) ? b : nil
}

extension Array where Element: Hashable {
    fileprivate var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

/// The section `grants` of a configuration, for one tenant.
package struct GrantPolicy: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package var rule: GrantRule
        /// Where it was written, for `plugin show`.
        package var origin: SourceLocation

        package init(_ rule: GrantRule, origin: SourceLocation) {
            self.rule = rule
            self.origin = origin
        }
    }

    /// By `publisher/name` or `publisher/*`.
    package var entries: [String: Entry]

    package init(_ entries: [String: Entry] = [:]) { self.entries = entries }

    /// What speaks for a plugin: its own entry, else its publisher's.
    package func entry(for plugin: PluginID) -> Entry? {
        entries[plugin.text] ?? entries[plugin.text.prefix { $0 != "/" } + "/*"]
    }

    /// What a plugin gets of what it asks for. Tools, memory and storage are granted as asked unless the policy narrows
    /// them; everything that leaves the tenant is denied unless the policy allows it.
    package func granted(_ asked: Grants, to plugin: PluginID) -> Grants {
        var rule = entry(for: plugin)?.rule ?? GrantRule()
        rule.http = rule.http ?? []
        rule.connect = rule.connect ?? []
        rule.process = rule.process ?? []
        rule.secrets = rule.secrets ?? []
        var granted = asked.narrowed(by: rule)
        // Any port is for a plugin to ask; who allows it names other ports than the usual one.
        for index in granted.http.indices where granted.http[index].ports.isEmpty {
            granted.http[index].ports = [HTTPGrant.standardPort(granted.http[index].scheme)]
        }
        return granted
    }
}
