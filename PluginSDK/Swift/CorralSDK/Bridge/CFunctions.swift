// SPDX-License-Identifier: Apache-2.0

/// The functions the host calls. They are free functions in a file of their own so that no actor is inferred for them:
/// a closure in top-level code would belong to the main actor and trap on the worker's threads.

private nonisolated(unsafe) let agentTable = {
    // Invariant: written here, once, and never again.
    let table = UnsafeMutablePointer<corral_agent>.allocate(capacity: 1)
    table.initialize(
        to: corral_agent(struct_size: UInt32(MemoryLayout<corral_agent>.size), reserved: 0, run: runAgent))
    return UnsafeRawPointer(table)
}()

private nonisolated(unsafe) let toolTable = {
    // Invariant: as above.
    let table = UnsafeMutablePointer<corral_tool>.allocate(capacity: 1)
    table.initialize(to: corral_tool(struct_size: UInt32(MemoryLayout<corral_tool>.size), reserved: 0, call: callTool))
    return UnsafeRawPointer(table)
}()

extension corral_plugin {
    init(manifest: corral_slice, instance: UnsafeMutableRawPointer) {
        self.init(
            struct_size: 0, abi_major: 0, abi_minor: 0, manifest: manifest, instance: instance,
            activate: activatePlugin, deactivate: deactivatePlugin, get_extension: pluginExtension)
    }
}

private func plugin(_ instance: UnsafeMutableRawPointer?) -> PluginExport? {
    instance.map { Unmanaged<PluginExport>.fromOpaque($0).takeUnretainedValue() }
}

private func pluginExtension(_ instance: UnsafeMutableRawPointer?, _ id: UnsafePointer<CChar>) -> UnsafeRawPointer? {
    let id = String(cString: id)
    guard let plugin = plugin(instance), plugin.provides(id) else { return nil }
    switch id {
    case CORRAL_EXT_AGENT: return agentTable
    case CORRAL_EXT_TOOL: return toolTable
    default: return kindTable(id)
    }
}

private func activatePlugin(_ instance: UnsafeMutableRawPointer?, _ configuration: corral_slice) -> corral_status {
    plugin(instance)?.activate(configuration) ?? CORRAL_FAILED
}

private func deactivatePlugin(_ instance: UnsafeMutableRawPointer?) {
    plugin(instance)?.deactivate()
}

private func runAgent(
    _ instance: UnsafeMutableRawPointer?, _ call: corral_call, _ request: UnsafePointer<corral_request>
) -> corral_status {
    plugin(instance)?.runAgent(call, request) ?? CORRAL_FAILED
}

private func callTool(
    _ instance: UnsafeMutableRawPointer?, _ call: corral_call, _ name: corral_slice,
    _ request: UnsafePointer<corral_request>
) -> corral_status {
    plugin(instance)?.callTool(name.text, call, request) ?? CORRAL_FAILED
}

func callCancelled(_ argument: UnsafeMutableRawPointer?, _ call: corral_call) {
    plugin(argument)?.cancel(call)
}
