// SPDX-License-Identifier: Apache-2.0
// SpeedTests: how long commits take, printed beside the floor measured in the same run. Times are never compared here;
// that everything is there afterwards is.

import CorralBase
import Glibc
import Testing

@testable import CorralStore
@testable import StoreWriter

@Suite(.serialized) struct SpeedTests {
    /// Floor and sync commits take turns, and medians are printed, because other processes use the disk too.
    @Test func appendsTenThousandRecords() throws {
        let home = try StoreHome()
        let store = try home.open()
        let sample = SampleRun(runID(1))
        let file = open(home.path + "/floor", O_CREAT | O_WRONLY, 0o600)
        defer { close(file) }
        try store.append([sample.created], durability: .sync)
        var (floor, inside, sync, async): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        // Values of 1 KiB only.
        for number in (0..<5_400).filter({ $0 % 16 != 15 }).prefix(5_000) {
            let batch = sample.batch(number)
            if sync.count < 500 {
                floor.append(microseconds { writeAndFlush(file) })
                lseek(file, 0, SEEK_SET)
                inside.append(microseconds { writeAndFlush(file) })
                lseek(file, 0, SEEK_END)
                sync.append(try microseconds { try store.append(batch, durability: .sync) })
            } else {
                async.append(try microseconds { try store.append(batch, durability: .async) })
            }
            if store.needsCheckpoint { try store.checkpoint() }
        }
        print(
            "store: median µs: append and flush 2 KiB \(median(floor)), inside a file",
            "\(median(inside)), sync commit \(median(sync)), async commit \(median(async)) (2 records, 2 × 1 KiB)")
        #expect(try store.journal(of: runID(1), includesPayloads: false).count == 1 + 2 * 5_000)
    }

    /// What a hand-written journal would do at least, at the end of its file.
    private func writeAndFlush(_ file: Int32) {
        let bytes = [UInt8](repeating: 1, count: 2_048)
        _ = write(file, bytes, bytes.count)
        fdatasync(file)
    }

    private func microseconds(_ body: () throws -> Void) rethrows -> Double {
        try ContinuousClock().measure(body) / .microseconds(1)
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
