// SPDX-License-Identifier: Apache-2.0
// Box: a value that a scripted plugin leaves for the test. Gate: a visit to a lane's own thread.

import Synchronization

import class CorralSupervision.Lane

final class Box<Value: Sendable>: Sendable {
    private let stored: Mutex<Value>

    init(_ value: Value) { stored = Mutex(value) }

    var value: Value {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }
}

/// Runs work on a lane, in one turn of its loop.
actor Gate {
    private nonisolated let lane: Lane
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    private init(_ lane: Lane) { self.lane = lane }

    private func run(_ body: @Sendable () -> Void) { body() }

    static func onLane(_ lane: Lane, _ body: @escaping @Sendable () -> Void) async { await Gate(lane).run(body) }
}
