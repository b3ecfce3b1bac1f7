// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Testing

/// Typed tools that a plugin provides, and tools that it uses.
@Suite(.timeLimit(.minutes(1)))
struct ToolTests {
    let plugin: LoadedPlugin

    init() throws {
        plugin = try LoadedPlugin(Plugin.export(Probe.self, FakeHost.table()))
    }

    @Test func callsATypedTool() async throws {
        let record = try await plugin.callTool("mean", FakeCall(#"{"values":[1,2,6]}"#))
        #expect(record.text == #"{"mean":3.0}"#)
    }

    @Test func passesToolErrorsOnAsWritten() async throws {
        let record = try await plugin.callTool("mean", FakeCall(#"{"values":[]}"#))
        #expect(record.error?.message == "no values to average")
    }

    @Test func saysWhereArgumentsAreWrong() async throws {
        let record = try await plugin.callTool("mean", FakeCall(#"{"values":[null]}"#))
        #expect(record.status == CORRAL_INVALID)
        #expect(record.error?.message == "arguments.values[0]: expected a number, found null")
    }

    @Test func doesNotKnowOtherTools() async throws {
        let record = try await plugin.callTool("median", FakeCall("{}"))
        #expect(record.status == CORRAL_UNSUPPORTED)
    }

    @Test func givesBackAnyJSONAsItCame() async throws {
        let json = #"{"a":[1,-2.5,true,null,"x\ny"],"b":{}}"#
        #expect(try await plugin.callTool("echo", FakeCall(json)).text == json)
    }

    @Test func usesAToolOfAnotherPlugin() async throws {
        let record = try await plugin.run(FakeCall(#"{"act":"useTool"}"#))
        #expect(record.text == #"{"text":"","number":40.0}"#)
    }

    @Test(arguments: [
        ("failTool", "overflow", "the sum is too large", true),
        ("denyTool", "denied", "policy allows acme/math only", false),
        ("busyTool", "limit", "the tool acme/math.busy failed without a reason (status -7)", false),
    ])
    func passesOnWhyAToolFailed(act: String, code: String, message: String, retryable: Bool) async throws {
        let record = try await plugin.run(FakeCall(#"{"act":"\#(act)"}"#))
        #expect(record.error == .init(code: code, message: message, isRetryable: retryable, details: ""))
    }
}
