// SPDX-License-Identifier: Apache-2.0

/// Turns an agent, a list of tools or a plugin of one of the host's own kinds into what the host asked the entry point for. The entry point of a plugin is a
/// target of its own with one function:
///
/// ```swift
/// @c(corral_plugin_entry)
/// public func corralEntry(_ host: UnsafePointer<corral_host>) -> UnsafePointer<corral_plugin>? {
///     Plugin.export(Greeter.self, host)
/// }
/// ```
public enum Plugin {
    /// - Returns: the descriptor, which lives as long as the process; nil, with the reason in the host's log, when the
    ///   host is another ABI or the plugin's declarations are wrong.
    public static func export<A: Agent>(
        _ type: A.Type, _ host: UnsafePointer<corral_host>
    ) -> UnsafePointer<corral_plugin>? {
        PluginExport(card: A.card, agent: AgentExport(A())).descriptor(for: host)
    }

    /// As for an agent.
    public static func export<T: ToolPlugin>(
        _ type: T.Type, _ host: UnsafePointer<corral_host>
    ) -> UnsafePointer<corral_plugin>? {
        PluginExport(card: T.card, tools: T().tools).descriptor(for: host)
    }

    /// As for an agent; the tools are provided by the same library.
    public static func export<P: Agent & ToolPlugin>(
        _ type: P.Type, _ host: UnsafePointer<corral_host>
    ) -> UnsafePointer<corral_plugin>? {
        let plugin = P()
        return PluginExport(card: P.card, agent: AgentExport(plugin), tools: plugin.tools).descriptor(for: host)
    }

    /// As for an agent. The instance is made when the host activates the plugin.
    public static func export<K: Memory>(
        _ type: K.Type, _ host: UnsafePointer<corral_host>
    ) -> UnsafePointer<corral_plugin>? {
        PluginExport(card: K.card, kind: KindExport(memory: type)).descriptor(for: host)
    }

    /// As for an agent. The instance is made when the host activates the plugin.
    public static func export<K: Scanner>(
        _ type: K.Type, _ host: UnsafePointer<corral_host>
    ) -> UnsafePointer<corral_plugin>? {
        PluginExport(card: K.card, kind: KindExport(scanner: type)).descriptor(for: host)
    }

    /// As for an agent. The instance is made when the host activates the plugin.
    public static func export<K: Judge>(
        _ type: K.Type, _ host: UnsafePointer<corral_host>
    ) -> UnsafePointer<corral_plugin>? {
        PluginExport(card: K.card, kind: KindExport(judge: type)).descriptor(for: host)
    }

    /// As for an agent. The instance is made when the host activates the plugin.
    public static func export<K: Notifier>(
        _ type: K.Type, _ host: UnsafePointer<corral_host>
    ) -> UnsafePointer<corral_plugin>? {
        PluginExport(card: K.card, kind: KindExport(notifier: type)).descriptor(for: host)
    }

    /// As for an agent. The instance is made when the host activates the plugin.
    public static func export<K: Tracer>(
        _ type: K.Type, _ host: UnsafePointer<corral_host>
    ) -> UnsafePointer<corral_plugin>? {
        PluginExport(card: K.card, kind: KindExport(tracer: type)).descriptor(for: host)
    }
}
