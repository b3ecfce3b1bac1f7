// SPDX-License-Identifier: Apache-2.0

import CorralBase
import CorralPipeline
import CorralStore
import Testing

@Suite struct PipelineTests {
    @Test func intentIsCommittedBeforeAPluginIsAsked() async throws {
        let bench = try await Bench()
        let seen = Box<[JournalEvent]>([])
        bench.plugins.answer { [bench] _ async throws(CallFailure) in
            seen.value = (try? await bench.events()) ?? []
            return .value("{\"ok\":true}")
        }
        let result = try await bench.pipeline.perform(try bench.call("{\"x\":1}"))
        #expect(result.value == ["ok": true])
        guard case .attemptIntent(_, "acme/a", let request)? = seen.value.last else {
            Issue.record("no intent when the plugin was asked: \(seen.value)")
            return
        }
        #expect(request == Array("{\"x\":1}".utf8))
    }

    @Test func resultIsJournaledByteForByte() async throws {
        let bench = try await Bench()
        bench.plugins.answer { _ async throws(CallFailure) in .value("{ \"b\" : 1.50,\n \"a\":[] }") }
        _ = try await bench.pipeline.perform(try bench.call())
        // The post of the result rides with the next commit.
        try await bench.journal.append(
            [JournalRecord(run: bench.run, at: 0, event: .note(topic: "flush", .null))], .sync)
        let values = try await bench.events().compactMap { event -> [UInt8]? in
            if case .attemptResult(_, let success) = event { success.value } else { nil }
        }
        #expect(values == [Array("{ \"b\" : 1.50,\n \"a\":[] }".utf8)])
    }

    @Test func everyCallHasASpanHoweverItEnds() async throws {
        let bench = try await Bench()
        _ = try await bench.pipeline.perform(try bench.call())
        bench.plugins.answer { _ async throws(CallFailure) in throw CallFailure(.internalFault("broken")) }
        #expect(
            await failure { () async throws(CallFailure) in try await bench.pipeline.perform(try! bench.call()) } != nil
        )
        let spans = try await bench.spans()
        #expect(spans.map(\.status).sorted() == ["error", "ok"])
        #expect(spans.allSatisfy { $0.attributes["user.id"] == "ada" && $0.endedAt != nil })
        #expect(spans.contains { $0.attributes["error.type"] == "internal_fault" })
    }

    @Test func refusesACallWithoutAGrantAndAsksNobody() async throws {
        let bench = try await Bench()
        let call = try bench.call(
            caller: .plugin(try PluginID("acme/b"), parent: 1, grants: Grants(tools: ["acme/other"])))
        let error = await failure { () async throws(CallFailure) in try await bench.pipeline.perform(call) }
        #expect(error?.error.code == .grantMissing)
        #expect(bench.plugins.calls.isEmpty)
        #expect(try await bench.spans().count == 1, "a denial is traced")
    }

    @Test func refusesACallThatWouldWaitForItself() async throws {
        let bench = try await Bench(serial: ["acme/a"])
        let call = try bench.call(ancestors: ["acme/a", "acme/b"])
        let error = await failure { () async throws(CallFailure) in try await bench.pipeline.perform(call) }
        #expect(error?.error.code == .wouldDeadlock)
        #expect(error?.error.message.contains("acme/a → acme/b → acme/a") == true)
    }

    @Test func refusesACallNestedTooDeep() async throws {
        let bench = try await Bench()
        let call = try bench.call(ancestors: (0...Limits.callDepthMax).map { "acme/p\($0)" })
        let error = await failure { () async throws(CallFailure) in try await bench.pipeline.perform(call) }
        #expect(error?.error.code == .callTooDeep)
    }

    @Test(arguments: ["", "{", "{} {}", "NaN", "[1,]"])
    func refusesAResultThatIsNotOneValue(_ text: String) async throws {
        let bench = try await Bench()
        bench.plugins.answer { _ async throws(CallFailure) in .value(text) }
        let call = try bench.call()
        let error = await failure { () async throws(CallFailure) in try await bench.pipeline.perform(call) }
        // Nothing at all stands for null.
        #expect(error?.error.code == (text.isEmpty ? nil : .resultNotJSON))
    }

    @Test func replacesTheNamesOfPushedFilesByReferences() async throws {
        let bench = try await Bench()
        bench.plugins.answer { _ async throws(CallFailure) in
            .value(
                "{\"page\":{\"$artifact\":\"a.txt\"}}",
                files: [.init(name: "a.txt", mediaType: "text/plain", content: .bytes(Array("hi".utf8)))])
        }
        let result = try await bench.pipeline.perform(try bench.call())
        let artifact = try #require(result.value["page"]?.objectValue.flatMap { ArtifactRef($0) })
        #expect(artifact.name == "a.txt")
        #expect(artifact.bytes == 2)
        #expect(artifact.sha256 == ContentHash(of: Array("hi".utf8)).hex)
    }

    @Test func refusesAReferenceToAFileTheCallNeverHad() async throws {
        let bench = try await Bench()
        let stolen = "sha256:" + String(repeating: "0", count: 64)
        bench.plugins.answer { _ async throws(CallFailure) in .value("{\"x\":{\"$artifact\":\"\(stolen)\"}}") }
        let call = try bench.call()
        let error = await failure { () async throws(CallFailure) in try await bench.pipeline.perform(call) }
        #expect(error?.error.code == .artifactNotPushed)
    }

    @Test func callsOfOneTurnShareACommit() async throws {
        let bench = try await Bench()
        let before = await bench.journal.commits
        let run = bench.run
        await withTaskGroup(of: Void.self) { group in
            await Gate.onLane(bench.lane) {
                for index in 0..<100 {
                    let record = JournalRecord(run: run, at: 0, event: .note(topic: "n", .int(Int64(index))))
                    bench.journal.assumeIsolated { $0.post([record], .sync) }
                }
            }
            group.addTask {
                try? await bench.journal.append(
                    [JournalRecord(run: run, at: 0, event: .note(topic: "end", .null))], .sync)
            }
        }
        let commits = await bench.journal.commits - before
        #expect(commits <= 2, "101 records took \(commits) commits")
        #expect(try await bench.events().count == 102)
    }

    @Test func modeExitWritesNothingBeforeTheEnd() async throws {
        let bench = try await Bench()
        let note = JournalRecord(run: bench.run, at: 0, event: .note(topic: "held", .null))
        try await bench.journal.append([note], .exit)
        #expect(try await bench.events().count == 1)
        let end = JournalRecord(run: bench.run, at: 0, event: .runFinished(.cancelled(reason: "test")))
        try await bench.journal.finish([end], of: bench.run, .exit)
        #expect(try await bench.events().count == 3)
    }
}
