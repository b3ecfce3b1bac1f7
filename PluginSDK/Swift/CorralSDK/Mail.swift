// SPDX-License-Identifier: Apache-2.0

/// A message for a mail server. The worker has no network: the host checks the server against the plugin's grants, and the
/// broker speaks SMTP, in TLS.
public struct MailMessage: Sendable {
    /// `smtp://mail.example.com:587` (STARTTLS) or `smtps://mail.example.com:465`.
    public var server: String
    /// The name of a secret of scheme `basic`, `user:password`, bound to the server; nil for no login.
    public var login: String?
    /// An address without a display name.
    public var from: String
    public var to: [String]
    /// Header and text as RFC 5322 has them: ASCII, lines of at most 998 bytes that end with CR and LF.
    public var message: String
    /// Without TLS; only towards servers that the operator granted as internal.
    public var plain = false
    /// Nil: the host's own limit; the call's deadline comes first.
    public var timeout: Duration?

    public init(server: String, login: String? = nil, from: String, to: [String], message: String) {
        self.server = server
        self.login = login
        self.from = from
        self.to = to
        self.message = message
    }
}

/// What the server answered when it took the message.
public struct MailReply: Sendable, Codable, Hashable {
    /// A code of RFC 5321, 250 as a rule.
    public var status: Int
    public var reply: String
}

extension AgentContext {
    /// Hands a message to a mail server, by a grant `http` whose scheme is `smtp` or `smtps`.
    ///
    /// - Throws: ``AgentError`` with the host's code when it is refused: no grant, no TLS, a login or a recipient that the
    ///   server does not take. `isRetryable` says whether later may be better.
    public func send(_ mail: MailMessage) async throws -> MailReply {
        let json = try JSONWriter.bytes(of: MailRequest(mail), named: "message")
        let answer = try await call.ask(
            CORRAL_EXT_HOST_SMTP, as: corral_host_smtp.self,
            denial: "this plugin has no grant for mail; its card must ask for \(mail.server) and policy allow it"
        ) { service, argument in
            Slice.with(json) { service.send(call.handle, $0, mailSent, argument) }
        }
        let bytes = try answer.value(of: "the message to \(mail.server)")
        return try JSONReader.value(MailReply.self, from: bytes, named: "reply")
    }
}

private struct MailRequest: Encodable {
    var server: String
    var login: String?
    var from: String
    var to: [String]
    var message: String
    var plain: Bool?
    var milliseconds: Int64?

    enum CodingKeys: String, CodingKey {
        case server, login, from, to, message, plain
        case milliseconds = "timeout_ms"
    }

    init(_ mail: MailMessage) {
        server = mail.server
        login = mail.login.map { "${secret:\($0)}" }
        from = mail.from
        to = mail.to
        message = mail.message
        plain = mail.plain ? true : nil
        milliseconds = mail.timeout.map { max(1, Int64($0 / .milliseconds(1))) }
    }
}

private func mailSent(_ argument: UnsafeMutableRawPointer?, _ status: corral_status, _ result: corral_slice) {
    HostWait.finish(argument, status, result)
}
