// SPDX-License-Identifier: Apache-2.0
// Operating: the innermost interceptor of calls that a host service answers itself. So a request to the network or to a
// program is traced, admitted and journaled exactly as a call of a plugin is.

import CorralBase

/// What a host service does for a plugin's request, as the pipeline needs it.
package struct ServiceOperation: Sendable {
    /// What spans and errors call it: `GET https://api.example.com/v1`, `redis.internal:6379`. No secrets.
    package var target: String
    /// Why the caller's grants do not cover it; nil when they do. Admission throws it, so a denial is a span.
    package var refusal: CorralError?
    package enum Replay: Sendable {
        /// A result in the journal answers an equal request of the same lineage.
        case recorded
        /// It is done again: what it gives must not be in the journal.
        case again
        /// It is opened again, and what goes through it is not recorded: its step is opaque to replay.
        case opaque
    }

    package var replay: Replay
    /// Does it. The result's `bytes` are what is journaled; what must not be kept travels outside of it.
    package var run: @Sendable (Call) async throws(CallFailure) -> CallResult

    package init(
        target: String, refusal: CorralError?, replay: Replay = .recorded,
        run: @escaping @Sendable (Call) async throws(CallFailure) -> CallResult
    ) {
        self.target = target
        self.refusal = refusal
        self.replay = replay
        self.run = run
    }
}

package struct Operating: Interceptor {
    package init() {}

    package func intercept(_ call: Call, _ next: Pipeline.Next) async throws(CallFailure) -> CallResult {
        guard let operation = call.operation else {
            throw CallFailure(.internalFault("a call of kind \(call.kind.rawValue) without an operation"))
        }
        return try await operation.run(call)
    }
}
