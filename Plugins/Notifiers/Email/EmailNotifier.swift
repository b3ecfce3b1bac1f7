// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import NotifierKit

/// corral/notifier-email: one message for each attempt, handed to the operator's own mail server by the broker, which adds
/// the login. The host tries again by its own schedule where the server says that later is better.
package struct EmailNotifier: Notifier {
    package static let card = PluginCard(
        "corral/notifier-email", version: "1.0.0", summary: "Sends notifications as mail",
        asks: Asks(http: [Asks.HTTP.mail("*", ports: []), Asks.HTTP.mail("*", scheme: "smtps", ports: [])]))

    package init(_ activation: Activation) throws {}

    package func notify(_ notification: Notification, _ context: PluginContext) async throws -> String? {
        let reply = try await context.send(try Self.mail(notification))
        return "the server answered \(reply.reply)"
    }

    static func mail(_ notification: Notification) throws -> MailMessage {
        let settings = try EmailSettings(notification.settings, receivers: notification.to)
        var mail = MailMessage(
            server: settings.server, login: settings.login, from: settings.from.address,
            to: settings.to.map(\.address), message: EmailMessage(notification, settings).text)
        mail.plain = settings.plain
        return mail
    }
}
