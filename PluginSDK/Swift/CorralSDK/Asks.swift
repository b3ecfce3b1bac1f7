// SPDX-License-Identifier: Apache-2.0

/// What a plugin asks to reach beyond its process, besides tools. Asking costs nothing: the operator decides, and
/// `corral plugin show` prints what was asked and what was granted.
public struct Asks: Sendable {
    /// Requests to one host, or to all hosts below a name.
    public struct HTTP: Sendable {
        /// `api.example.com`, `*.example.com` or `*`.
        public var host: String
        /// `https` or `http`; `smtp` or `smtps` for ``AgentContext/send(_:)``.
        public var scheme: String
        /// Nil: the scheme's own. Empty: whichever the operator allows.
        public var ports: [Int]?
        public var methods: [String]

        public init(_ host: String, scheme: String = "https", ports: [Int]? = nil, methods: [String] = ["GET", "HEAD"])
        {
            self.host = host
            self.scheme = scheme
            self.ports = ports
            self.methods = methods
        }

        /// Mail servers.
        /// - Parameter scheme: `smtp` (STARTTLS) or `smtps`.
        public static func mail(_ host: String, scheme: String = "smtp", ports: [Int]? = nil) -> HTTP {
            HTTP(host, scheme: scheme, ports: ports, methods: ["SEND"])
        }
    }

    /// For ``AgentContext/http``.
    public var http: [HTTP]
    /// For ``AgentContext/connect(host:port:)``: `host:port`.
    public var connect: [String]
    /// For ``AgentContext/process``: programs by the operator's name for them.
    public var process: [String]
    /// For ``AgentContext/secret(_:)``: secrets whose value the plugin itself must see.
    public var secrets: [String]
    /// For ``AgentContext/memory``.
    public var memory: Bool
    /// For ``Activation/storageFolder``: a folder of the plugin's own. Such a plugin has a process of its own.
    public var storage: Bool

    public init(
        http: [HTTP] = [], connect: [String] = [], process: [String] = [], secrets: [String] = [],
        memory: Bool = false, storage: Bool = false
    ) {
        self.http = http
        self.connect = connect
        self.process = process
        self.secrets = secrets
        self.memory = memory
        self.storage = storage
    }
}
