// SPDX-License-Identifier: Apache-2.0
// MemoryTests: the rules of memory, and the host service that applies them, over a scripted backend.

import CorralBase
import CorralPipeline
import CorralStore
import CorralWire
import Synchronization
import Testing

@testable import CorralServices

@Suite struct MemoryRulesTests {
    private func rules(
        _ scope: JSON? = nil, agent: String = "a/b", session: String? = "s1", crossAgent: Bool = false,
        crossSession: Bool = true, isOperator: Bool = false
    ) throws -> MemoryRules {
        var settings = MemorySettings()
        settings.isSharedByAgents = crossAgent
        settings.isSharedBySessions = crossSession
        var asker = MemoryAsker(agent: agent, run: "r1", session: session, user: "ann")
        asker.isOperator = isOperator
        return try MemoryRules(settings, asker: asker, scope: scope, nowMilliseconds: 1_000)
    }

    private let mark = MemoryRules.sessionMark("s1")

    @Test func anAgentsOwnMemoryIsItsOwnInEveryLayer() throws {
        let rules = try rules()
        #expect(rules.namespace(.longTerm) == "agent:a/b" && rules.namespace(.mediumTerm) == "agent:a/b")
        #expect(rules.namespace(.shortTerm) == "agent:a/b@\(mark)", "current_session")
        #expect(!mark.contains("s1"), "a session's name is text of a user's")
    }

    @Test func sharedScopesNeedTheSharingOfAgents() throws {
        for scope in ["session", "tenant"] {
            #expect(throws: CorralError.self) { try rules(.string(scope)) }
        }
        #expect(try rules("session", crossAgent: true).namespace(.longTerm) == "session@\(mark)")
        #expect(try rules("tenant", crossAgent: true).namespace(.longTerm) == "tenant")
        #expect(throws: CorralError.self) { try rules("everything", crossAgent: true) }
        #expect(throws: CorralError.self) { try rules(7) }
    }

    @Test func withoutSharingOfSessionsEverythingIsOfOne() throws {
        let rules = try rules("tenant", crossAgent: true, crossSession: false)
        #expect(MemoryLayer.allCases.allSatisfy { rules.namespace($0) == "tenant@\(mark)" })
    }

    @Test func setsAuthorNamespaceAndExpiry() throws {
        let put = try rules().bodies(
            .put, ["text": "t", "layer": "long_term", "namespace": "tenant", "author": ["agent": "x/y"], "key": "k"],
            author: ["agent": "a/b"], effect: "e")[0]
        #expect(put["namespace"] == "agent:a/b" && put["author"] == ["agent": "a/b"] && put["effect"] == "e")
        #expect(put["expires_at_ms"] == .int(1_000 + 90 * 86_400_000))
        let shorter = try rules().bodies(.put, ["text": "t", "expires_in_ms": 5], author: [:])[0]
        #expect(shorter["expires_at_ms"] == 1_005 && shorter["layer"] == "medium_term")
        let longer = try rules().bodies(.put, ["text": "t", "expires_in_ms": .int(.max)], author: [:])[0]
        #expect(longer["expires_at_ms"] == .int(1_000 + 7 * 86_400_000), "a layer's retention is the most")
    }

    @Test func asksForEachLayerWhereItLies() throws {
        let get = try rules().bodies(.get, ["key": "k"], author: [:])
        #expect(get.map { $0["layer"]?.stringValue } == ["short_term", "medium_term", "long_term"])
        #expect(get.map { $0["namespace"]?.stringValue } == ["agent:a/b@\(mark)", "agent:a/b", "agent:a/b"])
        let forget = try rules().bodies(.forget, ["all": true], author: [:])
        #expect(forget.count == 2 && forget[1]["layers"] == ["medium_term", "long_term"])
        let search = try rules().bodies(.search, ["query": "q", "layers": ["long_term"]], author: [:])
        #expect(search[0]["namespaces"] == ["agent:a/b"] && search[0]["limit"] == .int(Limits.memoryEntriesStandard))
    }

    @Test(
        arguments: [
            (.put, [:]), (.put, ["text": 1]), (.put, ["text": "t", "layer": "forever"]),
            (.put, ["text": "t", "expires_in_ms": -1]), (.search, [:]), (.search, ["query": "q", "limit": 0]),
            (.list, ["limit": 201]), (.list, ["layers": ["x"]]),
        ] as [(MemoryMethod, JSON)])
    func refusesWhatItCannotRead(_ method: MemoryMethod, _ arguments: JSON) throws {
        let rules = try rules()
        #expect(throws: CorralError.self) { try rules.bodies(method, arguments, author: [:]) }
    }

    /// A backend is a plugin: what it answers is checked like what it is asked.
    @Test func leavesOutWhatABackendShouldNotHaveShown() throws {
        let entry: (String, String, Double) -> JSON = {
            ["id": "m1", "namespace": .string($0), "layer": .string($1), "score": .double($2)]
        }
        let answer: JSON = [
            "entries": [
                entry("agent:a/b", "long_term", 0.9), entry("agent:x/y", "long_term", 0.95),
                entry("agent:a/b", "short_term", 0.9), entry("agent:a/b", "long_term", 0.69),
            ]
        ]
        let search = try rules().answer(.search, [answer])
        #expect(search["entries"]?.arrayValue?.count == 1 && search["left_out"] == 1)
        #expect(try rules().answer(.list, [answer])["entries"]?.arrayValue?.count == 2)
        let other: JSON = ["entry": entry("tenant", "long_term", 1)]
        #expect(try rules().answer(.get, [other])["entry"] == .null)
    }

    @Test func anOperatorSeesAllAndWritesAsNobodysAgent() throws {
        let all = try rules(agent: "", session: nil, isOperator: true)
        #expect(try all.bodies(.list, [:], author: [:])[0]["namespaces"] == ["*"])
        #expect(throws: CorralError.self) { try all.bodies(.put, ["text": "t"], author: [:]) }
        #expect(try rules("tenant", isOperator: true).namespace(.longTerm) == "tenant")
    }

    @Test func isOffWhenTheConfigurationSaysSo() {
        var settings = MemorySettings()
        settings.isEnabled = false
        #expect(throws: CorralError.self) {
            try MemoryRules(settings, asker: MemoryAsker(agent: "a/b"), scope: nil, nowMilliseconds: 0)
        }
    }
}

/// Answers with a closure and remembers what it was asked.
private final class ScriptedBackend: MemoryBackend {
    private let state = Mutex<[(MemoryMethod, JSONObject)]>([])
    private let answer: @Sendable (MemoryMethod, JSONObject) throws(CallFailure) -> JSON

    init(_ answer: @escaping @Sendable (MemoryMethod, JSONObject) throws(CallFailure) -> JSON) { self.answer = answer }

    var asked: [(MemoryMethod, JSONObject)] { state.withLock { $0 } }

    func plugin() throws(CorralError) -> PluginID {
        do { return try PluginID("corral/memory-test") } catch { throw .internalFault("\(error)") }
    }

    func ask(_ method: MemoryMethod, _ body: JSONObject, for call: Call?) async throws(CallFailure) -> JSON {
        state.withLock { $0.append((method, body)) }
        return try answer(method, body)
    }
}

@Suite struct MemoryServiceTests {
    private let worker = WorkerKey(tenant: .standard, compartment: CompartmentID("shared"), generation: 1)

    private func bench(_ backend: ScriptedBackend, crossAgent: Bool = false) async throws -> Bench {
        var settings = MemorySettings()
        settings.isSharedByAgents = crossAgent
        let fixed = settings
        let access = MemoryAccess(
            backend: backend, settings: { fixed },
            redact: { $0.map { $0.replacing("4111111111111111", with: "[redacted:credit_cards]") } },
            clock: BenchClock())
        return try await Bench(services: [MemoryService(access)])
    }

    private func ask(
        _ bench: Bench, _ method: String, _ body: String, grants: Grants = .forMemory, attempt: Int = 1
    ) async throws -> ServiceAnswer {
        let call = try bench.call(attempt: attempt)
        await bench.services.register(LiveCall(call: call))
        let request = ServiceRequest(
            call: call.id, service: "corral.host.memory/1", method: method, body: Array(body.utf8), grants: grants)
        return await bench.services.receive(request, from: worker, emit: noEvents)
    }

    @Test func putsWithTheHostsNamespaceAndAuthor() async throws {
        let backend = ScriptedBackend { _, _ throws(CallFailure) in ["id": "m1"] }
        let bench = try await bench(backend)
        let answer = try await ask(bench, "put", #"{"text":"t","namespace":"tenant","author":{"agent":"x/y"}}"#)
        guard case .success(let bytes, _) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(try JSON(parsing: bytes) == ["id": "m1"])
        let (method, body) = try #require(backend.asked.first)
        #expect(method == .put && body["namespace"] == "agent:acme/a")
        #expect(body["author"]?["agent"] == "acme/a" && body["author"]?["user"] == "ada")
        #expect(body["author"]?["run"] == .string(bench.run.text))
    }

    @Test func answersTheSameFromTheJournalAfterAResume() async throws {
        let count = Mutex(0)
        let backend = ScriptedBackend { _, _ throws(CallFailure) in
            ["id": .string("m\(count.withLock { $0 += 1; return $0 })")]
        }
        let bench = try await bench(backend)
        guard case .success(let first, _) = try await ask(bench, "put", #"{"text":"t"}"#),
            case .success(let second, _) = try await ask(bench, "put", #"{"text":"t"}"#, attempt: 2)
        else {
            Issue.record("a put failed")
            return
        }
        #expect(first == second && backend.asked.count == 1)
        let events = try await bench.events()
        #expect(events.contains { if case .effectResult = $0 { true } else { false } })
    }

    @Test func keepsRedactedCopiesOnly() async throws {
        let backend = ScriptedBackend { _, _ throws(CallFailure) in ["id": "m1"] }
        let bench = try await bench(backend)
        let card = "4111111111111111"
        _ = try await ask(
            bench, "put", #"{"text":"pay \#(card)","value":{"\#(card)":[1,"\#(card)"]},"tags":["\#(card)"]}"#)
        let body = try #require(backend.asked.first?.1)
        #expect(!JSON.object(body).text().contains(card))
        #expect(body["text"] == "pay [redacted:credit_cards]")
        let keyed = try await ask(bench, "put", #"{"text":"t","key":"card \#(card)"}"#)
        guard case .failure(_, let error) = keyed else {
            Issue.record("\(keyed)")
            return
        }
        #expect(error.code == .memoryKeySensitive && !error.message.contains(card) && backend.asked.count == 1)
    }

    @Test func refusesWithoutGrantAndAgainstTheSharingRules() async throws {
        let backend = ScriptedBackend { _, _ throws(CallFailure) in [:] }
        let bench = try await bench(backend)
        guard case .failure(.denied, let grant) = try await ask(bench, "list", "{}", grants: Grants()),
            case .failure(.denied, let shared) = try await ask(bench, "list", #"{"scope":"tenant"}"#)
        else {
            Issue.record("it was let through")
            return
        }
        #expect(grant.code == .notGranted && shared.code == .memoryNotShared && backend.asked.isEmpty)
        let spans = try await bench.spans().filter { $0.kind == "memory_use" }
        #expect(spans.count == 2 && spans.allSatisfy { $0.status == "error" })
    }

    @Test func spansSayWhatWasDoneAndNotWhatWasSaid() async throws {
        let backend = ScriptedBackend { _, _ throws(CallFailure) in ["entries": []] }
        let bench = try await bench(backend)
        _ = try await ask(bench, "search", #"{"query":"secret plans"}"#)
        let span = try #require(try await bench.spans().first { $0.kind == "memory_use" })
        #expect(span.name == "memory.search" && span.attributes["gen_ai.operation.name"] == "search_memory")
        #expect(span.attributes["gen_ai.memory.store.id"] == "corral/memory-test")
        #expect(!span.attributes.text().contains("secret plans"))
    }
}

private struct BenchClock: HostClock {
    func wallNanoseconds() -> Int64 { 1_700_000_000_000_000_000 }
    func monotonicNanoseconds() -> UInt64 { 1 }
}

extension Grants {
    fileprivate static var forMemory: Grants {
        var grants = Grants()
        grants.memory = true
        return grants
    }
}
