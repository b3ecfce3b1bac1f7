// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CorralSDK

/// Cancellation, deadlines, waiting and the end of a call.
@Suite(.timeLimit(.minutes(1)))
struct CallLifeTests {
    let plugin: LoadedPlugin

    init() throws {
        plugin = try LoadedPlugin(Plugin.export(Probe.self, FakeHost.table()))
    }

    @Test(arguments: ["waitForCancel", "countToCancel"])
    func turnsTheHostsCancelIntoTaskCancellation(act: String) async throws {
        let call = FakeCall(#"{"act":"\#(act)"}"#)
        try plugin.start(call)
        await call.until { !$0.progress.isEmpty }
        call.cancel()
        let record = await call.completion()
        #expect(record.status == CORRAL_CANCELLED)
        #expect(record.error == nil)
    }

    @Test func stopsACallThatIsCancelledBeforeItStarts() async throws {
        let call = FakeCall(#"{"act":"waitForCancel"}"#)
        call.cancel()
        let record = try await plugin.run(call)
        #expect(record.status == CORRAL_CANCELLED)
    }

    @Test func knowsTheTimeLeft() async throws {
        let deadline = MonotonicTime.nanoseconds() + 60_000_000_000
        let record = try await plugin.run(FakeCall(#"{"act":"deadline"}"#, deadline: deadline))
        let left = try #require(try JSONReader.value(Probe.Output.self, from: record.result, named: "result").number)
        #expect(left > 50 && left <= 60)
        let endless = try await plugin.run(FakeCall(#"{"act":"deadline"}"#))
        #expect(endless.text == #"{"text":""}"#)
    }

    @Test func keepsOtherCallsGoingWhileReadersAreSlow() async throws {
        let gate = Gate()
        let slow = (0..<16).map { _ in FakeCall(#"{"act":"flood"}"#, gate: gate) }
        for call in slow { try plugin.start(call) }
        for _ in 0..<8 {
            let record = try await plugin.run(FakeCall(#"{"act":"answer"}"#))
            #expect(record.status == CORRAL_OK)
        }
        gate.open()
        for call in slow { #expect(await call.completion().partials.first?.count == 100_000) }
    }

    @Test func pushesResultsThatNeedCredit() async throws {
        let record = try await plugin.run(FakeCall(#"{"act":"large"}"#))
        #expect(record.result.count == 200_000 + #"{"text":""}"#.count)
    }

    @Test func doesNothingWithAContextWhoseCallIsOver() async throws {
        let file = #"{"$artifact":"sha256:ab"}"#
        let call = FakeCall(#"{"act":"leak","file":\#(file)}"#, files: ["sha256:ab": [1]])
        _ = try await plugin.run(call)
        let context = try #require(LeakedContext.take())
        #expect(context.isCancelled)
        context.progress(0.5, "late")
        await #expect(throws: CancellationError.self) { try await context.partial("late") }
        #expect(throws: CancellationError.self) {
            try context.bytes(of: try JSONReader.value(Artifact.self, from: Array(file.utf8), named: "file"))
        }
        #expect(call.staleUses == 2)
    }

    @Test func completesOnlyWhenTheLastReaderHasLeft() async throws {
        let call = FakeCall("{}", files: ["sha256:ab": [1, 2, 3]])
        let live = LiveCall(host: HostFunctions(table: FakeHost.table()), handle: call.handle, deadlineNanoseconds: 0)
        let sum = try live.withArtifact("sha256:ab") { bytes in
            live.complete(CORRAL_OK)
            #expect(!call.isCancelled)
            return bytes.reduce(0, +)
        }
        #expect(sum == 6)
        #expect(await call.completion().status == CORRAL_OK)
    }

    @Test func runsManyCallsAtOnce() async throws {
        let calls = (0..<200).map { _ in FakeCall(#"{"act":"answer"}"#) }
        for call in calls { try plugin.start(call) }
        for call in calls { #expect(await call.completion().status == CORRAL_OK) }
    }
}
