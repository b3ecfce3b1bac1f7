// SPDX-License-Identifier: Apache-2.0
// MailRequestReader: a plugin's message, which is JSON, becomes one for the broker, checked in everything that can be
// checked without the network: who it goes to, with which login, and that no line of it can be taken for a command.

import CorralBase
import CorralWire

package struct MailRequestReader: Sendable {
    package var rules: [NetworkRule]
    package var vault: SecretVault
    package var tenant: TenantID
    /// What the request may take at most: the asking call's own deadline.
    package var timeLeft: Duration

    /// What a rule calls the sending of mail, where HTTP has its methods.
    package static let method = "SEND"
    private static let members = ["server", "from", "to", "message", "login", "plain", "timeout_ms"]

    package init(rules: [NetworkRule], vault: SecretVault, tenant: TenantID, timeLeft: Duration) {
        self.rules = rules
        self.vault = vault
        self.tenant = tenant
        self.timeLeft = timeLeft
    }

    /// Which server a message is for; before anything else of it is looked at.
    /// - Throws: `mail_request_invalid`, `url_invalid`.
    package static func server(_ json: JSON) throws(CorralError) -> NetworkOrigin {
        for name in json.objectValue?.keys ?? [] where !members.contains(name) {
            throw .mailRequestInvalid("it has no member \"\(name.prefix(40))\"", didYouMean(name, among: members))
        }
        let hint = "write smtp://mail.example.com:587, or smtps://mail.example.com:465"
        guard let text = json["server"]?.stringValue else { throw .mailRequestInvalid("\"server\" is missing", hint) }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://"),
            let scheme = URLScheme(rawValue: text[..<colon].lowercased()), scheme.isMail
        else { throw .mailRequestInvalid("\"\(text.prefix(80))\" is no mail server", hint) }
        return try RequestAddress.origin(scheme, text[text.index(colon, offsetBy: 3)...])
    }

    /// - Throws: `mail_request_invalid`, `url_invalid`, `http_not_granted`, `secret_not_bound`, `secret_misplaced`,
    ///   `secret_unavailable`.
    package func read(_ json: JSON) throws(CorralError) -> BrokerMail {
        let origin = try Self.server(json)
        guard case .allowed(let reach) = rules.verdict(origin, method: Self.method) else {
            throw .httpNotGranted(Self.method, origin)
        }
        let from = try address(json["from"], "from")
        let isPlain = try flag(json, "plain")
        guard !isPlain || origin.scheme == .smtp && reach != .open else {
            throw .mailRequestInvalid(
                "\"plain\" is only for servers inside", "leave it out, or allow the server with `internal: true`")
        }
        var mail = BrokerMail(
            origin: origin, reach: reach, greeting: MailAddress.domain(of: from)?.text ?? "localhost", from: from,
            to: try recipients(json), requiresTLS: !isPlain, message: try message(json))
        mail.login = try login(json, origin, reach, isProtected: !isPlain)
        mail.times = try times(json)
        return mail
    }

    // MARK: Parts

    private func address(_ value: JSON?, _ name: String) throws(CorralError) -> String {
        guard let text = value?.stringValue, MailAddress.isValid(text) else {
            throw .mailRequestInvalid(
                "\"\(name)\" is no address that mail can be sent with", "write name@example.com, without a display name"
            )
        }
        return text
    }

    private func recipients(_ json: JSON) throws(CorralError) -> [String] {
        let list = json["to"]?.arrayValue ?? []
        guard (1...Limits.mailRecipientsMax).contains(list.count) else {
            throw .mailRequestInvalid("\"to\" is no list of 1 to \(Limits.mailRecipientsMax) addresses")
        }
        var recipients: [String] = []
        for item in list { recipients.append(try address(item, "to")) }
        return recipients
    }

    /// Header and text. libcurl escapes points; everything else must be as SMTP wants it already.
    private func message(_ json: JSON) throws(CorralError) -> [UInt8] {
        guard let text = json["message"]?.stringValue else { throw .mailRequestInvalid("\"message\" is missing") }
        let bytes = Array(text.utf8)
        guard bytes.count <= Limits.mailBytesMax else {
            throw .mailRequestInvalid("it has \(bytes.count) bytes, at most \(Limits.mailBytesMax) are sent")
        }
        var line = 0
        var previous: UInt8 = 0
        for byte in bytes {
            guard byte < 0x80, byte != 0, (byte == 0x0A) == (previous == 0x0D) else {
                throw .mailRequestInvalid(
                    "it has bytes that are not ASCII, or a line that does not end with CR and LF",
                    "encode the text: quoted-printable or base64 (RFC 2045)")
            }
            line = byte == 0x0A ? 0 : line + 1
            // The CR counts.
            guard line <= Limits.mailLineBytesMax + 1 else {
                throw .mailRequestInvalid("a line has more than \(Limits.mailLineBytesMax) bytes")
            }
            previous = byte
        }
        guard bytes.suffix(2) == [0x0D, 0x0A] else { throw .mailRequestInvalid("its last line has no end") }
        return bytes
    }

    /// `${secret:NAME}` of scheme `basic`.
    private func login(
        _ json: JSON, _ origin: NetworkOrigin, _ reach: NetworkReach, isProtected: Bool
    ) throws(CorralError) -> BrokerSecret? {
        guard let value = json["login"] else { return nil }
        guard let text = value.stringValue, let name = SecretUse.names(in: text).first, text == "${secret:\(name)}"
        else {
            throw .mailRequestInvalid(
                "\"login\" is no secret", "write \"${secret:NAME}\", a secret of scheme basic: user:password")
        }
        return try vault.secret(name, for: tenant, to: origin, reach, isProtected: isProtected) { $0 == .basic }
    }

    private func flag(_ json: JSON, _ name: String) throws(CorralError) -> Bool {
        guard let value = json[name] else { return false }
        guard let flag = value.boolValue else { throw .mailRequestInvalid("\"\(name)\" is not true or false") }
        return flag
    }

    private func times(_ json: JSON) throws(CorralError) -> BrokerTimes {
        var times = BrokerTimes()
        if let value = json["timeout_ms"] {
            guard let most = value.intValue, (1...Int64(Limits.httpSecondsMax) * 1000).contains(most) else {
                throw .mailRequestInvalid("\"timeout_ms\" is no whole number from 1 to \(Limits.httpSecondsMax)000")
            }
            times.total = .milliseconds(most)
        }
        times.total = min(times.total, max(timeLeft, .milliseconds(1)))
        times.connect = min(times.connect, times.total)
        times.firstByte = min(times.firstByte, times.total)
        times.idle = times.firstByte
        return times
    }
}
