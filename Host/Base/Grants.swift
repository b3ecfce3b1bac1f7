// SPDX-License-Identifier: Apache-2.0
// Grants: what a plugin may reach beyond itself. A manifest asks in these words, the operator's policy and sidecars narrow
// in them, and every host service checks against the outcome.

/// Everything a plugin asks for, or everything it was granted. Empty is the start: there is no ambient authority.
package struct Grants: Sendable, Hashable, Codable {
    /// Tools of other plugins: `publisher/name.tool` or `publisher/name.*`.
    package var tools: [String]
    /// HTTP requests through the broker.
    package var http: [HTTPGrant]
    /// Connected TCP sockets.
    package var connect: [Endpoint]
    /// Programs by the operator's name for them (`programs:` of the configuration), never by path.
    package var process: [String]
    /// Secrets whose value the plugin itself may see. Those that the broker puts into requests need no grant here.
    package var secrets: [String]
    /// The tenant's memory, through the host's sharing rules.
    package var memory: Bool
    /// A folder of its own that outlives its process.
    package var storage: Bool

    package init(
        tools: [String] = [], http: [HTTPGrant] = [], connect: [Endpoint] = [], process: [String] = [],
        secrets: [String] = [], memory: Bool = false, storage: Bool = false
    ) {
        self.tools = tools
        self.http = http
        self.connect = connect
        self.process = process
        self.secrets = secrets
        self.memory = memory
        self.storage = storage
    }

    package var isEmpty: Bool {
        tools.isEmpty && http.isEmpty && connect.isEmpty && process.isEmpty && secrets.isEmpty && !memory && !storage
    }

    /// Whether a call of `publisher/name.tool` is covered.
    package func mayUse(tool qualified: String) -> Bool { tools.contains { toolPattern($0, covers: qualified) } }

    /// The extension ids of the host services that the grants open. Tools need none to be asked for.
    package var services: [String] {
        [
            (http.allSatisfy(\.isMail), "corral.host.http/1"), (!http.contains(where: \.isMail), "corral.host.smtp/1"),
            (connect.isEmpty, "corral.host.connect/1"),
            (process.isEmpty, "corral.host.process/1"), (secrets.isEmpty, "corral.host.secret/1"),
            (!memory, "corral.host.memory/1"), (!storage, "corral.host.storage/1"),
        ].compactMap { isShut, id in isShut ? nil : id }
    }
}

/// Whether one tool name or `publisher/name.*` covers another.
package func toolPattern(_ wide: String, covers narrow: String) -> Bool {
    wide == narrow || (wide.hasSuffix(".*") && narrow.hasPrefix(wide.dropLast()))
}

/// Requests to one host, or to the hosts below one name.
package struct HTTPGrant: Sendable, Hashable, Codable {
    /// `api.example.com`, `*.example.com` (every name below it, not itself), `*`, or an IP address. Lower case.
    package var host: String
    /// `https` or `http`; `smtp` or `smtps` for mail.
    package var scheme: String
    /// Empty: any. What was granted names them.
    package var ports: [UInt16]
    /// Upper case; `SEND` for mail.
    package var methods: [String]
    /// Whether the host may be at a private, link-local or loopback address. Only the operator's policy can say so.
    package var isInternal: Bool

    package static let schemes = ["https", "http", "smtps", "smtp"]
    private static let standardPorts: [String: UInt16] = ["https": 443, "http": 80, "smtps": 465, "smtp": 587]

    /// - Parameters:
    ///   - ports: nil = the scheme's own.
    ///   - methods: nil = what reads and changes nothing; for mail, to send.
    package init(
        host: String, scheme: String = "https", ports: [UInt16]? = nil, methods: [String]? = nil,
        isInternal: Bool = false
    ) {
        self.host = host
        self.scheme = scheme
        self.ports = ports ?? [Self.standardPort(scheme)]
        self.methods = methods ?? (Self.isMail(scheme) ? ["SEND"] : ["GET", "HEAD"])
        self.isInternal = isInternal
    }

    /// Where a scheme is spoken when nobody says otherwise.
    package static func standardPort(_ scheme: String) -> UInt16 { standardPorts[scheme] ?? 443 }

    /// Whether it is about mail, which is a service of its own.
    package var isMail: Bool { Self.isMail(scheme) }

    private static func isMail(_ scheme: String) -> Bool { scheme == "smtp" || scheme == "smtps" }

    /// Whether a request is covered.
    /// - Parameters:
    ///   - host: lower case, without a final dot.
    ///   - method: upper case.
    package func covers(scheme: String, host: String, port: UInt16, method: String) -> Bool {
        self.scheme == scheme && hostPattern(self.host, covers: host) && (ports.isEmpty || ports.contains(port))
            && methods.contains(method)
    }
}

/// Whether `api.example.com`, `*.example.com` or `*` covers a name or another such pattern.
package func hostPattern(_ wide: String, covers narrow: String) -> Bool {
    if wide == narrow || wide == "*" { return true }
    guard wide.hasPrefix("*.") else { return false }
    // An address is no name below another: "*.0.0.1" must not cover 10.0.0.1.
    guard narrow.utf8.last.map({ !($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) }) ?? false else { return false }
    return narrow.hasSuffix(wide.dropFirst()) && !narrow.contains(":")
}

/// A host and a TCP port: `redis.internal:6379`, `127.0.0.1:6379`, `[::1]:6379`.
package struct Endpoint: Sendable, Hashable, Codable, CustomStringConvertible {
    /// A name in lower case or an IP address, without brackets.
    package let host: String
    package let port: UInt16
    /// Whether the host may be at a private, link-local or loopback address. Only the operator's policy can say so.
    package var isInternal: Bool

    package init(host: String, port: UInt16, isInternal: Bool = false) {
        self.host = host.lowercased()
        self.port = port
        self.isInternal = isInternal
    }

    /// Nil when the text is no `host:port`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard isHostName(String(host)) else { return nil }
        self.init(host: String(host), port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
