// SPDX-License-Identifier: Apache-2.0
// GrantSettings: the sections `grants` and `programs` in typed form, and the two rules their schema cannot say: what may
// be a name there, and that a tenant only narrows.

import CorralBase

extension LoadedConfiguration {
    /// The section `grants`.
    package var grantPolicy: GrantPolicy {
        var entries: [String: GrantPolicy.Entry] = [:]
        for member in node(at: "grants")?.members ?? [] {
            entries[member.name] = GrantPolicy.Entry(GrantRule(member.node), origin: member.node.location)
        }
        return GrantPolicy(entries)
    }

    /// The section `programs`.
    package var programs: [String: Program] {
        var programs: [String: Program] = [:]
        for member in node(at: "programs")?.members ?? [] {
            guard let path = member.node["path"]?.leaf?.value?.stringValue else { continue }
            var program = Program(
                path: path, arguments: member.node.texts("arguments") ?? [], readable: member.node.texts("read") ?? [])
            let name = SettingPath([.name("programs"), .name(member.name)]).description
            if let timeout = value(name + ".timeout")?.stringValue.flatMap(DurationText.parse) {
                program.timeout = timeout
            }
            if let megabytes = value(name + ".memory_mb")?.intValue { program.memoryBytes = UInt64(megabytes) << 20 }
            programs[member.name] = program
        }
        return programs
    }
}

extension GrantRule {
    init(_ node: ResolvedNode) {
        self.init(
            tools: node.texts("tools"), http: node["http"].map { HTTP.all(in: $0) },
            connect: Self.endpoints(node), process: node.texts("process"), secrets: node.texts("secrets"),
            memory: node["memory"]?.leaf?.value?.boolValue, storage: node["storage"]?.leaf?.value?.boolValue)
    }

    /// An address that is written down as such is named; a name is looked up, and may turn out to be anything.
    private static func endpoints(_ node: ResolvedNode) -> [Endpoint]? {
        let open = node.texts("connect")?.compactMap { text in
            Endpoint(text).map { Endpoint(host: $0.host, port: $0.port, isInternal: $0.isAddress) }
        }
        let inner = node.texts("connect_internal")?.compactMap { text in
            Endpoint(text).map { Endpoint(host: $0.host, port: $0.port, isInternal: true) }
        }
        guard open != nil || inner != nil else { return nil }
        // The first that names an endpoint counts.
        return (inner ?? []) + (open ?? [])
    }
}

extension Endpoint {
    /// Whether the host is an IP address and not a name.
    var isAddress: Bool {
        host.contains(":") || host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || ($0 >= 0x30 && $0 <= 0x39) }
    }
}

extension GrantRule.HTTP {
    fileprivate static func all(in node: ResolvedNode) -> [Self] {
        guard case .list(let items) = node.kind else { return [] }
        return items.compactMap { item in
            guard let host = item["host"]?.leaf?.value?.stringValue else { return nil }
            return Self(
                host: host.lowercased(), scheme: item["scheme"]?.leaf?.value?.stringValue,
                ports: item["ports"]?.leaves.compactMap { $0.intValue.flatMap { UInt16(exactly: $0) } },
                methods: item["methods"]?.leaves.compactMap(\.stringValue),
                isInternal: item["internal"]?.leaf?.value?.boolValue ?? false)
        }
    }
}

extension ResolvedNode {
    /// The values of a list of single values; empty for anything else.
    fileprivate var leaves: [JSON] {
        guard case .list(let items) = kind else { return [] }
        return items.compactMap { $0.leaf?.value }
    }

    func texts(_ name: String) -> [String]? { self[name].map { $0.leaves.compactMap(\.stringValue) } }
}

// MARK: Checks

/// What the schema cannot say about the sections `grants` and `programs`.
enum GrantChecks {
    /// Names in the sections: of plugins, and of programs.
    static func names(in section: ResolvedNode.Member) -> [Diagnostic] {
        let members = section.node.members ?? []
        switch section.name {
        case Field.grantsSection.name:
            return members.filter { !isPluginPattern($0.name) }.map { .grantOfNobody($0.name, at: $0.node.location) }
        case Field.programsSection.name:
            return members.filter { !isProgramName($0.name) }.map { .programMisnamed($0.name, at: $0.node.location) }
        default: return []
        }
    }

    /// Programs that grants name and nobody defined.
    static func programs(_ sections: [ResolvedNode.Member]) -> [Diagnostic] {
        let known = sections.first { $0.name == Field.programsSection.name }?.node.members?.map(\.name) ?? []
        let grants = sections.first { $0.name == Field.grantsSection.name }?.node.members ?? []
        return grants.flatMap { member -> [Diagnostic] in
            guard case .list(let items)? = member.node["process"]?.kind else { return [] }
            return items.compactMap { item in
                guard let name = item.leaf?.value?.stringValue, !known.contains(name) else { return nil }
                return .programUnknown(name, known: known, at: item.location)
            }
        }
    }

    /// What a tenant's overlay would add to what everyone has.
    static func widening(_ base: ResolvedNode?, by overlay: ResolvedNode) -> [Diagnostic] {
        var entries: [String: GrantPolicy.Entry] = [:]
        for member in base?.members ?? [] {
            entries[member.name] = GrantPolicy.Entry(GrantRule(member.node), origin: member.node.location)
        }
        let policy = GrantPolicy(entries)
        return (overlay.members ?? []).flatMap { member in
            let id = try? PluginID(member.name)
            let entry = id.map { policy.entry(for: $0) } ?? policy.entries[member.name]
            return widening(entry ?? nil, by: member)
        }
    }

    /// The base with an entry of its own for each plugin that an overlay names and the base has under its publisher:
    /// what the overlay does not speak of stays as the publisher has it.
    static func spelledOut(_ base: ResolvedNode, for overlay: ResolvedNode) -> ResolvedNode {
        guard var members = base.members else { return base }
        for name in (overlay.members ?? []).map(\.name) where !members.contains(where: { $0.name == name }) {
            let publisher = name.prefix { $0 != "/" } + "/*"
            guard let shared = members.first(where: { $0.name == publisher }) else { continue }
            members.append(ResolvedNode.Member(name: name, node: shared.node))
        }
        return ResolvedNode(kind: .map(members), location: base.location)
    }

    private static func widening(_ base: GrantPolicy.Entry?, by overlay: ResolvedNode.Member) -> [Diagnostic] {
        let place =
            base.map { "\($0.origin.file):\($0.origin.line) allows" } ?? "corral.yaml allows, which has no entry for it"
        func refused(_ kind: String, _ index: Int, _ what: String) -> Diagnostic {
            var location = overlay.node.location
            if case .list(let items)? = overlay.node[kind]?.kind, items.indices.contains(index) {
                location = items[index].location
            }
            return .overlayRefused(
                "grants.\(overlay.name).\(kind): \(what) is more than \(place)", at: location,
                suggestion: "a tenant can only narrow; remove it, or allow it in corral.yaml")
        }
        let (allowed, asked) = (base?.rule ?? GrantRule(), GrantRule(overlay.node))
        var found: [Diagnostic] = []
        for (index, tool) in (asked.tools ?? []).enumerated() {
            // Without a word of the operator's, a plugin may use all the tools that it asks for.
            guard let tools = allowed.tools, !tools.contains(where: { toolPattern($0, covers: tool) }) else { continue }
            found.append(refused("tools", index, "\"\(tool)\""))
        }
        for (index, http) in (asked.http ?? []).enumerated()
        where !(allowed.http ?? []).contains(where: { $0.covers(http) }) {
            found.append(refused("http", index, "\"\(http.host)\""))
        }
        for kind in ["connect", "connect_internal"] {
            for (index, text) in (overlay.node.texts(kind) ?? []).enumerated() {
                guard let endpoint = Endpoint(text) else { continue }
                let isInternal = kind == "connect_internal" || endpoint.isAddress
                let isAllowed = (allowed.connect ?? []).contains {
                    $0.host == endpoint.host && $0.port == endpoint.port && ($0.isInternal || !isInternal)
                }
                if !isAllowed { found.append(refused(kind, index, "\"\(text)\"")) }
            }
        }
        for (kind, names, known) in [
            ("process", asked.process, allowed.process), ("secrets", asked.secrets, allowed.secrets),
        ] {
            for (index, name) in (names ?? []).enumerated() where !(known ?? []).contains(name) {
                found.append(refused(kind, index, "\"\(name)\""))
            }
        }
        // Without a word of the operator's, a plugin has both if it asks for them.
        for (kind, wanted, known) in [
            ("memory", asked.memory, allowed.memory), ("storage", asked.storage, allowed.storage),
        ] where wanted == true && known == false {
            found.append(refused(kind, 0, "true"))
        }
        return found
    }

    /// `publisher/name` or `publisher/*`.
    private static func isPluginPattern(_ text: String) -> Bool {
        (try? PluginID(text.hasSuffix("/*") ? text.dropLast() + "x" : text)) != nil
    }
}

extension GrantRule.HTTP {
    fileprivate func covers(_ other: Self) -> Bool {
        func includes<T: Equatable>(_ mine: [T]?, _ theirs: [T]?) -> Bool {
            guard let mine else { return true }
            return theirs?.allSatisfy(mine.contains) ?? false
        }
        return hostPattern(host, covers: other.host) && (scheme == nil || scheme == other.scheme)
            && includes(ports, other.ports) && includes(methods, other.methods) && (isInternal || !other.isInternal)
    }
}
