// SPDX-License-Identifier: Apache-2.0
// SpeedTests: how long commits take, printed beside the floor measured in the same run. Times are never compared here;
// that everything is there afterwards is.

import CorralBase
import Glibc
import Testing

@testable import CorralStore
@testable import StoreWriter

@Suite(.serialized) struct SpeedTests {
    @Test func appendsTenThousandRecords() throws {
        let home = try StoreHome()
        let store = try home.open()
        let sample = SampleRun(runID(1))
        let floor = try floorMicroseconds(home)
        try store.append([sample.created], durability: .sync)
        var number = 0
        func measure(_ durability: Durability, _ commits: Int) throws -> Double {
            // Values of 1 KiB only.
            let batches = (number..<number + commits * 2).filter { $0 % 16 != 15 }.prefix(commits).map(sample.batch)
            number += commits * 2
            let start = ContinuousClock.now
            for batch in batches { try store.append(batch, durability: durability) }
            return (ContinuousClock.now - start) / .microseconds(1) / Double(commits)
        }
        _ = try measure(.sync, 100)
        let sync = try measure(.sync, 900)
        let async = try measure(.async, 4_000)
        print("store: floor \(floor) µs, sync commit \(sync) µs, async commit \(async) µs (2 records, 2 × 1 KiB)")
        #expect(try store.journal(of: runID(1), includesPayloads: false).count == 1 + 2 * 5_000)
    }

    /// Append 2 KiB and flush, with nothing around it.
    private func floorMicroseconds(_ home: StoreHome) throws -> Double {
        let descriptor = open(home.path + "/floor", O_CREAT | O_WRONLY, 0o600)
        defer { close(descriptor) }
        let bytes = [UInt8](repeating: 1, count: 2_048)
        let start = ContinuousClock.now
        for _ in 0..<300 {
            _ = write(descriptor, bytes, bytes.count)
            fdatasync(descriptor)
        }
        return (ContinuousClock.now - start) / .microseconds(1) / 300
    }
}
