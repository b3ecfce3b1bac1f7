// SPDX-License-Identifier: Apache-2.0
// SampleRun: records whose content follows from their number, so that another process can check what it finds.

import CorralBase
import CorralStore

package struct SampleRun {
    package let run: RunID

    package init(_ run: RunID) { self.run = run }

    package var created: JournalRecord {
        JournalRecord(
            run: run, at: 0,
            event: .runCreated(
                RunCreation(
                    flow: "sample", flowDigest: "d", definition: Array("flow: sample".utf8), input: Array("{}".utf8),
                    seed: 7, mode: .sync)))
    }

    /// The result of step `number` and the intent of the next: what a chain commits together.
    package func batch(_ number: Int) -> [JournalRecord] {
        let step = AttemptKey(step: "s\(number)", attempt: 1, lineage: 0)
        let next = AttemptKey(step: "s\(number + 1)", attempt: 1, lineage: 0)
        let success = AttemptSuccess(value: value(number), metrics: AttemptMetrics(runningNanoseconds: 5))
        return [
            JournalRecord(run: run, at: Int64(number), event: .attemptResult(step, success)),
            JournalRecord(
                run: run, at: Int64(number), event: .attemptIntent(next, target: "a/b", request: value(number))),
        ]
    }

    /// 1 KiB, and every 16th too large to live in the database.
    package func value(_ number: Int) -> [UInt8] {
        var random = SeededGenerator(seed: UInt64(number))
        return (0..<(number % 16 == 15 ? 80_000 : 1_024)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
}
