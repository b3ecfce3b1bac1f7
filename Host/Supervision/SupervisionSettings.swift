// SPDX-License-Identifier: Apache-2.0
// SupervisionSettings: the times and counts of supervision that a configuration or a test may choose.

import CorralBase

package struct SupervisionSettings: Sendable {
    /// From a worker's start to its ready frame.
    package var handshake: Duration = .seconds(10)
    /// From the load message to the answer.
    package var load: Duration = .seconds(10)
    /// A worker without calls is stopped after this.
    package var idle: Duration = .seconds(300)
    /// What calls of a replaced generation get to finish, before they go on in the next one.
    package var drain: Duration = .seconds(30)
    /// What a cancelled call, and then its bystanders, get before the worker is killed.
    package var grace: Duration = .seconds(2)
    /// What a worker gets to say goodbye.
    package var goodbye: Duration = .seconds(2)
    package var backoffFirst: Duration = .milliseconds(100)
    package var backoffMax: Duration = .seconds(30)
    /// A worker that lived this long clears the backoff.
    package var backoffReset: Duration = .seconds(60)
    /// Crashes alone in a worker within `quarantineWindow` before a plugin is refused.
    package var quarantineCrashes = 3
    package var quarantineWindow: Duration = .seconds(60)
    /// Calls running in one worker at once, 1 to `Limits.workerCallsMax`. Nested calls have the reserved threads besides.
    package var callsMax = Limits.workerCallsMax
    /// Starts in a row that a new generation gets when nothing is known to be wrong with its plugins.
    package var generationTries = 3
    /// Worker processes of one compartment alive at once.
    package var generationsMax = 3
    /// Where large artifacts wait for the store, as files without a name; nil = in memory.
    package var spoolFolder: String?
    /// Processors the tenant may use for as long as it likes, and processor time on top of that at once, before its workers
    /// stand back.
    package var processorShare = Limits.processorShare
    package var processorBurst = Limits.processorBurst
    /// Seeds the jitter of the backoff.
    package var seed: UInt64 = 1

    package init() {}
}

extension Duration {
    /// Whole nanoseconds; negative durations count as 0, longer than 584 years as the most.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : whole.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000)).partialValue
    }
}
