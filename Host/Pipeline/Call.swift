// SPDX-License-Identifier: Apache-2.0
// Call: one crossing of the line between host and plugin, in either direction, with everything the interceptors need.
// The host fills it from its own tables, never from what a worker says.

import CorralBase
import CorralStore
import CorralWire

/// What is called for. The kind decides which interceptors apply (`CallKind.interceptors`).
package enum CallKind: String, Sendable, Codable {
    /// An agent, started by a flow's step.
    case agent
    /// A tool, started by a flow's step.
    case toolStep = "tool"
    /// A tool, used by a plugin's call through the host service.
    case toolUse = "tool_use"
    /// Host services that reach outside; each is a `ServiceOperation`.
    case http
    case mail = "smtp"
    case connect
    case process
    case secret
    /// An agent's use of memory through the host service; what it does to the backend is a `memory` call.
    case memoryUse = "memory_use"
    case prompt
    /// The kinds of plugins that only the host calls: `InfrastructureCalls`; memory also for a plugin's call, by grant.
    case memory
    case scan
    case judge
    case notify
    case export

    /// The kind of plugin that such a call goes to; nil for the others.
    package var provider: PluginKind? {
        switch self {
        case .memory: .memory
        case .scan: .scanner
        case .judge: .judge
        case .notify: .notifier
        case .export: .tracer
        default: nil
        }
    }

    /// Of the calls that the host makes to a plugin of one of its own kinds.
    package init?(to provider: PluginKind) {
        switch provider {
        case .memory: self = .memory
        case .scanner: self = .scan
        case .judge: self = .judge
        case .notifier: self = .notify
        case .tracer: self = .export
        case .agent, .tool: return nil
        }
    }

    /// Whether it is a step's own call, whose attempt the journal keeps.
    package var isStep: Bool { self == .agent || self == .toolStep }
}

/// The place in a run that a call works for. With the service's name and the request it makes the effect key.
package struct CallOrigin: Sendable, Hashable {
    package var run: RunID
    package var attempt: AttemptKey

    package init(run: RunID, attempt: AttemptKey) {
        self.run = run
        self.attempt = attempt
    }

    /// The same text for every attempt that may stand for the same effect.
    package var idempotencyKey: String {
        "\(run)/\(attempt.step)/\(attempt.item.map(String.init) ?? "-")/\(attempt.lineage)"
    }
}

/// The identity of a span, and where it hangs.
package struct SpanContext: Sendable, Hashable {
    /// 32 lower-case hexadecimal digits; one a run.
    package var trace: String
    /// 16 lower-case hexadecimal digits.
    package var span: String
    package var parent: String?

    package init(trace: String, span: String, parent: String?) {
        self.trace = trace
        self.span = span
        self.parent = parent
    }

    /// A span below this one.
    package func child() -> SpanContext { SpanContext(trace: trace, span: Self.identifier(), parent: span) }

    package static func root() -> SpanContext {
        SpanContext(trace: identifier() + identifier(), span: identifier(), parent: nil)
    }

    private static func identifier() -> String {
        let digits = String(UInt64.random(in: 1 ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

package struct Call: Sendable {
    /// Who asks, and so whose grants count.
    package enum Caller: Sendable {
        /// The engine: for a step of a flow the operator or a user started, or for the host itself.
        case engine
        /// A plugin that is running the call `parent`, with its grants.
        case plugin(PluginID, parent: UInt64, grants: Grants)
    }

    /// Unique in this host process; the number on the wire.
    package var id: UInt64
    package var tenant: TenantID
    package var kind: CallKind
    /// The run it belongs to; nil outside of runs.
    package var run: RunID?
    /// The place in the run; nil when it is about the run as a whole, or about none.
    package var origin: CallOrigin?
    /// Set when the host makes it for itself: the kind it serves. Inherited by what such a call asks of host services.
    /// None of them is scanned, judged or exported, and none is an effect in the journal.
    package var infrastructure: PluginKind?
    /// Why it is not let through, where that is decided outside of the pipeline; admission throws it, so it is a span.
    package var refusal: CorralError?
    package var caller: Caller
    package var plugin: PluginID
    /// The tool's name, or the function of one of the host's own kinds; empty for an agent.
    package var method: String
    /// The request: one JSON value, byte-exact.
    package var body: [UInt8]
    /// The artifacts that the request refers to.
    package var artifacts: [ArtifactRef]
    /// Which effect of its attempt a plugin's request is; nil for a step's own call.
    package var effect: EffectKey?
    /// What a host service does itself; nil for calls that go to a plugin.
    package var operation: ServiceOperation?
    package var context: CallContext
    /// CLOCK_MONOTONIC nanoseconds.
    package var deadline: UInt64
    /// The plugins whose calls wait for this one, outermost first.
    package var ancestors: [PluginID]
    package var durability: Durability
    package var span: SpanContext
    /// Receives what happens while the call runs, in order, on the tenant's lane.
    package var observer: @Sendable (CallEvent) -> Void

    package init(
        id: UInt64, tenant: TenantID, kind: CallKind, run: RunID? = nil, origin: CallOrigin?, caller: Caller,
        plugin: PluginID, method: String,
        body: [UInt8], artifacts: [ArtifactRef], effect: EffectKey? = nil, operation: ServiceOperation? = nil,
        context: CallContext,
        deadline: UInt64, ancestors: [PluginID], durability: Durability, span: SpanContext,
        infrastructure: PluginKind? = nil, refusal: CorralError? = nil,
        observer: @escaping @Sendable (CallEvent) -> Void
    ) {
        self.id = id
        self.tenant = tenant
        self.kind = kind
        self.run = run ?? origin?.run
        self.origin = origin
        self.infrastructure = infrastructure
        self.refusal = refusal
        self.caller = caller
        self.plugin = plugin
        self.method = method
        self.body = body
        self.artifacts = artifacts
        self.effect = effect
        self.operation = operation
        self.context = context
        self.deadline = deadline
        self.ancestors = ancestors
        self.durability = durability
        self.span = span
        self.observer = observer
    }

    /// `publisher/name`, `publisher/name.tool`, or what a host service's operation calls itself.
    package var targetText: String {
        operation?.target ?? (method.isEmpty ? plugin.text : "\(plugin.text).\(method)")
    }
}

/// What happens while a call runs.
package enum CallEvent: Sendable {
    /// A worker took it up; before, it waited in a queue.
    case started(worker: String)
    case progress(fraction: Double?, text: String)
    case partial(String)
    /// Level 1 debug to 4 error.
    case log(level: UInt8, plugin: String, text: String)
}

/// Where a call's time went.
package struct CallMetrics: Sendable, Hashable {
    package var queuedNanoseconds: UInt64 = 0
    package var runningNanoseconds: UInt64 = 0
    /// The call's share of its process's processor time, as the kernel says.
    package var cpuNanoseconds: UInt64 = 0
    /// Processor time of the plugin's thread, as the worker says.
    package var threadNanoseconds: UInt64 = 0
    /// The most memory its process held meanwhile, as the kernel says.
    package var residentBytesMax: UInt64 = 0
    package var requestBytes: Int = 0
    package var resultBytes: Int = 0
    /// The worker's key as text; nil when none was reached.
    package var worker: String?
    /// SHA-256 of the plugin that ran.
    package var pluginDigest: String?
    /// Wall clock, nanoseconds since 1970, when a worker took the call up.
    package var startedAt: Int64?
    /// What an operation has to say about itself; becomes attributes of the span.
    package var attributes = JSONObject()

    package init() {}
}

/// A call's success.
package struct CallResult: Sendable {
    /// The result, parsed and with its artifacts resolved.
    package var value: JSON
    /// The same as it is journaled.
    package var bytes: [UInt8]
    package var artifacts: [ArtifactRef]
    package var confidence: Double?
    package var changes: [Change]
    package var metrics: CallMetrics
    /// True when a journaled result answered and no worker was asked.
    package var isFromJournal: Bool

    package init(
        value: JSON, bytes: [UInt8], artifacts: [ArtifactRef] = [], confidence: Double? = nil, changes: [Change] = [],
        metrics: CallMetrics = CallMetrics(), isFromJournal: Bool = false
    ) {
        self.value = value
        self.bytes = bytes
        self.artifacts = artifacts
        self.confidence = confidence
        self.changes = changes
        self.metrics = metrics
        self.isFromJournal = isFromJournal
    }
}

/// A call's failure.
package struct CallFailure: Error, Sendable {
    package enum Fault: Sendable, Hashable {
        /// The plugin's, its input's or a policy's: it uses up a retry.
        case call
        /// Neither's: the worker was lost. The call is sent again without using up a retry.
        case infrastructure
        /// The host cannot go on, for example because its journal is full. The run stops and can be resumed.
        case host
    }

    package var error: CorralError
    package var fault: Fault
    package var metrics: CallMetrics

    package init(_ error: CorralError, fault: Fault = .call, metrics: CallMetrics = CallMetrics()) {
        self.error = error
        self.fault = fault
        self.metrics = metrics
    }
}
