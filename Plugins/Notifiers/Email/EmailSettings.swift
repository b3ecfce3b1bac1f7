// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import NotifierKit

/// The settings of a channel: which server sends its mail, from whom and to whom.
struct EmailSettings: Sendable, Equatable {
    var server: String
    /// A secret of scheme `basic`.
    var login: String?
    var from: Mailbox
    var to: [Mailbox]
    var replyTo: Mailbox?
    /// Without TLS, inside.
    var plain: Bool

    static let recipientsMax = 100

    /// - Parameter receivers: of this one notification; nil = those of the channel.
    /// - Throws: `invalid_settings`.
    init(_ settings: JSON?, receivers: [String]?) throws {
        let read = try ChannelSettings(settings, known: ["server", "login", "from", "to", "reply_to", "plain"])
        server = try read.requiredText("server")
        login = try read.text("login")
        from = try Mailbox(read.requiredText("from"))
        to = try (receivers ?? read.texts("to")).map { try Mailbox($0) }
        replyTo = try read.text("reply_to").map { try Mailbox($0) }
        plain = try read.flag("plain")
        guard (1...Self.recipientsMax).contains(to.count) else {
            throw ChannelSettings.mistake("to has \(to.count) mailboxes, expected 1 to \(Self.recipientsMax)")
        }
    }
}
