// SPDX-License-Identifier: Apache-2.0
// LoopTests: going in circles is noticed, and only that.

import CorralBase
import CorralServices
import CorralStore
import CorralWire
import Testing

@testable import CorralPipeline

@Suite struct LoopTests {
    private let worker = WorkerKey(tenant: .standard, compartment: CompartmentID("shared"), generation: 1)
    private let grants = Grants(tools: ["acme/math.add", "acme/math.sub"])

    /// Answers and failures of tool uses that one call makes, one after the other.
    private func use(_ bench: Bench, of call: Call, _ bodies: [String], tool: String = "acme/math.add") async
        -> [String]
    {
        var outcomes: [String] = []
        for body in bodies {
            let request = ServiceRequest(
                call: call.id, service: "corral.host.tool/1", method: tool, body: Array(body.utf8), grants: grants)
            switch await bench.services.receive(request, from: worker, emit: noEvents) {
            case .success: outcomes.append("ok")
            case .failure(_, let error): outcomes.append(error.code.name)
            }
        }
        return outcomes
    }

    /// Runs an agent's call whose plugin makes tool uses, and returns what became of them.
    private func attempt(
        _ bench: Bench, _ bodies: [String], step: String = "s", item: Int? = nil, attempt: Int = 1
    ) async throws -> [String] {
        let box = Box<[String]>([])
        bench.plugins.answer { call async throws(CallFailure) in
            if call.kind == .agent {
                await bench.services.register(LiveCall(call: call))
                box.value = await use(bench, of: call, bodies)
                await bench.services.unregister(call.id)
            }
            return .value("1")
        }
        var call = try bench.call(attempt: attempt)
        call.origin = CallOrigin(
            run: bench.run, attempt: AttemptKey(step: step, item: item, attempt: attempt, lineage: 1))
        _ = try await bench.pipeline.perform(call)
        return box.value
    }

    @Test func refusesTheSameCallBeyondTheBoundAndNamesIt() async throws {
        let bench = try await Bench(equalCalls: 3)
        // Order and form do not make a call another one.
        let outcomes = try await attempt(
            bench, [#"{"x":1,"y":2}"#, #"{"y":2,"x":1}"#, #"{ "x": 1, "y": 2 }"#, #"{"x":1,"y":2}"#, #"{"x":2,"y":2}"#])
        #expect(outcomes == ["ok", "ok", "ok", "call_repeated", "ok"])
        #expect(bench.plugins.calls.count == 5, "a refused call reaches nobody")
        let span = try #require(try await bench.spans().first { $0.attributes["error.type"] == "call_repeated" })
        let message = try #require(span.attributes["error.message"]?.stringValue)
        #expect(message.contains("acme/a") && message.contains("acme/math.add") && message.contains("3 times"))
        #expect(await bench.loops.liveCalls == 0)
    }

    @Test func itemsRetriesAndResumesAreStrangers() async throws {
        let bench = try await Bench(equalCalls: 2)
        for item in 0..<20 {
            #expect(try await attempt(bench, ["{}", "{}"], item: item) == ["ok", "ok"])
        }
        for number in 1...5 {
            #expect(try await attempt(bench, ["{}", "{}"], step: "r", attempt: number) == ["ok", "ok"])
        }
        // The same attempt again, as after the loss of its worker: the journal answers, and nothing is counted twice.
        for _ in 0..<3 { #expect(try await attempt(bench, ["{}", "{}"], step: "again") == ["ok", "ok"]) }
    }

    @Test func aFlowMayStartEqualStepsAsOftenAsItLikes() async throws {
        let bench = try await Bench(equalCalls: 1)
        bench.plugins.answer { _ async throws(CallFailure) in .value("1") }
        for _ in 0..<10 { _ = try await bench.pipeline.perform(try bench.call()) }
        #expect(bench.plugins.calls.count == 10)
    }

    @Test func withoutABoundNothingIsRepeatedTooOften() async throws {
        let bench = try await Bench()
        let outcomes = try await attempt(bench, Array(repeating: "{}", count: 300))
        #expect(outcomes.allSatisfy { $0 == "ok" })
    }

    /// a → math.add → math.sub → math.add, the last with the arguments of the first.
    @Test(arguments: [(#"{"n": 1}"#, "call_circular"), (#"{"n": 2}"#, "ok")])
    func refusesACircleWithEqualArguments(_ last: String, _ expected: String) async throws {
        let bench = try await Bench(equalCalls: 100)
        let box = Box<[String]>([])
        bench.plugins.answer { call async throws(CallFailure) in
            await bench.services.register(LiveCall(call: call))
            switch (call.method, call.ancestors.count) {
            case ("", _): _ = await use(bench, of: call, [#"{"n":1}"#])
            case ("add", 1): _ = await use(bench, of: call, [#"{"m":7}"#], tool: "acme/math.sub")
            case ("sub", _): box.value = await use(bench, of: call, [last])
            default: break
            }
            await bench.services.unregister(call.id)
            return .value("1")
        }
        _ = try await bench.pipeline.perform(try bench.call())
        #expect(box.value == [expected])
        if expected == "call_circular" {
            let span = try #require(try await bench.spans().first { $0.attributes["error.type"] == "call_circular" })
            let message = try #require(span.attributes["error.message"]?.stringValue)
            #expect(message.contains("acme/math.add → acme/math.sub → acme/math.add"))
        }
    }

    @Test func remembersBoundedlyMany() async throws {
        let bench = try await Bench(equalCalls: 2)
        var bodies = (0..<(Limits.loopCallsRemembered + 10)).map { #"{"n":\#($0)}"# }
        bodies += ["{}", "{}", "{}"]
        let detector = bench.loops
        let root = try bench.call()
        #expect(await detector.enter(root) == nil)
        var refused = 0
        for (index, body) in bodies.enumerated() {
            var call = try bench.call(
                body, plugin: "acme/math",
                caller: .plugin(try PluginID("acme/a"), parent: root.id, grants: grants), ancestors: ["acme/a"])
            call.method = "add"
            call.id = UInt64(100_000 + index)
            if await detector.enter(call) != nil { refused += 1 } else { await detector.leave(call.id) }
        }
        #expect(refused == 1)
    }
}
