// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Testing

/// What an agent written with the SDK does with a call, seen through the C ABI only.
@Suite(.timeLimit(.minutes(1)))
struct AgentCallTests {
    let plugin: LoadedPlugin

    init() throws {
        plugin = try LoadedPlugin(Plugin.export(Probe.self, FakeHost.table()))
    }

    private func run(_ act: String, _ extra: String = "", _ files: [String: [UInt8]] = [:]) async throws
        -> FakeCall.Record
    {
        try await plugin.run(FakeCall(#"{"act":"\#(act)"\#(extra)}"#, files: files))
    }

    @Test func returnsOutputWithConfidenceAndChanges() async throws {
        let record = try await run("answer")
        #expect(record.status == CORRAL_OK)
        #expect(record.text == #"{"text":"done","number":0.5}"#)
        #expect(record.confidence == 0.75)
        #expect(record.changes == ["database_schema_changes orders"])
    }

    @Test func seesWhatTheCallCarries() async throws {
        let call = FakeCall(
            #"{"act":"metadata"}"#, metadata: [\.user: "ada", \.feature: "f", \.session: "s", \.task_type: "t"])
        let record = try await plugin.run(call)
        #expect(record.text == #"{"text":"ada f s t nil nil 0"}"#)
    }

    @Test func showsPartialOutputInOrder() async throws {
        let record = try await run("stream")
        #expect(record.partials == ["one ", "two ", "three"])
    }

    @Test func saysHowFarItIsAndLogs() async throws {
        let record = try await run("report")
        #expect(record.progress.map(\.1) == ["half", "", "too far"])
        #expect(record.progress[0].0 == 0.5)
        #expect(record.progress[1].0.isNaN)
        #expect(record.progress[2].0 == 1)
        #expect(record.log.map(\.0) == [CORRAL_LOG_INFO, CORRAL_LOG_WARNING])
        #expect(record.log.map(\.1) == ["plain", "careful"])
    }

    @Test func passesAgentErrorsOnAsWritten() async throws {
        let record = try await run("refuse")
        #expect(record.status == CORRAL_FAILED)
        #expect(
            record.error
                == .init(code: "too_hot", message: "It is 41 °C.", isRetryable: true, details: #"{"celsius":41}"#))
    }

    @Test(arguments: [("throwCase", "Oops.empty"), ("throwText", "ran out of \"paper\"")])
    func passesOtherErrorsOnWithTheirDescription(act: String, message: String) async throws {
        let record = try await run(act)
        #expect(record.status == CORRAL_FAILED)
        #expect(record.error == .init(code: "failed", message: message, isRetryable: false, details: ""))
    }

    @Test(arguments: [
        ("[]", "input: expected an object, found an array"),
        ("{", "input: not JSON: the text ends where a member's name should be at byte 1"),
        ("{}", "input: the member \"act\" is missing"),
        (
            #"{"act":"answer","bars":{"close":[1,2,3,"x"]}}"#,
            "input.bars.close[3]: expected a number, found the text \"x\""
        ),
        (#"{"act":"answer","bars":{"close":5}}"#, "input.bars.close: expected an array, found the number 5"),
        (
            #"{"act":"answer","rows":[{"side":"buy","day":1},{"side":"sell","day":1.5}]}"#,
            "input.rows[1].day: expected a whole number from \(Int.min) to \(Int.max), found the number 1.5"
        ),
        (
            #"{"act":"answer","rows":[{"side":"up"}]}"#,
            #"input.rows[0].side: expected one of "buy", "sell", found the text "up""#
        ),
    ])
    func saysWhereAnInputIsWrong(input: String, message: String) async throws {
        let record = try await plugin.run(FakeCall(input))
        #expect(record.status == CORRAL_INVALID)
        #expect(record.error?.code == "invalid_input")
        #expect(record.error?.message == message)
    }

    @Test func saysWhereAResultIsNoJSON() async throws {
        let record = try await run("nan")
        #expect(record.status == CORRAL_FAILED)
        #expect(record.error?.message == "result.number: nan has no JSON form; use an optional")
    }

    @Test func refusesAConfidenceOutsideItsRange() async throws {
        let record = try await run("overconfident")
        #expect(record.error?.code == "invalid_confidence")
        #expect(record.error?.message == "the confidence is 1.5, which is not from 0 to 1")
    }

    @Test func readsFilesOfItsInput() async throws {
        let file = #","file":{"$artifact":"sha256:ab","name":"a.txt","bytes":3,"type":"text/plain"}"#
        let record = try await run("read", file, ["sha256:ab": Array("abc".utf8)])
        #expect(record.text == #"{"text":"abc a.txt 3 text/plain","number":3.0}"#)
    }

    @Test func saysThatAFileIsNotItsOwn() async throws {
        let record = try await run("read", #","file":{"$artifact":"sha256:cd"}"#)
        #expect(record.error?.code == "unknown_artifact")
        #expect(record.error?.message == "the input does not refer to a file \"sha256:cd\"")
    }

    @Test func attachesFilesToItsOutput() async throws {
        let record = try await run("attach")
        #expect(record.text == #"{"text":"","file":{"$artifact":"report.html"}}"#)
        #expect(record.artifacts == ["report.html": Array("<p>".utf8)])
    }

    @Test(arguments: [
        ("attachTwice", "a file \"a\" was attached before"),
        ("attachPath", "the host cannot use a file \"a/b\" of type \"text/plain\""),
    ])
    func refusesFileNamesThatCannotBe(act: String, message: String) async throws {
        let record = try await run(act)
        #expect(record.error?.code == "invalid_artifact")
        #expect(record.error?.message == message)
    }
}
