// SPDX-License-Identifier: Apache-2.0
import CorralBase
import CorralEngine
import CorralPipeline
import CorralStore
import Synchronization
import Testing

import class CorralSupervision.Lane

/// A lane with an exporter on it whose tracers are closures. Time stands still: timers run when the test says so.
private final class ExportBench: Sendable {
    typealias Export = @Sendable (PluginID, JSON) async throws(CallFailure) -> JSON

    let lane: Lane
    let exporter: SpanExporter
    private let timerBox: SendableBox<Mutex<[@Sendable () -> Void]>>
    private let sentBox: SendableBox<Mutex<[String: [[String]]]>>

    init(installed: [String] = ["a/t"], _ export: @escaping Export = { _, _ throws(CallFailure) in [:] }) throws {
        let lane = try Lane(name: "export test")
        self.lane = lane
        let ids = try installed.map { try PluginID($0) }
        let timers = SendableBox<Mutex<[@Sendable () -> Void]>>(Mutex([]))
        let sent = SendableBox<Mutex<[String: [[String]]]>>(Mutex([:]))
        self.timerBox = timers
        self.sentBox = sent
        exporter = SpanExporter(
            source: SpanSource(tenant: "acme", version: "1"), executor: lane,
            seams: SpanExporter.Seams(
                export: { tracer, bytes async throws(CallFailure) in
                    let request = (try? JSON(parsing: bytes)) ?? .null
                    let answer = try await export(tracer, request)
                    sent.value.withLock { $0[tracer.text, default: []].append(Self.names(request)) }
                    return answer
                },
                installed: { ids }, after: { _, body in timers.value.withLock { $0.append(body) } }))
    }

    deinit { lane.stop() }

    func offer(_ names: [String]) async {
        for name in names { await exporter.offer(Self.span(name)) }
    }

    /// Runs the timers that are set, on the lane.
    func tick() async {
        let due = timerBox.value.withLock { timers in
            defer { timers = [] }
            return timers
        }
        await exporter.onLane { for body in due { body() } }
    }

    /// Ticks until a condition holds.
    func settle(_ condition: @Sendable ([PluginID: TracerCounts]) -> Bool) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        while !condition(await exporter.counts) {
            let counts = await exporter.counts
            try #require(ContinuousClock.now < deadline, "\(counts)")
            await tick()
            await Task.yield()
        }
    }

    func sent(to tracer: String = "a/t") -> [[String]] { sentBox.value.withLock { $0[tracer] ?? [] } }

    private static func span(_ name: String) -> SpanRecord {
        SpanRecord(
            trace: "0af7651916cd43dd8448eb211c80319c", span: "00f067aa0ba902b7",
            run: RunID(milliseconds: 1, random: 1), name: name, kind: "scan", startedAt: 1, endedAt: 2, status: "ok")
    }

    private static func names(_ request: JSON) -> [String] {
        let scope = request["resourceSpans"]?.arrayValue?.first?["scopeSpans"]?.arrayValue?.first
        return (scope?["spans"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    }
}

private final class SendableBox<Value: Sendable & ~Copyable>: Sendable {
    let value: Value
    init(_ value: consuming Value) { self.value = value }
}

extension SpanExporter {
    fileprivate func onLane(_ body: () -> Void) { body() }
}

private func names(_ range: Range<Int>) -> [String] { range.map { "s\($0)" } }

@Suite struct SpanExporterTests {
    @Test func sendsInOrderAndInBatches() async throws {
        let bench = try ExportBench()
        await bench.exporter.choose(isOn: true, tracers: nil)
        await bench.offer(names(0..<1_300))
        try await bench.settle { $0.values.first?.exported == 1_300 }
        #expect(bench.sent().flatMap(\.self) == names(0..<1_300))
        #expect(bench.sent().allSatisfy { $0.count <= Limits.spansPerExportMax })
    }

    @Test func countsWhatDoesNotFitAndNeverWaits() async throws {
        let gate = Gate()
        let bench = try ExportBench { _, _ throws(CallFailure) in
            await gate.wait()
            return [:]
        }
        await bench.exporter.choose(isOn: true, tracers: nil)
        // The tracer takes nothing, and every offer returns.
        await bench.offer(names(0..<3_000))
        let counts = try #require(await bench.exporter.counts.values.first)
        #expect(counts.waiting == Limits.spansWaitingMax && counts.lost == 3_000 - Limits.spansWaitingMax)
        gate.open()
        try await bench.settle { $0.values.first?.exported == Limits.spansWaitingMax }
    }

    @Test func sendsAgainAfterTheTracersProcessDied() async throws {
        let failures = Mutex(2)
        let bench = try ExportBench { _, _ throws(CallFailure) in
            let isDead = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            if isDead { throw CallFailure(.internalFault("the worker died"), fault: .infrastructure) }
            return [:]
        }
        await bench.exporter.choose(isOn: true, tracers: nil)
        await bench.offer(["one", "two"])
        try await bench.settle { $0.values.first?.exported == 2 }
        let counts = await bench.exporter.counts
        #expect(bench.sent() == [["one", "two"]] && counts.values.first?.lost == 0)
    }

    @Test func givesUpAfterItsTriesAndAtOnceWhenTheyAreInVain() async throws {
        let tries = Mutex(0)
        let bench = try ExportBench { tracer, _ throws(CallFailure) in
            tries.withLock { $0 += tracer.text == "a/t" ? 1 : 100 }
            throw CallFailure(
                CorralError(ErrorCode(1, "x"), "full", isRetryable: tracer.text == "a/t"))
        }
        await bench.exporter.choose(isOn: true, tracers: nil)
        await bench.offer(["one"])
        try await bench.settle { $0.values.first?.lost == 1 }
        #expect(tries.withLock { $0 } == Limits.spanExportTriesMax)
        let vain = try ExportBench(installed: ["b/t"]) { _, _ throws(CallFailure) in
            tries.withLock { $0 += 100 }
            throw CallFailure(CorralError(ErrorCode(1, "x"), "bad"))
        }
        await vain.exporter.choose(isOn: true, tracers: nil)
        await vain.offer(["one"])
        try await vain.settle { $0.values.first?.lost == 1 }
        #expect(tries.withLock { $0 } == Limits.spanExportTriesMax + 100)
        let counts = await vain.exporter.counts
        #expect(counts.values.first?.problem == "bad")
    }

    @Test func aFailingTracerHoldsUpNoOther() async throws {
        let gate = Gate()
        let bench = try ExportBench(installed: ["a/slow", "a/t"]) { tracer, _ throws(CallFailure) in
            if tracer.text == "a/slow" { await gate.wait() }
            return ["rejected": 1]
        }
        await bench.exporter.choose(isOn: true, tracers: nil)
        await bench.offer(["one", "two"])
        try await bench.settle { counts in counts.contains { $0.key.text == "a/t" && $0.value.exported == 1 } }
        let counts = await bench.exporter.counts
        #expect(counts.first { $0.key.text == "a/t" }?.value.rejected == 1)
        gate.open()
    }

    @Test func countsForATracerThatIsNotThere() async throws {
        let bench = try ExportBench()
        await bench.exporter.choose(isOn: true, tracers: ["b/missing"])
        await bench.offer(["one", "two"])
        let counts = await bench.exporter.counts
        #expect(counts.count == 1 && counts.values.first?.lost == 2)
        #expect(counts.values.first?.problem?.contains("not installed") == true)
        await bench.exporter.choose(isOn: false, tracers: nil)
        await bench.offer(["three"])
        #expect(await bench.exporter.counts == counts)
    }

    @Test func theEndSendsWhatWaitsAndWaitsNoLongerThanItsBound() async throws {
        let bench = try ExportBench()
        await bench.exporter.choose(isOn: true, tracers: nil)
        await bench.offer(["last"])
        await bench.exporter.finish()
        #expect(bench.sent() == [["last"]])
        let gate = Gate()
        let stuck = try ExportBench { _, _ throws(CallFailure) in
            await gate.wait()
            return [:]
        }
        await stuck.exporter.choose(isOn: true, tracers: nil)
        await stuck.offer(["one", "two"])
        async let end: Void = stuck.exporter.finish()
        try await stuck.settle { $0.values.first?.lost == 2 }
        await end
        gate.open()
    }
}

/// Holds whoever waits until it is opened.
private final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
