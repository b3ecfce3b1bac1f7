// SPDX-License-Identifier: Apache-2.0

import CorralSDK

/// Posts each notification as JSON to a URL.
public struct Hook: Notifier {
    public static let card: PluginCard = {
        var card = PluginCard(
            "acme/hook", version: "1.0.0", summary: "Posts notifications to a URL",
            asks: Asks(http: [.init("hooks.example.com", methods: ["POST"])]))
        card.config = [
            ConfigField(
                "url", .string, default: "https://hooks.example.com/notify", help: "Where notifications go")
        ]
        return card
    }()

    struct Settings: Decodable { var url: String? }

    private let url: String

    public init(_ activation: Activation) throws {
        let settings = try activation.configuration(as: Settings.self)
        url = settings.url ?? "https://hooks.example.com/notify"
    }

    public func notify(_ notification: Notification, _ context: PluginContext) async throws -> String? {
        // The same id in every attempt: the receiver can tell a repetition.
        let response = try await context.http.post(
            url, json: notification, headers: [("idempotency-key", notification.id)])
        guard (200..<300).contains(response.status) else {
            // Whether another attempt may help: the host comes again then.
            let mayHelp = response.status >= 500 || response.status == 429 || response.status == 408
            throw AgentError(
                "refused", "the receiver answered with status \(response.status)", retryable: mayHelp)
        }
        return "status \(response.status)"
    }
}
