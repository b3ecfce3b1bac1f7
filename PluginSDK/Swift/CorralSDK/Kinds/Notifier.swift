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

    enum CodingKeys: String, CodingKey {
        case id, topic, title, text, severity, data, to
        case nowMilliseconds = "now_ms"
        case timeMilliseconds = "time_ms"
    }
}
