// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import NotifierKit

/// corral/notifier-webhook: one signed POST for each attempt. The host tries again by its own schedule; the broker checks
/// where it goes and signs it, so that no key is ever in here.
package struct WebhookNotifier: Notifier {
    package static let card = PluginCard(
        "corral/notifier-webhook", version: "1.0.0", summary: "Sends notifications as signed webhooks",
        asks: Asks(http: [
            Asks.HTTP("*", ports: [], methods: ["POST"]), Asks.HTTP("*", scheme: "http", ports: [], methods: ["POST"]),
        ]))

    package init(_ activation: Activation) throws {}

    package func notify(_ notification: Notification, _ context: PluginContext) async throws -> String? {
        let request = try Self.request(notification)
        let response = try await context.http.send(request)
        return try WebhookOutcome.check(response, now: notification.nowMilliseconds)
    }

    static func request(_ notification: Notification) throws -> HTTPRequest {
        let settings = try WebhookSettings(notification.settings)
        var headers = [
            ("content-type", "application/json"), ("user-agent", "corral-notifier-webhook/1.0"),
            // The same in every attempt.
            ("idempotency-key", notification.id),
        ]
        if let authorization = settings.authorization { headers.append(("authorization", authorization)) }
        // Without a key the receiver can still tell one message from another.
        if settings.signature.isEmpty { headers.append(("webhook-id", notification.id)) }
        var request = HTTPRequest(
            "POST", settings.url, headers: headers.map { (name: $0.0, value: $0.1) },
            body: WebhookMessage(notification).body, timeout: settings.timeout)
        request.redirects = 0
        if !settings.signature.isEmpty {
            request.signature = HTTPRequest.Signature(id: notification.id, secrets: settings.signature)
        }
        return request
    }
}
