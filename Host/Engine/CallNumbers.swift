// SPDX-License-Identifier: Apache-2.0
// CallNumbers: gives calls their numbers before the pool exists that counts them.

import Synchronization

/// One per tenant. The pool needs the log, the log the scanners, the scanners calls, and calls the pool: the circle is closed
/// once, at start.
final class CallNumbers: Sendable {
    private let source = Mutex<(@Sendable () -> UInt64)?>(nil)

    /// - Parameter next: called on the tenant's lane.
    func connect(_ next: @escaping @Sendable () -> UInt64) { source.withLock { $0 = next } }

    /// Zero, which no call has, before it is connected: nothing is called then.
    func next() -> UInt64 { source.withLock { $0 }?() ?? 0 }
}
