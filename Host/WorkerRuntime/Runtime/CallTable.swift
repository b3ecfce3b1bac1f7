// SPDX-License-Identifier: Apache-2.0
// CallTable: the slots of this worker and which of the host's calls lives in which.

import Glibc

final class CallTable: @unchecked Sendable {
    // Unchecked: `slots` never changes; the rest is touched only while `monitor` is held.

    /// More than the host ever has running; calls above `HelloMessage.callsMax` are refused before this.
    static let slotsMax = 1024

    let slots: [CallSlot]
    private let monitor = Monitor()
    private var free: [Int]
    private var byCall: [UInt64: Int] = [:]

    init() {
        slots = (0..<CallTable.slotsMax).map { CallSlot(index: $0) }
        // The lowest first: few slots stay warm.
        free = Array((0..<CallTable.slotsMax).reversed())
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
            return free.count == CallTable.slotsMax
        }
        if isLast { worker.lastCallEnded() }
    }

    /// No call is open and no plugin's function runs.
    var isEmpty: Bool { monitor.withLock { free.count == CallTable.slotsMax } }
}
