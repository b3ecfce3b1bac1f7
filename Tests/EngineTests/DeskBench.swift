// SPDX-License-Identifier: Apache-2.0
// DeskBench: a tenant's courier and judges over a real store and lane, with a clock that a test moves and plugins that a
// test writes.

import CorralBase
import CorralPipeline
import CorralStore
import Foundation
import Logging
import Synchronization
import Testing

import class CorralSupervision.Lane

@testable import CorralEngine

/// Moved by hand.
final class HandClock: HostClock {
    private let time = Mutex<Int64>(1_795_654_923_000_000_000)

    func wallNanoseconds() -> Int64 { time.withLock { $0 } }
    func monotonicNanoseconds() -> UInt64 { UInt64(time.withLock { $0 }) }
    func advance(seconds: Int64) { time.withLock { $0 += seconds * 1_000_000_000 } }
}

/// What stands for a notifier or a judge.
final class ScriptedPlugin: Sendable {
    typealias Answer = @Sendable (PluginID, JSONObject) async throws(CallFailure) -> JSON

    private let state = Mutex<(asked: [(plugin: PluginID, body: JSONObject)], answer: Answer)>(([], { _, _ in [:] }))

    var asked: [(plugin: PluginID, body: JSONObject)] { state.withLock { $0.asked } }
    func answer(_ answer: @escaping Answer) { state.withLock { $0.answer = answer } }

    func ask(_ plugin: PluginID, _ body: JSONObject) async throws(CallFailure) -> JSON {
        let answer = state.withLock { state in
            state.asked.append((plugin, body))
            return state.answer
        }
        return try await answer(plugin, body)
    }
}

extension CallFailure {
    static func plugin(_ code: String, retryable: Bool, details: String? = nil) -> CallFailure {
        CallFailure(CorralError(ErrorCode(900, code), "it said \(code)", cause: details, isRetryable: retryable))
    }
}

/// A folder for a store; it goes away with this.
final class DeskFolder: Sendable {
    let path = NSTemporaryDirectory() + "corral-desk-\(UUID().uuidString.prefix(8))"
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

struct DeskBench {
    let folder: DeskFolder
    let lane: Lane
    let clock: HandClock
    let journal: JournalWriter
    let tracer: Tracer
    let courier: Courier
    let notifier = ScriptedPlugin()
    let judge = ScriptedPlugin()
    let judges: JudgePanel
    let run = RunID(milliseconds: 1, random: 1)

    init(
        _ notifications: NotificationSettings = NotificationSettings(),
        _ evaluation: EvaluationSettings = EvaluationSettings(), folder: DeskFolder = DeskFolder(),
        clock: HandClock = HandClock(), installed: [String] = ["corral/judge-rules"],
        redact: @escaping @Sendable ([String]) async -> [String] = { $0 }
    ) async throws {
        self.folder = folder
        self.clock = clock
        let lane = try Lane(name: "test")
        self.lane = lane
        let store = try TenantStore(
            folder: folder.path, tenant: .standard, keys: KeyFolder(path: folder.path + "/keys"), now: 0)
        journal = JournalWriter(store: store, executor: lane) { lane.atEndOfTurn($0) }
        tracer = Tracer(store: try SpanStore(folder: folder.path), executor: lane)
        var log = Logger(label: "test")
        log.logLevel = .critical
        courier = Courier(
            tenant: .standard, lane: lane, journal: journal, clock: clock, log: log, folder: folder.path,
            settings: notifications,
            notify: { [notifier] plugin, body async throws(CallFailure) in try await notifier.ask(plugin, body) },
            redact: redact)
        let keeper = ScoreKeeper(
            tenant: .standard, journal: journal, tracer: tracer, courier: courier, redact: redact, clock: clock,
            log: log)
        let ids = try installed.map { try PluginID($0) }
        judges = JudgePanel(
            tenant: .standard, lane: lane, clock: clock, log: log, settings: evaluation, judges: { ids },
            judge: { [judge] plugin, body, _, _ async throws(CallFailure) in try await judge.ask(plugin, body) },
            keeper: keeper)
    }

    /// The host ends: nothing is written any more.
    func end() async {
        await judges.stop()
        await courier.stop()
        lane.stop()
    }

    /// The run that scores are of.
    func begin() async throws {
        let creation = RunCreation(
            flow: "market-review", flowDigest: "", definition: Array("x".utf8), input: Array("{}".utf8), seed: 1,
            mode: .sync)
        try await journal.append([JournalRecord(run: run, at: 1, event: .runCreated(creation))], .sync)
    }

    func step(_ name: String = "decide", output: String = "{}") -> JudgedStep {
        JudgedStep(
            place: NoticePlace(run: run, flow: "market-review", step: name, item: nil, agent: "corral/desk"),
            attempt: AttemptKey(step: name, item: nil, attempt: 1, lineage: 0), span: .root(), context: .init(),
            input: Array(#"{"a":1}"#.utf8), output: Array(output.utf8))
    }
}

/// Waits until something is so, at most ten seconds.
func eventually(
    _ what: String, sourceLocation: Testing.SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if try await isSo() { return }
        try await Task.sleep(for: .milliseconds(2))
    }
    Issue.record("not within 10 seconds: \(what)", sourceLocation: sourceLocation)
}
