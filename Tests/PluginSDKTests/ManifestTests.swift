// SPDX-License-Identifier: Apache-2.0

import CCorralToolchain
import Foundation
import Testing

@testable import CorralSDK

/// What the entry point gives the host before any call.
struct ManifestTests {
    struct Broken: ToolPlugin {
        static let card = PluginCard("Acme/Broken", version: "1", summary: "wrong on purpose")
        var tools: [Tool] {
            Tool("Mean", "upper case") { (value: Int, _) in value }
            Tool("same", "twice") { (value: Int, _) in value }
            Tool("same", "twice") { (value: Int, _) in value }
        }
    }

    struct ToolsOnly: ToolPlugin {
        static let card = PluginCard("acme/tools", version: "2.0.0", summary: "One tool", serial: true, isolate: true)
        var tools: [Tool] { Tool("one", "Does one thing") { (value: Int, _) in value } }
    }

    @Test func holdsCardToolchainAndSchemas() throws {
        let plugin = try LoadedPlugin(Plugin.export(Probe.self, FakeHost.table()))
        let json = try #require(
            JSONSerialization.jsonObject(with: Data(plugin.manifest.utf8)) as? [String: Any])
        #expect(json["id"] as? String == "acme/probe")
        #expect(json["version"] as? String == "1.2.3")
        #expect(json["summary"] as? String == "Does what it is told")
        #expect(json["toolchain"] as? String == String(cString: corral_toolchain()))
        #expect(json["provides"] as? [String] == ["corral.agent/1", "corral.tool/1"])
        #expect((json["grants"] as? [String: [String]]) == ["tools": ["acme/math.*"]])
        let agent = try #require(json["agent"] as? [String: Any])
        #expect(agent["role"] as? String == "Does what it is told")
        #expect((agent["input"] as? [String: Any])?["type"] as? String == "object")
        let tools = try #require(json["tools"] as? [[String: Any]])
        #expect(tools.map { $0["name"] as? String } == ["mean", "echo"])
    }

    @Test func holdsNoAgentForToolsOnly() throws {
        let plugin = try LoadedPlugin(Plugin.export(ToolsOnly.self, FakeHost.table()))
        let toolchain = String(cString: corral_toolchain())
        let expected =
            #"{"id":"acme/tools","version":"2.0.0","summary":"One tool","toolchain":"\#(toolchain)","#
            + #""provides":["corral.tool/1"],"serial":true,"isolate":true,"grants":{},"tools":[{"name":"one","#
            + #""summary":"Does one thing","input":{"type":"integer"},"output":{"type":"integer"}}]}"#
        #expect(plugin.manifest == expected)
        #expect(plugin.table(CORRAL_EXT_AGENT, as: corral_agent.self) == nil)
        #expect(plugin.table("corral.tool/2", as: corral_tool.self) == nil)
    }

    @Test func isTheSameEveryTime() throws {
        let one = try LoadedPlugin(Plugin.export(Probe.self, FakeHost.table()))
        let two = try LoadedPlugin(Plugin.export(Probe.self, FakeHost.table()))
        #expect(one.manifest == two.manifest)
    }

    @Test func namesTheSwiftReleaseAndTheCompiler() {
        let toolchain = String(cString: corral_toolchain())
        #expect(toolchain.wholeMatch(of: /swift-\d+\.\d+(\.\d+)? Clang .+/) != nil)
    }

    @Test func refusesAHostOfAnotherABI() {
        var table = FakeHost.makeTable()
        table.abi_major = 7
        #expect(Plugin.export(Probe.self, FakeHost.table(table)) == nil)
        #expect(FakeHost.log.withLock { $0.contains("acme/probe speaks ABI 0, the host speaks 7") })
        table = FakeHost.makeTable()
        table.struct_size = 16
        #expect(Plugin.export(Probe.self, FakeHost.table(table)) == nil)
    }

    @Test func refusesDeclarationsTheHostWouldRefuse() {
        #expect(Plugin.export(Broken.self, FakeHost.table()) == nil)
        let log = FakeHost.log.withLock(\.self)
        #expect(log.contains("the id \"Acme/Broken\" is not \"publisher/name\" in lower case letters, digits and '-'"))
        #expect(log.contains("the tool name \"Mean\" is not [a-z][a-z0-9_]{0,63}"))
        #expect(log.contains("the tool \"same\" is declared twice"))
    }
}
