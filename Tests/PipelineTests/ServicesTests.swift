// SPDX-License-Identifier: Apache-2.0

import CorralBase
import CorralPipeline
import CorralServices
import CorralStore
import CorralWire
import Synchronization
import Testing

/// For services that send none.
let noEvents: ServiceEmit = { _ in false }

@Suite struct ServicesTests {
    private let worker = WorkerKey(tenant: .standard, compartment: CompartmentID("shared"), generation: 1)

    private func request(_ call: UInt64, _ method: String = "acme/math.add", _ body: String = "{\"x\":1}")
        -> ServiceRequest
    {
        ServiceRequest(
            call: call, service: "corral.host.tool/1", method: method, body: Array(body.utf8),
            grants: Grants(tools: ["acme/math.add"]))
    }

    private func parent(_ bench: Bench, lineage: Int = 1, attempt: Int = 1) async throws -> Call {
        let call = try bench.call(attempt: attempt, lineage: lineage)
        await bench.services.register(LiveCall(call: call))
        return call
    }

    @Test func aToolUseTakesThePipelineOnBehalfOfItsCall() async throws {
        let bench = try await Bench()
        bench.plugins.answer { _ async throws(CallFailure) in .value("3") }
        let parent = try await parent(bench)
        let answer = await bench.services.receive(request(parent.id), from: worker, emit: noEvents)
        guard case .success(let bytes, _) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(bytes == Array("3".utf8))
        let call = try #require(bench.plugins.calls.first)
        #expect(call.plugin.text == "acme/math")
        #expect(call.method == "add")
        #expect(call.origin == parent.origin)
        #expect(call.ancestors.map(\.text) == ["acme/a"])
        #expect(call.span.parent == parent.span.span)
        #expect(call.context.user == "ada")
    }

    @Test func aCompletedEffectIsAnsweredFromTheJournal() async throws {
        let bench = try await Bench()
        let counter = Mutex(0)
        bench.plugins.answer { _ async throws(CallFailure) in
            .value(
                String(
                    counter.withLock { count in
                        count += 1
                        return count
                    }))
        }
        let first = try await parent(bench)
        var answers: [String] = []
        for _ in 0..<2 {
            if case .success(let bytes, _) = await bench.services.receive(
                request(first.id), from: worker, emit: noEvents)
            {
                answers.append(String(decoding: bytes, as: UTF8.self))
            }
        }
        #expect(answers == ["1", "2"], "equal requests of one call are different effects")

        // The worker was lost; the same lineage runs again and asks the same.
        let again = try await parent(bench, attempt: 2)
        for _ in 0..<3 {
            if case .success(let bytes, _) = await bench.services.receive(
                request(again.id), from: worker, emit: noEvents)
            {
                answers.append(String(decoding: bytes, as: UTF8.self))
            }
        }
        #expect(answers == ["1", "2", "1", "2", "3"])

        // The plugin itself failed: a new lineage starts over.
        let retried = try await parent(bench, lineage: 2, attempt: 3)
        if case .success(let bytes, _) = await bench.services.receive(request(retried.id), from: worker, emit: noEvents)
        {
            #expect(String(decoding: bytes, as: UTF8.self) == "4")
        }
    }

    @Test(arguments: [
        ("acme/other.add", "{}", ErrorCode.grantMissing), ("nonsense", "{}", .serviceRequestInvalid),
        ("acme/math.add", "[]", .serviceRequestInvalid), ("acme/math.add", "{", .jsonInvalid),
        (
            "acme/math.add", "{\"f\":{\"$artifact\":\"sha256:\(String(repeating: "a", count: 64))\",\"bytes\":1}}",
            .artifactNotPushed
        ),
    ])
    func refusesWhatTheCallMayNotAskFor(_ method: String, _ body: String, _ code: ErrorCode) async throws {
        let bench = try await Bench()
        let parent = try await parent(bench)
        let answer = await bench.services.receive(request(parent.id, method, body), from: worker, emit: noEvents)
        guard case .failure(_, let error) = answer else {
            Issue.record("allowed")
            return
        }
        #expect(error.code == code)
        #expect(bench.plugins.calls.isEmpty)
    }

    @Test func aCallOfAnotherTenantsWorkerIsGone() async throws {
        let bench = try await Bench()
        let parent = try await parent(bench)
        let stranger = WorkerKey(tenant: try TenantID("globex"), compartment: CompartmentID("shared"), generation: 1)
        guard case .failure(.gone, _) = await bench.services.receive(request(parent.id), from: stranger, emit: noEvents)
        else {
            Issue.record("a worker of another tenant was answered")
            return
        }
        await bench.services.unregister(parent.id)
        guard case .failure(.gone, _) = await bench.services.receive(request(parent.id), from: worker, emit: noEvents)
        else {
            Issue.record("a call that is over was answered")
            return
        }
    }

    @Test func anUnknownServiceIsUnsupported() async throws {
        let bench = try await Bench()
        let parent = try await parent(bench)
        let asked = ServiceRequest(
            call: parent.id, service: "corral.host.memory/1", method: "", body: [], grants: Grants())
        guard case .failure(.unsupported, let error) = await bench.services.receive(asked, from: worker, emit: noEvents)
        else {
            Issue.record("answered")
            return
        }
        #expect(error.code == .serviceUnknown)
    }
}
