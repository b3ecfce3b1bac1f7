// SPDX-License-Identifier: Apache-2.0
// Tracer: the outermost interceptor. Every call has a span, whoever made it and however it ended, because no call can
// go around this.

import CorralBase
import CorralStore

/// One per tenant, on the tenant's lane; the only writer of the tenant's spans.
package actor Tracer {
    private nonisolated let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let store: SpanStore
    /// Nil until the tenant's scanners can be asked.
    private var redactor: Redactor?
    /// Gets every finished span, on the lane.
    private var sink: (@Sendable (SpanRecord) -> Void)?

    package init(store: sending SpanStore, executor: any SerialExecutor) {
        self.store = store
        self.executor = executor
    }

    /// The scanners are asked through calls, which have spans: the circle is closed once, at start.
    package func connect(_ redactor: Redactor) { self.redactor = redactor }

    /// Sends finished spans on; nil ends that.
    package func setSink(_ sink: (@Sendable (SpanRecord) -> Void)?) { self.sink = sink }

    /// Keeps a redacted copy, and sends it on. A scanner's own span is kept as it is, or no span would ever be the last: it
    /// holds nothing that the host did not write.
    package func record(_ span: SpanRecord) async {
        let isScan = span.kind == CallKind.scan.rawValue
        let copy = if let redactor, !isScan { await redactor.redact(span) } else { span }
        store.record(copy)
        if copy.endedAt != nil { sink?(copy) }
    }

    /// Writes what waits.
    package func flush() { store.flush() }

    /// The run's spans by start, and how many of the tenant's were lost since the start.
    package func spans(of run: RunID) throws -> (spans: [SpanRecord], dropped: Int) {
        (try store.spans(of: run), store.dropped)
    }

    /// How often a plugin used what it was granted.
    package func usage(by plugin: PluginID) throws -> [SpanUsage] { try store.usage(by: plugin) }

    /// Why spans are being lost, or nil.
    package var problem: CorralError? { store.problem }
}

package struct Tracing: Interceptor {
    private let tracer: Tracer
    private let clock: any HostClock

    package init(tracer: Tracer, clock: any HostClock) {
        self.tracer = tracer
        self.clock = clock
    }

    package func intercept(_ call: Call, _ next: Pipeline.Next) async throws(CallFailure) -> CallResult {
        let startedAt = clock.wallNanoseconds()
        do {
            let result = try await next(call)
            await tracer.record(span(of: call, startedAt, result))
            return result
        } catch {
            await tracer.record(span(of: call, startedAt, error))
            throw error
        }
    }

    private func span(of call: Call, _ startedAt: Int64, _ result: CallResult) -> SpanRecord {
        var span = span(of: call, startedAt, result.metrics)
        span.status = "ok"
        var attributes = attributes(of: call, result.metrics)
        if let confidence = result.confidence { attributes["corral.confidence"] = .double(confidence) }
        if !result.changes.isEmpty {
            attributes["corral.changes"] = .array(
                result.changes.map { ["class": .string($0.changeClass), "target": .string($0.target)] })
        }
        if result.isFromJournal { attributes["corral.from_journal"] = true }
        span.attributes = .object(attributes)
        return span
    }

    private func span(of call: Call, _ startedAt: Int64, _ failure: CallFailure) -> SpanRecord {
        var span = span(of: call, startedAt, failure.metrics)
        span.status = "error"
        var attributes = attributes(of: call, failure.metrics)
        attributes["error.type"] = .string(failure.error.code.name)
        // What a scanner says may quote what it read.
        if call.kind != .scan { attributes["error.message"] = .string(failure.error.message) }
        span.attributes = .object(attributes)
        return span
    }

    private func span(of call: Call, _ startedAt: Int64, _ metrics: CallMetrics) -> SpanRecord {
        let endedAt = clock.wallNanoseconds()
        let queued = metrics.worker == nil ? nil : startedAt + Int64(clamping: metrics.queuedNanoseconds)
        let attempt = call.origin?.attempt
        return SpanRecord(
            trace: call.span.trace, span: call.span.span, parent: call.span.parent, run: call.run,
            step: attempt?.step, item: attempt?.item, attempt: attempt?.attempt, name: call.targetText,
            kind: call.kind.rawValue, startedAt: startedAt, queuedUntil: queued.map { min($0, endedAt) },
            endedAt: endedAt)
    }

    private func attributes(of call: Call, _ metrics: CallMetrics) -> JSONObject {
        var attributes = JSONObject()
        attributes["corral.tenant"] = .string(call.tenant.text)
        if case .plugin(let caller, _, _) = call.caller { attributes["corral.caller"] = .string(caller.text) }
        attributes["corral.worker"] = metrics.worker.map { .string($0) }
        attributes["corral.plugin.digest"] = metrics.pluginDigest.map { .string($0) }
        attributes["corral.cpu_ns"] = .int(Int64(clamping: metrics.cpuNanoseconds))
        attributes["corral.cpu_thread_ns"] = .int(Int64(clamping: metrics.threadNanoseconds))
        attributes["corral.rss_peak_bytes"] = .int(Int64(clamping: metrics.residentBytesMax))
        attributes["corral.request.bytes"] = .int(Int64(metrics.requestBytes))
        attributes["corral.result.bytes"] = .int(Int64(metrics.resultBytes))
        for (name, text) in call.context.attributes { attributes[name] = .string(text) }
        if let operation = call.operation, operation.replay == .opaque, operation.refusal == nil {
            attributes["corral.opaque"] = true
        }
        for (name, value) in metrics.attributes.members { attributes[name] = value }
        return attributes
    }
}
