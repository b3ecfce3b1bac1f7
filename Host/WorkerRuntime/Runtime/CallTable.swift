// SPDX-License-Identifier: Apache-2.0
// CallTable: the slots of this worker and which of the host's calls lives in which.

import Glibc

final class CallTable: @unchecked Sendable {
    // Unchecked: `slots` is made by hello, before any plugin is loaded that could look at it, and never changes again;
    // the rest is touched only while `monitor` is held.

    private(set) var slots: [CallSlot] = []
    private let monitor = Monitor()
    private var free: [Int] = []
    private var byCall: [UInt64: Int] = [:]

    /// Makes room for calls that are open and as many whose functions have not returned though their call is over.
    func prepare(callsMax: Int) {
        slots = (0..<(2 * callsMax)).map { CallSlot(index: $0) }
        // The lowest first: few slots stay warm.
        free = Array(slots.indices.reversed())
    }

    /// A free slot for the host's call, nil when `callsMax` are in use or the id is.
    func take(_ call: UInt64, callsMax: Int) -> CallSlot? {
        monitor.withLock {
            guard byCall.count < callsMax, byCall[call] == nil, let index = free.popLast() else { return nil }
            byCall[call] = index
            return slots[index]
        }
    }

    func find(_ call: UInt64) -> CallSlot? {
        monitor.withLock { byCall[call].map { slots[$0] } }
    }

    /// The host has been told the end of the call; its id may come again. The slot's own monitor is held by the caller,
    /// here and below: the order is slot, then table.
    func complete(_ call: UInt64) { monitor.withLock { byCall[call] = nil } }

    /// Nothing uses the slot any more. A plugin's function may return long after its call completed.
    func giveBack(_ slot: CallSlot) {
        let isLast = monitor.withLock {
            free.append(slot.index)
            return free.count == slots.count
        }
        if isLast { worker.lastCallEnded() }
    }

    /// No call is open and no plugin's function runs.
    var isEmpty: Bool { monitor.withLock { free.count == slots.count } }
}
