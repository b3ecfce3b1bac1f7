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

    mutating func send(_ event: RunEvent) {
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
