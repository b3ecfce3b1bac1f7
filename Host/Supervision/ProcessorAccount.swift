// SPDX-License-Identifier: Apache-2.0
// ProcessorAccount: whether a tenant's workers stand back for those of other tenants. Who uses little is answered at once,
// whatever its neighbours do; who has used much gets the processor time that nobody else wants. Nothing is taken from a
// machine that is idle, and nobody starves: who got nothing is soon ordinary again.

import CorralBase

extension Limits {
    /// Processors a tenant may use for as long as it likes before its workers stand back.
    package static let processorShare = 0.5
    /// What it may use on top of that at once: a tenth of a second of two processors.
    package static let processorBurst: Duration = .milliseconds(200)
}

struct ProcessorAccount {
    private let share: Double
    private let burst: Int64
    /// Falls with use, rises with time; nanoseconds.
    private var credit: Int64
    private(set) var isYielding = false

    init(share: Double = Limits.processorShare, burst: Duration = Limits.processorBurst) {
        self.share = share
        self.burst = Int64(clamping: burst.nanoseconds)
        credit = self.burst
    }

    /// - Parameters:
    ///   - used: processor time of all the tenant's workers, in nanoseconds.
    ///   - elapsed: time in which it was used, in nanoseconds.
    mutating func spend(_ used: UInt64, over elapsed: UInt64) {
        let earned = Int64(Double(min(elapsed, 60_000_000_000)) * share)
        // The debt is bounded as the credit is: it is paid back within a second of getting nothing.
        credit = max(-burst, min(burst, credit + earned - Int64(clamping: min(used, 60_000_000_000))))
        if credit < 0 { isYielding = true } else if credit > burst / 2 { isYielding = false }
    }
}
