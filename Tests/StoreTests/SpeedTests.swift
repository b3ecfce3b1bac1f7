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

    /// What sealing takes by itself, in memory and to a file.
    @Test func sealsAndOpens() throws {
        let home = try StoreHome()
        let store = try home.open()
        let place = SealPlace("speed", "1")
        for bytes in [256, 1_024, 64 << 10] {
            let plain = [UInt8](repeating: 7, count: bytes)
            let sealed = try (0..<400).map { _ in try store.sealer.seal(plain, at: place) }
            let sealing = try (0..<400).map { _ in try microseconds { _ = try store.sealer.seal(plain, at: place) } }
            let opening = try sealed.map { value in
                var opened: [UInt8] = []
                let taken = try microseconds { opened = try store.sealer.open(value, at: place) }
                #expect(opened == plain)
                return taken
            }
            print("store: median µs: sealing \(bytes) bytes \(median(sealing)), opening \(median(opening))")
        }
        let content = (0..<(32 << 20)).map { UInt8(truncatingIfNeeded: $0) }
        var file: ArtifactRef?
        let keeping = try microseconds { file = try store.artifacts.importBytes(content, name: "a", mediaType: "") }
        let opening = try microseconds { close(try store.artifacts.open(try #require(file).sha256)) }
        print(
            "store: 32 MiB: hashed, sealed and flushed in \(keeping / 1000) ms, opened to memory in \(opening / 1000) ms"
        )
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
