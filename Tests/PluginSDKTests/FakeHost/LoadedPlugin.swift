// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Testing

/// A plugin as a worker holds it: only what came out of the entry point.
struct LoadedPlugin {
    let plugin: UnsafePointer<corral_plugin>

    init(_ plugin: UnsafePointer<corral_plugin>?) throws {
        self.plugin = try #require(plugin)
    }

    var manifest: String { plugin.pointee.manifest.string }

    func table<Table>(_ id: String, as type: Table.Type) -> UnsafePointer<Table>? {
        id.withCString { plugin.pointee.get_extension(plugin.pointee.instance, $0) }?.assumingMemoryBound(to: type)
    }

    /// Starts the agent and expects it to complete later.
    func start(_ call: FakeCall) throws {
        let agent = try #require(table(CORRAL_EXT_AGENT, as: corral_agent.self))
        #expect(agent.pointee.run(plugin.pointee.instance, call.handle, call.request) == CORRAL_PENDING)
    }

    func run(_ call: FakeCall) async throws -> FakeCall.Record {
        try start(call)
        return await call.completion()
    }

    func callTool(_ name: String, _ call: FakeCall) async throws -> FakeCall.Record {
        let tools = try #require(table(CORRAL_EXT_TOOL, as: corral_tool.self))
        var name = name
        let status = name.withUTF8 {
            tools.pointee.call(
                plugin.pointee.instance, call.handle, corral_slice(data: $0.baseAddress, size: $0.count), call.request)
        }
        if status != CORRAL_PENDING { _ = call.complete(status) }
        return await call.completion()
    }
}
