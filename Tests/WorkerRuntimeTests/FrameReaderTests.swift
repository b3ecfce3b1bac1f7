// SPDX-License-Identifier: Apache-2.0
// FrameReaderTests: the stream of frames a worker reads, at every place of its buffer.

import CorralBase
import CorralWire
import Foundation
import Testing

@testable import CorralWorkerRuntime

@Suite struct FrameReaderTests {
    /// Enough that headers come to lie across the buffer's end at every offset, some dozens of times.
    private static let count = 120_000

    @Test func losesNoFrameWhereverTheBufferEnds() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let (writing, reading) = (ends[0], ends[1])
        defer { close(reading) }
        let writer = Thread {
            var bytes: [UInt8] = []
            for index in 0..<Self.count {
                bytes +=
                    Frame(.cancel, call: UInt64(index), payload: [UInt8](repeating: 1, count: Self.size(index))).bytes
                guard bytes.count > 64 << 10 || index == Self.count - 1 else { continue }
                var sent = 0
                while sent < bytes.count {
                    let written = bytes.withUnsafeBytes { write(writing, $0.baseAddress! + sent, bytes.count - sent) }
                    guard written > 0 else { break }
                    sent += written
                }
                bytes.removeAll(keepingCapacity: true)
            }
            close(writing)
        }
        writer.start()
        let reader = FrameReader(reading)
        for index in 0..<Self.count {
            let frame = try #require(reader.next(), "the stream ended at frame \(index)")
            guard frame.call == UInt64(index), frame.payload.count == Self.size(index) else {
                Issue.record("frame \(index) came as \(frame.call) with \(frame.payload.count) bytes")
                return
            }
        }
        #expect(reader.next() == nil)
    }

    /// Odd sizes without a short period.
    private static func size(_ index: Int) -> Int { index &* 2_654_435_761 % 251 }
}
