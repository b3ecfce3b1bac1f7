// SPDX-License-Identifier: Apache-2.0

/// Tells people or systems outside that something happened (notifier.h). The host journals deliveries and tries again.
public protocol Notifier: InfrastructurePlugin {
    /// - Throws: ``AgentError``; `isRetryable` says whether another attempt may help.
    /// - Returns: one line for the history of deliveries, such as a status, or nil.
    func notify(_ notification: Notification, _ context: PluginContext) async throws -> String?
}

public struct Notification: Codable, Sendable, Hashable {
    public enum Level: String, Codable, Sendable, Hashable {
        case info, warning, error
    }

    public var nowMilliseconds: Int64
    /// The same in every attempt of one delivery: receivers deduplicate by it.
    public var id: String
    /// A dotted name, such as `decision.flipped`.
    public var topic: String
    public var title: String
    public var text: String
    public var severity: Level
    /// When it happened.
    public var timeMilliseconds: Int64
    public var data: JSON
    /// Receivers in the notifier's own words; nil: those of its configuration.
    public var to: [String]?
    /// The settings of the channel, as the operator wrote them in `notifications.channels`; nil for a notifier that is asked
    /// outside of one.
    public var settings: JSON?

    public init(
        nowMilliseconds: Int64, id: String, topic: String, title: String, text: String, severity: Level,
        timeMilliseconds: Int64, data: JSON = .null, to: [String]? = nil, settings: JSON? = nil
    ) {
        self.nowMilliseconds = nowMilliseconds
        self.id = id
        self.topic = topic
        self.title = title
        self.text = text
        self.severity = severity
        self.timeMilliseconds = timeMilliseconds
        self.data = data
        self.to = to
        self.settings = settings
    }

    enum CodingKeys: String, CodingKey {
        case id, topic, title, text, severity, data, to, settings
        case nowMilliseconds = "now_ms"
        case timeMilliseconds = "time_ms"
    }
}
