// SPDX-License-Identifier: Apache-2.0
// RunFeed: hands a run's events to its followers, and to a late one first what it needs to draw the run so far.

import CorralBase
import CorralControl

package typealias RunFollower = @Sendable (RunEvent) -> Void

struct RunFeed {
    private var followers: [Int: RunFollower] = [:]
    private var next = 0
    private var history: [RunEvent] = []

    /// A flow of the largest size emits three events a step.
    private static let historyMax = 3 * Limits.flowStepsMax

    /// Events that wait for what they tell to be committed, behind the barriers they wait for.
    private var held: [Held] = []
    private var barriers = 0

    private enum Held {
        case event(RunEvent)
        case barrier(Int)
    }

    /// Keeps what is sent from now on until `open` is called with the number that this returns: nobody is told of a
    /// result that the death of the host could undo.
    mutating func hold() -> Int {
        barriers += 1
        held.append(.barrier(barriers))
        return barriers
    }

    /// Barriers open in the order they were made, as commits do: this one opens those before it, too.
    mutating func open(_ barrier: Int) {
        guard
            let last = held.lastIndex(where: {
                if case .barrier(let number) = $0 { number <= barrier } else { false }
            })
        else { return }
        let next = held[(last + 1)...].firstIndex { if case .barrier = $0 { true } else { false } } ?? held.endIndex
        let free = held[..<next]
        held.removeFirst(next)
        for case .event(let event) in free { deliver(event) }
    }

    /// Opens all barriers: everything is committed.
    mutating func openAll() { open(barriers) }

    /// Forgets what was not committed.
    mutating func dropHeld() { held = [] }

    mutating func send(_ event: RunEvent) {
        if held.isEmpty { deliver(event) } else { held.append(.event(event)) }
    }

    private mutating func deliver(_ event: RunEvent) {
        if !event.mayBeDropped, history.count < Self.historyMax { history.append(event) }
        for follower in followers.values { follower(event) }
    }

    mutating func add(_ follower: @escaping RunFollower) -> Int {
        for event in history { follower(event) }
        next += 1
        followers[next] = follower
        return next
    }

    mutating func remove(_ number: Int) { followers[number] = nil }
}
