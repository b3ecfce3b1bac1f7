// SPDX-License-Identifier: Apache-2.0
// Promise: the first of several things that may happen, for one who waits.

import Synchronization

/// Something that comes once, waited for by one.
final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case kept(Value)
        /// Handed over, and not held here any longer: it may be a descriptor.
        case given
    }

    private let state = Mutex(State.open)

    /// The first value counts.
    func keep(_ value: Value) {
        let waiter: CheckedContinuation<Value, Never>? = state.withLock { state in
            switch state {
            case .kept, .given: return nil
            case .open:
                state = .kept(value)
                return nil
            case .awaited(let continuation):
                state = .given
                return continuation
            }
        }
        waiter?.resume(returning: value)
    }

    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let kept: Value? = state.withLock { state in
                    guard case .kept(let value) = state else {
                        state = .awaited(continuation)
                        return nil
                    }
                    state = .given
                    return value
                }
                if let kept { continuation.resume(returning: kept) }
            }
        }
    }
}
