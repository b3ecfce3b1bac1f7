// SPDX-License-Identifier: Apache-2.0

/// What the kinds have in common that only the host calls: ``Memory``, ``Scanner``, ``Judge``, ``Notifier`` and
/// ``Tracer``. One instance is made when the plugin is activated, and it serves every call, many at once unless the card
/// says `serial`.
public protocol InfrastructurePlugin: Sendable {
    static var card: PluginCard { get }

    /// - Throws: what keeps the plugin from working, such as a mistake in its configuration. The host shows it and loads
    ///   nothing.
    init(_ activation: Activation) throws

    /// Called after the last call, unless the process is killed.
    func deactivate()
}

extension InfrastructurePlugin {
    public func deactivate() {}
}

/// The name under which the host's own kinds know the context of a call.
public typealias PluginContext = AgentContext

/// How much something matters.
public enum Severity: String, Codable, Sendable, Hashable, CaseIterable, Comparable {
    case low, medium, high, critical

    public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
