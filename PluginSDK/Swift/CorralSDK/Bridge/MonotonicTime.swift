// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The clock in which the ABI states deadlines: CLOCK_MONOTONIC, nanoseconds. `SuspendingClock` is the same clock on
/// Linux, but its instants cannot be made from a number.
enum MonotonicTime {
    static func nanoseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
    }

    /// Nil for 0, which means no deadline.
    static func remaining(until deadline: UInt64) -> Duration? {
        guard deadline != 0 else { return nil }
        return .nanoseconds(Int64(bitPattern: deadline &- nanoseconds()))
    }
}
