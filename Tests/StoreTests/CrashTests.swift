// SPDX-License-Identifier: Apache-2.0
// CrashTests: a writer is killed at seeded moments; what it was told is kept must be there, and nothing half of it.

import CorralBase
import Foundation
import Testing

@testable import CorralStore
@testable import StoreWriter

@Suite(.serialized) struct CrashTests {
    @Test(arguments: [Durability.sync, .async])
    func losesNothingAcknowledgedWhenKilled(_ durability: Durability) throws {
        let seed: UInt64 = 20_261_124
        var random = SeededGenerator(seed: seed)
        let home = try StoreHome()
        let run = runID(1)
        for round in 0..<12 {
            let acknowledged = try killWriter(
                home, run, durability, afterLines: Int.random(in: 0...60, using: &random),
                pauseMicroseconds: UInt32.random(in: 0...900, using: &random))
            let store = try home.open()
            let entries = try store.journal(of: run)
            #expect(entries.count >= acknowledged, "seed \(seed), round \(round)")
            checkBatches(entries, SampleRun(run), "seed \(seed), round \(round)")
        }
        #expect(try home.open().verify().isEmpty)
    }

    /// - Returns: the last sequence the writer said was kept.
    private func killWriter(
        _ home: StoreHome, _ run: RunID, _ durability: Durability, afterLines lines: Int, pauseMicroseconds: UInt32
    ) throws -> Int {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: storeWriter)
        process.arguments = ["append", home.tenantFolder, run.text, durability.rawValue, "100000"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var text = ""
        while text.utf8.count(where: { $0 == UInt8(ascii: "\n") }) < lines {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            text += String(decoding: more, as: UTF8.self)
        }
        // Not a wait for something to happen: it moves the kill to a random place inside an append.
        usleep(pauseMicroseconds)
        kill(process.processIdentifier, SIGKILL)
        text += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(!text.contains("error"), "\(text.suffix(200))")
        return acknowledgements(text).last ?? 0
    }

    /// One record for the run, then whole pairs with the content that belongs to their number.
    private func checkBatches(_ entries: [JournalEntry], _ sample: SampleRun, _ comment: Comment) {
        guard let first = entries.first else { return }
        #expect(first.event == sample.created.event, comment)
        #expect(entries.count % 2 == 1, comment)
        for (index, entry) in entries.dropFirst().enumerated() {
            #expect(entry.event == sample.batch(index / 2)[index % 2].event, comment)
        }
    }
}

func acknowledgements(_ output: String) -> [Int] {
    output.split(separator: "\n").compactMap { $0.hasPrefix("ack ") ? Int($0.dropFirst(4)) : nil }
}
