// SPDX-License-Identifier: Apache-2.0
// DeliverySchedule: when a delivery that failed is tried again: the schedule that Standard Webhooks 1.0 recommends. Pure.

import CorralBase
import CorralStore

package enum DeliverySchedule {
    /// The wait before each attempt, in seconds; after the last one it is given up, some 75 hours after it began.
    package static let waits: [Int64] = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    /// The most that a receiver's own wish can put an attempt off.
    private static let wishMax: Int64 = 86_400
    /// A part of each wait is chance, so that what failed together does not come back together.
    private static let jitterPercent: Int64 = 10

    /// - Parameters:
    ///   - attempts: how many have been made.
    ///   - wish: nanoseconds that the receiver asks to be left alone; counts when it is longer.
    ///   - chance: 0 to 1.
    /// - Returns: nanoseconds from now; nil when enough has been tried.
    package static func wait(after attempts: Int, wish: Int64? = nil, chance: Double) -> Int64? {
        guard attempts < waits.count else { return nil }
        let planned = waits[attempts] * 1_000_000_000
        let jitter = Int64(Double(planned / 100 * jitterPercent) * min(1, max(0, chance)))
        return max(planned + jitter, min(wish ?? 0, wishMax * 1_000_000_000))
    }

    /// What a failed attempt means for its delivery.
    package enum Verdict: Equatable {
        /// Again, in so many nanoseconds.
        case again(Int64)
        case failed
        /// And whatever else waits for this channel: its other end wants no more.
        case gone
    }

    /// The code with which a notifier says that its channel's other end is gone for good.
    package static let goneCode = "endpoint_gone"

    package static func verdict(on error: CorralError, attempts: Int, chance: Double) -> Verdict {
        if error.code.name == goneCode { return .gone }
        guard error.isRetryable, let wait = wait(after: attempts, wish: wish(of: error), chance: chance) else {
            return .failed
        }
        return .again(wait)
    }

    /// A notifier's `details`, which arrive as the cause: `{"retry_after_ms": 7000}`.
    private static func wish(of error: CorralError) -> Int64? {
        guard let cause = error.cause, cause.utf8.first == UInt8(ascii: "{"),
            let milliseconds = (try? JSON(parsing: cause))?["retry_after_ms"]?.intValue, milliseconds > 0
        else { return nil }
        return min(milliseconds, wishMax * 1_000) * 1_000_000
    }
}
