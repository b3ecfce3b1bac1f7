// SPDX-License-Identifier: Apache-2.0
// LiveCall: a call that a worker is running, as the services know it, and what must not outlive it.

import CorralBase
import CorralPipeline
import CorralStore
import Synchronization

extension Limits {
    /// Connections and programs that one call opens, one after the other too: each is remembered until the call ends.
    package static let heldPerCallMax = 256
}

/// A call that a worker is running, as the services need it.
package struct LiveCall: Sendable {
    package var call: Call
    /// What services keep open for it.
    package let life: CallLife

    package init(call: Call) {
        self.call = call
        life = CallLife(of: call.id)
    }
}

/// The time in which services may hold something for a call: a connection, a process. It ends with the call, and the
/// call's end waits until everything held is closed, so that nothing a call opened is alive when the next step starts.
package final class CallLife: Sendable {
    private struct State {
        var isOver = false
        var held: [Task<Void, Never>] = []
        var waiters: [CheckedContinuation<Void, Never>] = []
        var prompts: [String] = []
    }

    private let state = Mutex(State())
    private let number: UInt64

    init(of call: UInt64) { number = call }

    /// Runs `body`, which closes what it holds once `over` has returned.
    /// - Throws: `call_gone` when the call is over already, `too_many_held`; nothing has run then.
    package func hold(_ body: @escaping @Sendable () async -> Void) throws(CorralError) {
        let refusal: CorralError? = state.withLock { state in
            if state.isOver { return .callGone(number) }
            if state.held.count >= Limits.heldPerCallMax { return .tooManyHeld() }
            // Not structured: the request's answer comes before its end. `end` waits for it.
            state.held.append(Task { await body() })
            return nil
        }
        if let refusal { throw refusal }
    }

    /// Remembers which version of a prompt the call used. A manifest declares so few that all are kept.
    func note(_ prompt: String) {
        state.withLock { if !$0.prompts.contains(prompt) { $0.prompts.append(prompt) } }
    }

    /// `name@version` of each prompt that the call has used, in order.
    package var prompts: [String] { state.withLock { $0.prompts } }

    /// Returns when the call is over.
    package func over() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiters.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    /// The call is over. Returns when everything held is closed.
    func end() async {
        let (waiters, held) = state.withLock { state in
            state.isOver = true
            defer { state.waiters = [] }
            return (state.waiters, state.held)
        }
        for waiter in waiters { waiter.resume() }
        for task in held { await task.value }
    }
}
