// SPDX-License-Identifier: Apache-2.0
// OutQueueTests: frames through a socket that is often full arrive whole, in order, with their descriptors.

import CorralBase
import CorralSocket
import CorralWire
import Foundation
import Testing

@testable import CorralSupervision

struct OutQueueTests {
    @Test func framesArriveWholeThroughAFullSocket() throws {
        var ours: Int32 = -1
        var theirs: Int32 = -1
        #expect(corral_socket_pair(&ours, &theirs) == 0)
        defer { for descriptor in [ours, theirs] { close(descriptor) } }
        _ = fcntl(ours, F_SETFL, O_NONBLOCK)
        var random = SeededGenerator(seed: 3)
        let frames = (0..<200 as Range<UInt64>).map { index in
            let count = Int.random(in: 0...60_000, using: &random)
            return Frame(.call, call: index, payload: (0..<count).map { UInt8(truncatingIfNeeded: Int(index) + $0) })
        }
        var queue = OutQueue()
        for (index, frame) in frames.enumerated() {
            queue.append(frame, descriptors: index % 50 == 0 ? [OwnedDescriptor(dup(ours))] : [])
        }
        let socket = FrameSocket(theirs, payloadBytesMax: Limits.frameBytesMax, descriptorsMax: 4)
        for (index, frame) in frames.enumerated() {
            // What was read makes room for more.
            _ = queue.flush(to: ours)
            let received = try #require(try socket.receive())
            #expect(received.frame == frame)
            #expect(received.descriptors.count == (index % 50 == 0 ? 1 : 0))
            for descriptor in received.descriptors { close(descriptor) }
        }
        #expect(queue.bytes == 0)
    }

    @Test func aPeerThatIsGoneIsNoticed() throws {
        var ours: Int32 = -1
        var theirs: Int32 = -1
        #expect(corral_socket_pair(&ours, &theirs) == 0)
        close(theirs)
        defer { close(ours) }
        var queue = OutQueue()
        queue.append(Frame(.shutdown), descriptors: [])
        guard case .broken = queue.flush(to: ours) else {
            Issue.record("not noticed")
            return
        }
        #expect(queue.bytes == 0)
    }
}
