// SPDX-License-Identifier: Apache-2.0

import CorralBase
import CorralPipeline
import CorralServices
import CorralStore
import CorralWire
import Synchronization
import Testing

/// A host service that does nothing but be an effect.
private struct Touch: HostService {
    let id = "test.touch/1"

    func answer(
        _ request: ServiceRequest, parent: LiveCall, through pipeline: Pipeline, emit: @escaping ServiceEmit
    ) async -> ServiceAnswer {
        let operation = ServiceOperation(target: "touch", refusal: nil) { _ async throws(CallFailure) in
            CallResult(value: true, bytes: Array("true".utf8))
        }
        do throws(CallFailure) {
            return .success(
                try await pipeline.perform(request.call(of: parent, kind: .http, operation: operation)).bytes)
        } catch { return ServiceAnswer(error) }
    }
}

@Suite struct InfrastructureTests {
    private func scanner() throws -> PluginID { try PluginID("corral/scanner") }

    @Test func aCallOfTheHostsOwnGoesDownThePipelineWithTheHostsTime() async throws {
        let bench = try await Bench()
        bench.plugins.answer { _ async throws(CallFailure) in .value("{\"findings\":[]}") }
        let answer = try await bench.infrastructure.call(
            .scanner, plugin: try scanner(), method: "scan", body: ["texts": []], timeout: .seconds(5))
        #expect(answer["findings"] == [])
        let call = try #require(bench.plugins.calls.first)
        #expect(call.kind == .scan)
        #expect(call.infrastructure == .scanner)
        #expect(call.method == "scan")
        #expect(call.targetText == "corral/scanner.scan")
        let body = try JSON(parsing: call.body)
        #expect((body["now_ms"]?.intValue ?? 0) > 1_700_000_000_000)
        #expect(body["texts"] == [])
    }

    @Test func aCallAboutAnotherHangsBelowItAndEndsWithIt() async throws {
        let bench = try await Bench()
        var about = try bench.call()
        about.deadline = 77
        _ = try await bench.infrastructure.call(
            .judge, plugin: try PluginID("corral/judge"), method: "judge", body: [:], about: .init(about),
            timeout: .seconds(5))
        let call = try #require(bench.plugins.calls.first)
        #expect(call.deadline == 77)
        #expect(call.run == bench.run)
        #expect(call.context.user == "ada")
        let span = try #require(try await bench.spans().first)
        #expect(span.kind == "judge")
        #expect(span.trace == about.span.trace)
        #expect(span.parent == about.span.span)
        #expect(span.step == "s")
    }

    @Test func whatIsOverSetsNoDeadline() async throws {
        let bench = try await Bench()
        var about = try bench.call()
        about.deadline = 77
        _ = try await bench.infrastructure.call(
            .judge, plugin: try PluginID("corral/judge"), method: "judge", body: [:],
            about: .init(about, isOver: true), timeout: .seconds(5))
        #expect(try #require(bench.plugins.calls.first).deadline > 77)
    }

    @Test func nothingOfItIsInTheJournal() async throws {
        let bench = try await Bench(services: [Touch()])
        let about = try bench.call()
        let count = try await bench.events().count
        let services = bench.services
        bench.plugins.answer { call async throws(CallFailure) in
            await services.register(LiveCall(call: call))
            let asked = ServiceRequest(
                call: call.id, service: "test.touch/1", method: "touch", body: Array("{}".utf8), grants: Grants())
            let worker = WorkerKey(tenant: .standard, compartment: CompartmentID("operator"), generation: 1)
            let answer = await services.receive(asked, from: worker, emit: { _ in false })
            await services.unregister(call.id)
            guard case .success = answer else { throw CallFailure(.internalFault("\(answer)")) }
            return .value("{}")
        }
        _ = try await bench.infrastructure.call(
            .notifier, plugin: try PluginID("corral/notifier"), method: "notify", body: [:], about: .init(about),
            timeout: .seconds(5))
        #expect(try await bench.events().count == count)
        #expect(try await bench.spans().map(\.kind).sorted() == ["http", "notify"])
    }

    @Test func exportsLeaveNoSpan() async throws {
        let bench = try await Bench()
        let about = try bench.call()
        _ = try await bench.infrastructure.call(
            .tracer, plugin: try PluginID("corral/tracer"), method: "export", body: [:], about: .init(about),
            timeout: .seconds(5))
        #expect(bench.plugins.calls.count == 1)
        #expect(try await bench.spans().isEmpty)
    }

    @Test func aCallOutsideOfRunsHasASpanOfNone() async throws {
        let bench = try await Bench()
        _ = try await bench.infrastructure.call(
            .notifier, plugin: try PluginID("corral/notifier"), method: "notify", body: [:], timeout: .seconds(5))
        let call = try #require(bench.plugins.calls.first)
        #expect(call.run == nil)
        #expect(call.span.parent == nil)
        #expect(try await bench.spans().isEmpty)
    }

    @Test func aPluginsFailureKeepsItsNameAndWhetherToTryAgain() async throws {
        let bench = try await Bench()
        bench.plugins.answer { _ async throws(CallFailure) in
            throw CallFailure(CorralError(ErrorCode(320, "smtp_451"), "try later", isRetryable: true))
        }
        let failure = await failure { () async throws(CallFailure) in
            try await bench.infrastructure.call(
                .notifier, plugin: Self.notifier, method: "notify", bytes: Array("{}".utf8), timeout: .seconds(5))
        }
        #expect(failure?.error.code.name == "smtp_451")
        #expect(failure?.error.isRetryable == true)
    }

    private static let notifier: PluginID = {
        guard let id = try? PluginID("corral/notifier") else { fatalError("a constant id") }
        return id
    }()

    @Test func aFunctionThatTheKindDoesNotHaveIsRefused() async throws {
        let bench = try await Bench()
        let failure = await failure { () async throws(CallFailure) in
            try await bench.infrastructure.call(
                .notifier, plugin: Self.notifier, method: "scan", bytes: Array("{}".utf8), timeout: .seconds(5))
        }
        #expect(failure != nil)
        #expect(bench.plugins.calls.isEmpty)
    }

    @Test func whenTheTenantGoesNothingIsCalled() async throws {
        let bench = try await Bench()
        await bench.infrastructure.disconnect()
        let failure = await failure { () async throws(CallFailure) in
            try await bench.infrastructure.call(
                .notifier, plugin: Self.notifier, method: "notify", bytes: Array("{}".utf8), timeout: .seconds(5))
        }
        #expect(failure?.error.code == .infrastructureGone)
        #expect(failure?.fault == .infrastructure)
    }

    @Test func aMemoryCallOfAnAgentIsAnEffectAndNeedsNoGrantOfTools() async throws {
        let bench = try await Bench()
        bench.plugins.answer { _ async throws(CallFailure) in .value("{\"id\":\"1\"}") }
        var call = try bench.call(caller: .plugin(try PluginID("acme/a"), parent: 1, grants: Grants(memory: true)))
        call.kind = .memory
        call.method = "put"
        call.effect = EffectKey(
            step: "s", item: nil, lineage: 1, service: "corral.host.memory/1", method: "put", requestHash: "00",
            ordinal: 0)
        _ = try await bench.pipeline.perform(call)
        call.id += 100
        let again = try await bench.pipeline.perform(call)
        #expect(again.isFromJournal)
        #expect(bench.plugins.calls.count == 1)
    }

    @Test func aRefusalFromOutsideIsASpanAndNoCall() async throws {
        let bench = try await Bench()
        var call = try bench.call()
        call.refusal = .internalFault("of the test")
        let failure = await failure { () async throws(CallFailure) in try await bench.pipeline.perform(call) }
        #expect(failure?.error.message.contains("of the test") == true)
        #expect(bench.plugins.calls.isEmpty)
        #expect(try await bench.spans().map(\.status) == ["error"])
    }
}
