// SPDX-License-Identifier: Apache-2.0
// InfrastructureCalls: the one way in which the host itself calls plugins of its own kinds: memory, scanner, judge,
// notifier, tracer. They go down the pipeline like all others, so they are traced, admitted, limited and metered; they are
// never scanned, judged or exported, and what of them must be remembered is journaled by whoever asks.

import CorralBase
import CorralStore
import CorralWire

extension Limits {
    /// Calls of the host's own that one tenant may have under way: each holds its request, and a backend that hangs must
    /// not collect them without end.
    package static let infrastructureCallsMax = 1_024
}

/// One per tenant, on the tenant's lane.
package actor InfrastructureCalls {
    /// What a call is about: where its span hangs, whose words it carries, when it must be over.
    package struct Subject: Sendable {
        package var run: RunID?
        package var origin: CallOrigin?
        package var context: CallContext
        /// The span it hangs below; nil begins a trace.
        package var span: SpanContext?
        /// CLOCK_MONOTONIC nanoseconds; the call's own timeout may come first.
        package var deadline: UInt64

        package init(
            run: RunID? = nil, origin: CallOrigin? = nil, context: CallContext = CallContext(),
            span: SpanContext? = nil, deadline: UInt64 = .max
        ) {
            self.run = run ?? origin?.run
            self.origin = origin
            self.context = context
            self.span = span
            self.deadline = deadline
        }

        /// Another call, while it is under way or after it.
        /// - Parameter isOver: its deadline does not count any more.
        package init(_ call: Call, isOver: Bool = false) {
            self.init(
                run: call.run, origin: call.origin, context: call.context, span: call.span,
                deadline: isOver ? .max : call.deadline)
        }

        /// The tenant as a whole, outside of any run.
        package static let tenant = Subject()
    }

    private nonisolated let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let tenant: TenantID
    private let clock: any HostClock
    private let nextCall: @Sendable () -> UInt64
    private var pipeline: Pipeline?
    private var underWay = 0

    /// - Parameter nextCall: gives each call its number; called on the lane.
    package init(
        tenant: TenantID, clock: any HostClock, executor: any SerialExecutor,
        nextCall: @escaping @Sendable () -> UInt64
    ) {
        self.tenant = tenant
        self.clock = clock
        self.executor = executor
        self.nextCall = nextCall
    }

    /// The pipeline contains interceptors that call through this: the circle is closed once, at start.
    package func connect(_ pipeline: Pipeline) { self.pipeline = pipeline }
    /// Opens the circle again, when the tenant goes.
    package func disconnect() { pipeline = nil }

    /// Calls a function of a plugin.
    ///
    /// - Parameters:
    ///   - kind: one of `PluginKind.infrastructure`.
    ///   - plugin: an installed plugin of that kind, one of the operator's.
    ///   - method: a function of the kind: `PluginKind.methods`.
    ///   - body: the request; `now_ms` is put in.
    ///   - timeout: from now; the subject's deadline may come first.
    /// - Throws: `plugin_unknown`, `plugin_wrong_kind`, `call_timeout` and whatever else ends a call; a plugin's own failure
    ///   under the code it gave, with `isRetryable`.
    package func call(
        _ kind: PluginKind, plugin: PluginID, method: String, body: JSONObject, about subject: Subject = .tenant,
        timeout: Duration
    ) async throws(CallFailure) -> JSON {
        var body = body
        body["now_ms"] = .int(clock.wallNanoseconds() / 1_000_000)
        return try await call(
            kind, plugin: plugin, method: method, bytes: JSON.object(body).bytes(), about: subject, timeout: timeout
        ).value
    }

    /// The same with a body as it goes to the plugin, and all that is known of the result.
    package func call(
        _ kind: PluginKind, plugin: PluginID, method: String, bytes: [UInt8], about subject: Subject = .tenant,
        timeout: Duration
    ) async throws(CallFailure) -> CallResult {
        guard let pipeline else { throw CallFailure(.infrastructureGone(plugin.text), fault: .infrastructure) }
        guard let callKind = CallKind(to: kind), kind.methods.contains(method) else {
            throw CallFailure(.internalFault("the kind \(kind.rawValue) has no function \"\(method)\""))
        }
        guard underWay < Limits.infrastructureCallsMax else {
            throw CallFailure(.tooManyInfrastructureCalls(plugin.text), fault: .infrastructure)
        }
        underWay += 1
        defer { underWay -= 1 }
        let (end, overflow) = clock.monotonicNanoseconds().addingReportingOverflow(timeout.nanoseconds)
        let call = Call(
            id: nextCall(), tenant: tenant, kind: callKind, run: subject.run, origin: subject.origin, caller: .engine,
            plugin: plugin, method: method, body: bytes, artifacts: [], context: subject.context,
            deadline: min(subject.deadline, overflow ? .max : end), ancestors: [], durability: .async,
            span: subject.span?.child() ?? .root(), infrastructure: kind, observer: { _ in })
        return try await pipeline.perform(call)
    }
}

extension Duration {
    /// Never negative, at most what fits.
    fileprivate var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : whole &+ UInt64(attoseconds / 1_000_000_000)
    }
}
