// SPDX-License-Identifier: Apache-2.0
// SpanExporter: finished spans on their way to the operator's tracers. It never holds up a call: a span is put into a
// bounded queue for each tracer, batches leave one at a time and in order, and what is lost is counted, not waited for.

import CorralBase
import CorralPipeline
import CorralStore

extension Limits {
    /// Spans that wait for one tracer: OpenTelemetry's default for its batch processor; about 2 MB. Later ones are lost.
    package static let spansWaitingMax = 2_048
    /// Spans of one export, as there.
    package static let spansPerExportMax = 512
    /// How long the first span of a batch waits for others.
    package static let spanBatchNanoseconds: UInt64 = 1_000_000_000
    /// One export; a tracer that takes longer has lost the batch's try.
    package static let spanExportTimeout: Duration = .seconds(10)
    /// Tries of one batch, with waits of a quarter, a half and one second between them. Then it is lost.
    package static let spanExportTriesMax = 4
    /// What the end of a tenant waits for its tracers.
    package static let spanFlushNanoseconds: UInt64 = 2_000_000_000
}

/// What came of the spans for one tracer since the tenant was opened.
package struct TracerCounts: Sendable, Hashable {
    package var exported = 0
    /// The queue was full, the tracer failed or is not there.
    package var lost = 0
    /// Taken by the tracer and not kept, as it said.
    package var rejected = 0
    package var waiting = 0
    /// The last failure; nil when the last export succeeded.
    package var problem: String?
}

/// One per tenant, on the tenant's lane.
package actor SpanExporter {
    private nonisolated let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// How the exporter reaches the world; tests hand in their own.
    package struct Seams: Sendable {
        /// Sends one batch: the request's bytes.
        package var export: @Sendable (PluginID, [UInt8]) async throws(CallFailure) -> JSON
        /// The installed tracers.
        package var installed: @Sendable () -> [PluginID]
        /// Calls back on the lane after so many nanoseconds.
        package var after: @Sendable (UInt64, @escaping @Sendable () -> Void) -> Void

        package init(
            export: @escaping @Sendable (PluginID, [UInt8]) async throws(CallFailure) -> JSON,
            installed: @escaping @Sendable () -> [PluginID],
            after: @escaping @Sendable (UInt64, @escaping @Sendable () -> Void) -> Void
        ) {
            self.export = export
            self.installed = installed
            self.after = after
        }
    }

    private struct Destination {
        var waiting: [SpanRecord] = []
        /// Of `waiting`, those that are on their way.
        var underWay = 0
        var isBusy = false
        var isTimed = false
        var counts = TracerCounts()
    }

    private let source: SpanSource
    private let seams: Seams
    /// Nil: no spans leave. An empty list of names means all that are installed.
    private var wanted: [String]?
    private var destinations: [PluginID: Destination] = [:]
    private var isEnding = false
    private var enders: [CheckedContinuation<Void, Never>] = []

    package init(source: SpanSource, executor: any SerialExecutor, seams: Seams) {
        self.source = source
        self.executor = executor
        self.seams = seams
    }

    /// - Parameter tracers: those of the configuration; nil for all that are installed.
    package func choose(isOn: Bool, tracers: [String]?) { wanted = isOn ? tracers ?? [] : nil }

    /// Takes a finished span. Called on the lane; returns at once, whatever the tracers do.
    package func offer(_ span: SpanRecord) {
        guard let wanted else { return }
        let installed = seams.installed()
        for tracer in wanted.isEmpty ? installed : wanted.compactMap({ try? PluginID($0) }) {
            offer(span, to: tracer, isThere: wanted.isEmpty || installed.contains(tracer))
        }
    }

    package var counts: [PluginID: TracerCounts] {
        destinations.mapValues { destination in
            var counts = destination.counts
            counts.waiting = destination.waiting.count
            return counts
        }
    }

    /// The same for people, by name.
    package var counters: [String: Int64] {
        var counters: [String: Int64] = [:]
        for (tracer, counts) in self.counts {
            for (name, count) in [
                ("exported to", counts.exported), ("lost for", counts.lost), ("rejected by", counts.rejected),
                ("waiting for", counts.waiting),
            ] where count > 0 || name == "exported to" { counters["spans \(name) \(tracer)"] = Int64(count) }
        }
        return counters
    }

    /// Sends what waits, for a bounded time; what is left then is lost, as is every later span.
    package func finish() async {
        isEnding = true
        for tracer in destinations.keys { startDraining(tracer) }
        guard destinations.values.contains(where: \.isBusy) else { return }
        seams.after(Limits.spanFlushNanoseconds) { self.assumeIsolated { $0.giveUp() } }
        await withCheckedContinuation { enders.append($0) }
    }

    // MARK: The queue

    private func offer(_ span: SpanRecord, to tracer: PluginID, isThere: Bool) {
        var destination = destinations[tracer] ?? Destination()
        defer { destinations[tracer] = destination }
        guard isThere, !isEnding, destination.waiting.count < Limits.spansWaitingMax else {
            destination.counts.lost += 1
            if !isThere { destination.counts.problem = "it is not installed" }
            return
        }
        destination.waiting.append(span)
        guard !destination.isBusy else { return }
        if destination.waiting.count >= Limits.spansPerExportMax {
            // Not structured: the call whose span this is must not wait for it.
            Task { self.startDraining(tracer) }
        } else if !destination.isTimed {
            destination.isTimed = true
            seams.after(Limits.spanBatchNanoseconds) { self.assumeIsolated { $0.startDraining(tracer) } }
        }
    }

    private func startDraining(_ tracer: PluginID) {
        destinations[tracer]?.isTimed = false
        guard let destination = destinations[tracer], !destination.isBusy, !destination.waiting.isEmpty else { return }
        destinations[tracer]?.isBusy = true
        // Not structured: it ends when the queue is empty, and `finish` waits for it.
        Task { await self.drain(tracer) }
    }

    private func drain(_ tracer: PluginID) async {
        while let waiting = destinations[tracer]?.waiting, !waiting.isEmpty {
            let batch = Array(waiting.prefix(Limits.spansPerExportMax))
            destinations[tracer]?.underWay = batch.count
            let outcome = await send(batch, to: tracer)
            // Whoever gave up meanwhile has counted the batch.
            guard destinations[tracer]?.underWay == batch.count else { break }
            destinations[tracer]?.underWay = 0
            destinations[tracer]?.waiting.removeFirst(batch.count)
            settle(outcome, of: batch.count, tracer)
        }
        destinations[tracer]?.isBusy = false
        if isEnding, !destinations.values.contains(where: \.isBusy) { wakeEnders() }
    }

    private func settle(_ outcome: Result<Int, CallFailure>, of count: Int, _ tracer: PluginID) {
        switch outcome {
        case .success(let rejected):
            destinations[tracer]?.counts.exported += count - rejected
            destinations[tracer]?.counts.rejected += rejected
            destinations[tracer]?.counts.problem = nil
        case .failure(let failure):
            destinations[tracer]?.counts.lost += count
            destinations[tracer]?.counts.problem = failure.error.message
        }
    }

    /// One batch, tried again when the tracer says that it may succeed, and after its process died.
    /// - Returns: how many spans the tracer rejected.
    private func send(_ batch: [SpanRecord], to tracer: PluginID) async -> Result<Int, CallFailure> {
        let body = SpanExport.request(batch, from: source).bytes()
        var tries = 0
        while true {
            tries += 1
            do throws(CallFailure) {
                let answer = try await seams.export(tracer, body)
                return .success(min(batch.count, Int(clamping: max(0, answer["rejected"]?.intValue ?? 0))))
            } catch {
                let isWorthIt = error.fault == .infrastructure || error.error.isRetryable
                guard isWorthIt, !isEnding, tries < Limits.spanExportTriesMax else { return .failure(error) }
            }
            await pause(nanoseconds: 250_000_000 << UInt64(tries - 1))
        }
    }

    private func pause(nanoseconds: UInt64) async {
        await withCheckedContinuation { continuation in seams.after(nanoseconds) { continuation.resume() } }
    }

    private func giveUp() {
        for tracer in destinations.keys {
            let count = destinations[tracer]?.waiting.count ?? 0
            destinations[tracer]?.counts.lost += count
            destinations[tracer]?.waiting = []
            destinations[tracer]?.underWay = 0
        }
        wakeEnders()
    }

    private func wakeEnders() {
        let waiting = enders
        enders = []
        for ender in waiting { ender.resume() }
    }
}
