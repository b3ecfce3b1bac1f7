// SPDX-License-Identifier: Apache-2.0
// AgentSlots: which agents of a tenant may work now, and in which order the others begin. Pure, and every step in constant
// time: runs take turns, so that a run with ten thousand branches does not keep one with a single step waiting.

import CorralBase

package struct AgentSlots: Sendable {
    /// Agents at work at once; nil = as many as want to.
    private var limit: Int?
    package private(set) var running = 0
    private var waiting: [UInt64: RunID] = [:]
    private var lines: [RunID: Line<UInt64>] = [:]
    /// The runs that have calls waiting, the one whose turn it is first.
    private var turns = Line<RunID>()

    package init(limit: Int?) { self.limit = limit }

    package var waitingCount: Int { waiting.count }

    /// - Returns: whether the call begins now; else it waits until `next` or `setLimit` names it.
    package mutating func begin(_ call: UInt64, of run: RunID) -> Bool {
        if isFree, waiting.isEmpty {
            running += 1
            return true
        }
        if lines[run] == nil { turns.append(run) }
        lines[run, default: Line()].append(call)
        waiting[call] = run
        return false
    }

    /// Takes out a call that waits.
    /// - Returns: whether it did.
    package mutating func withdraw(_ call: UInt64) -> Bool {
        // Its place in the line is passed over when its turn comes.
        waiting.removeValue(forKey: call) != nil
    }

    /// A call that had begun is over.
    /// - Returns: the call that begins in its place.
    package mutating func end() -> UInt64? {
        running -= 1
        return next()
    }

    /// - Returns: the calls that begin because of it.
    package mutating func setLimit(_ limit: Int?) -> [UInt64] {
        self.limit = limit
        var begun: [UInt64] = []
        while let call = next() { begun.append(call) }
        return begun
    }

    private var isFree: Bool { limit.map { running < $0 } ?? true }

    private mutating func next() -> UInt64? {
        guard isFree else { return nil }
        while let run = turns.takeFirst() {
            guard let call = takeWaiting(of: run) else { continue }
            running += 1
            return call
        }
        return nil
    }

    /// The run's first call that still waits; the run goes to the end of the turns if it has more.
    private mutating func takeWaiting(of run: RunID) -> UInt64? {
        while let call = lines[run]?.takeFirst() {
            guard waiting.removeValue(forKey: call) != nil else { continue }
            if lines[run]?.isEmpty == true { lines[run] = nil } else { turns.append(run) }
            return call
        }
        lines[run] = nil
        return nil
    }
}

/// A first-in first-out list whose front moves instead of its items.
private struct Line<Item: Sendable>: Sendable {
    private var items: [Item] = []
    private var front = 0

    var isEmpty: Bool { front == items.count }

    mutating func append(_ item: Item) { items.append(item) }

    mutating func takeFirst() -> Item? {
        guard front < items.count else { return nil }
        let item = items[front]
        front += 1
        if front == items.count {
            (items, front) = ([], 0)
        } else if front >= 1_024, front * 2 > items.count {
            // What has gone is let go when it is the larger half, so that each item is moved once.
            items.removeSubrange(..<front)
            front = 0
        }
        return item
    }
}
