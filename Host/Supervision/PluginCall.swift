// SPDX-License-Identifier: Apache-2.0
// PluginCall: one call of a plugin as the engine asks for it, and what the engine hears while it runs.

import CorralBase
import CorralCatalog
import CorralWire

/// Names a call within its pool, and on the wire. Never 0, never used twice.
package struct CallID: Hashable, Sendable, CustomStringConvertible {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
    package var description: String { String(number) }
}

/// A file that a request refers to.
package struct CallArtifact: Sendable {
    /// The text after "$artifact" in the request.
    package var reference: String
    package var bytes: UInt64
    /// Gives a descriptor to read the content from, when the call is sent. The pool closes it. A fully sealed memfd is
    /// passed on as it is; of anything else the worker gets a sealed copy.
    package var open: @Sendable () throws(CorralError) -> Int32

    package init(reference: String, bytes: UInt64, open: @escaping @Sendable () throws(CorralError) -> Int32) {
        self.reference = reference
        self.bytes = bytes
        self.open = open
    }
}

package struct PluginCall: Sendable {
    /// From `WorkerPool.makeCallID`.
    package var id: CallID
    package var plugin: CatalogEntry
    package var target: CallTarget
    /// The tool's name; empty for an agent.
    package var method: String
    /// One JSON value, at most `Limits.requestBytesMax`.
    package var body: [UInt8]
    package var artifacts: [CallArtifact]
    package var context: CallContext
    /// CLOCK_MONOTONIC nanoseconds. Counts from the request on, so waiting for a worker is part of it.
    package var deadline: UInt64
    /// How many calls are this one's ancestors.
    package var depth: UInt32
    package var idempotencyKey: String

    package init(
        id: CallID, plugin: CatalogEntry, target: CallTarget, method: String = "", body: [UInt8],
        artifacts: [CallArtifact] = [], context: CallContext = CallContext(), deadline: UInt64, depth: UInt32 = 0,
        idempotencyKey: String = ""
    ) {
        self.id = id
        self.plugin = plugin
        self.target = target
        self.method = method
        self.body = body
        self.artifacts = artifacts
        self.context = context
        self.deadline = deadline
        self.depth = depth
        self.idempotencyKey = idempotencyKey
    }

    /// What errors call it: `agent call`, `tool "sma"`.
    package var noun: String {
        switch target {
        case .agent: "agent call"
        case .tool: "tool \"\(method)\""
        case .native: "native function \"\(method)\""
        case .memory, .scanner, .judge, .notifier, .tracer: "\(target) call \"\(method)\""
        }
    }
}

/// What happens while a call runs; delivered in order, on the pool's lane, before the outcome.
package enum CallEvent: Sendable, Hashable {
    /// It waits for a worker, for a place in it, or for the plugin to be loaded.
    case queued
    /// It was sent to a worker, at CLOCK_MONOTONIC nanoseconds.
    case started(WorkerKey, pid: Int32, at: UInt64)
    /// Above `Limits.progressPerSecondMax` a second only the newest is kept.
    case progress(fraction: Double?, text: String)
    case partial(text: String)
    /// A line of the plugin's log; control characters are escaped.
    case log(level: LogLevel, plugin: PluginID, text: String)
}

package enum LogLevel: UInt8, Sendable, Hashable, Codable {
    case debug = 1
    case info = 2
    case warning = 3
    case error = 4
}
