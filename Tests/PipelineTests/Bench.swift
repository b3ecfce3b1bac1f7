// SPDX-License-Identifier: Apache-2.0
// Bench: a tenant's pipeline over a real store and lane, with scripted plugins at its end.

import CorralBase
import CorralPipeline
import CorralServices
import CorralStore
import CorralWire
import Foundation
import Synchronization

import class CorralSupervision.Lane
import struct CorralSupervision.SystemClock

/// What stands for the workers: answers each call with a closure, and remembers what it was sent.
final class ScriptedPlugins: Dispatcher {
    typealias Answer = @Sendable (Call) async throws(CallFailure) -> WorkerOutput

    private let state = Mutex<(calls: [Call], answer: Answer)>(([], { _ in .value("null") }))

    var calls: [Call] { state.withLock { $0.calls } }
    func answer(_ answer: @escaping Answer) { state.withLock { $0.answer = answer } }

    func dispatch(_ call: Call) async throws(CallFailure) -> WorkerOutput {
        let answer = state.withLock { state in
            state.calls.append(call)
            return state.answer
        }
        return try await answer(call)
    }
}

extension WorkerOutput {
    static func value(_ text: String, files: [File] = []) -> WorkerOutput {
        WorkerOutput(result: Array(text.utf8), files: files, confidence: 0.5, changes: [], metrics: CallMetrics())
    }
}

final class Bench: Sendable {
    let folder: String
    let lane: Lane
    let journal: JournalWriter
    let tracer: Tracer
    let services: Services
    let plugins = ScriptedPlugins()
    let pipeline: Pipeline
    let infrastructure: InfrastructureCalls
    let artifacts: ArtifactFolder
    let scanner: TextScanner
    let loops: LoopDetector
    let run = RunID(milliseconds: 1, random: 1)
    private let numbers = Atomic<UInt64>(1)

    init(
        serial: Set<String> = [], limits: TenantLimits = TenantLimits(), equalCalls: Int? = nil,
        services offered: [any HostService] = [],
        scanner backend: ScriptedScanner = ScriptedScanner(isInstalled: false), policy: ScanPolicy = ScanPolicy()
    ) async throws {
        folder = NSTemporaryDirectory() + "corral-pipeline-\(UUID().uuidString)"
        let tenant = TenantID.standard
        let store = try TenantStore(
            folder: folder, tenant: tenant, keys: KeyFolder(path: folder + "/keys"), now: 0)
        artifacts = store.artifacts
        let lane = try Lane(name: "test")
        self.lane = lane
        journal = JournalWriter(store: store, executor: lane) { lane.atEndOfTurn($0) }
        tracer = Tracer(store: try SpanStore(folder: folder), executor: lane)
        scanner = TextScanner(backend: backend, policy: policy, executor: lane)
        await tracer.connect(Redactor(scanner: scanner))
        loops = LoopDetector(limit: equalCalls, executor: lane)
        pipeline = .standard(
            tracer: tracer, journal: journal, dispatcher: plugins, keeper: Keeper(folder: artifacts), scanner: scanner,
            gate: TenantGate(limits: limits, clock: SystemClock(), executor: lane), loops: loops, clock: SystemClock()
        ) { serial.contains($0.text) }
        let counter = Mutex<UInt64>(1_000)
        services = Services(executor: lane, services: offered) {
            counter.withLock { number in
                number += 1
                return number
            }
        }
        infrastructure = InfrastructureCalls(tenant: tenant, clock: SystemClock(), executor: lane) {
            counter.withLock { number in
                number += 1
                return number
            }
        }
        await services.connect(pipeline)
        await infrastructure.connect(pipeline)
        let creation = RunCreation(flow: "f", flowDigest: "", definition: [], input: [], seed: 0, mode: .sync)
        try await journal.append([JournalRecord(run: run, at: 0, event: .runCreated(creation))], .sync)
    }

    deinit {
        lane.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func call(
        _ body: String = "{}", plugin: String = "acme/a", caller: Call.Caller = .engine, ancestors: [String] = [],
        attempt: Int = 1, lineage: Int = 1
    ) throws -> Call {
        Call(
            id: numbers.add(1, ordering: .relaxed).newValue, tenant: .standard, kind: .agent,
            origin: CallOrigin(run: run, attempt: AttemptKey(step: "s", attempt: attempt, lineage: lineage)),
            caller: caller, plugin: try PluginID(plugin), method: "", body: Array(body.utf8), artifacts: [],
            context: CallContext(user: "ada"), deadline: .max, ancestors: try ancestors.map { try PluginID($0) },
            durability: .sync, span: .root(), observer: { _ in })
    }

    func events() async throws -> [JournalEvent] {
        let run = run
        return try await journal.withStore { try $0.journal(of: run).map(\.event) }
    }

    func spans() async throws -> [SpanRecord] { try await tracer.spans(of: run).spans }
}

/// Keeps files in the store's own folder, as the engine does.
private struct Keeper: ArtifactKeeper {
    let folder: ArtifactFolder

    func keep(_ file: WorkerOutput.File) async throws -> ArtifactRef {
        guard case .bytes(let bytes) = file.content else { throw CorralError.internalFault("a file of the test") }
        return try folder.importBytes(bytes, name: file.name, mediaType: file.mediaType)
    }
}

/// The failure of a call, or nil when it succeeded.
func failure(_ body: () async throws(CallFailure) -> CallResult) async -> CallFailure? {
    do {
        _ = try await body()
        return nil
    } catch { return error }
}
