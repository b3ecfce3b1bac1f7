// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Foundation
import Testing

/// The in-tree agent in C, corral/file-facts, through the same host as the Swift ones.
@Suite(.serialized)
struct AgentInCTests {
    let plugin: LoadedPlugin

    init() throws {
        plugin = try LoadedPlugin(corral_plugin_entry(FakeHost.table()))
    }

    private func run(_ call: FakeCall) throws -> (status: corral_status, record: FakeCall.Record) {
        let agent = try #require(plugin.table(CORRAL_EXT_AGENT, as: corral_agent.self))
        let status = agent.pointee.run(plugin.plugin.pointee.instance, call.handle, call.request)
        return (status, call.record)
    }

    @Test func holdsAManifestWithoutAToolchain() throws {
        let json = try #require(JSONSerialization.jsonObject(with: Data(plugin.manifest.utf8)) as? [String: Any])
        #expect(json["id"] as? String == "corral/file-facts")
        #expect(json["provides"] as? [String] == [CORRAL_EXT_AGENT])
        #expect(json["toolchain"] == nil)
        #expect(plugin.table("corral.tool/1", as: corral_tool.self) == nil)
    }

    @Test func saysWhatAFileIs() throws {
        let call = FakeCall(
            #"{"file":{"$artifact":"sha256:ab","name":"a \"b\".txt"}}"#, files: ["sha256:ab": Array("a\nbc\n".utf8)])
        let (status, record) = try run(call)
        #expect(status == CORRAL_OK)
        #expect(
            record.text
                == #"{"name":"a \"b\".txt","bytes":5,"encoding":"ascii","lines":2,"blank_lines":0,"longest_line":2,"#
                + #""line_endings":"lf"}"#)
    }

    @Test func countsNoLinesInABinaryFile() throws {
        let (status, record) = try run(FakeCall(#"{"file":{"$artifact":"r"}}"#, files: ["r": [0, 1, 10]]))
        #expect(status == CORRAL_OK)
        #expect(
            record.text
                == #"{"name":null,"bytes":3,"encoding":"binary","lines":null,"blank_lines":null,"longest_line":null,"#
                + #""line_endings":null}"#)
    }

    @Test(arguments: [
        ("{}", "the input has no file: {\"file\": <a file>} is expected"),
        (#"{"file":{"$artifact":"other"}}"#, "the input's file is not one of this call"),
    ])
    func saysWhatIsWrongWithItsInput(input: String, message: String) throws {
        let (status, record) = try run(FakeCall(input))
        #expect(status == CORRAL_INVALID)
        #expect(record.error?.message == message)
    }

    @Test func stopsWhenCancelled() throws {
        let call = FakeCall(#"{"file":{"$artifact":"r"}}"#, files: ["r": [1]])
        call.cancel()
        #expect(try run(call).status == CORRAL_CANCELLED)
    }

    @Test func refusesAHostOfAnotherABI() {
        var table = FakeHost.makeTable()
        table.abi_major = 7
        #expect(corral_plugin_entry(FakeHost.table(table)) == nil)
    }
}
