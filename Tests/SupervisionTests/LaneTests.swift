// SPDX-License-Identifier: Apache-2.0

import CorralSocket
import Foundation
import Testing

@testable import CorralSupervision

@Suite struct LaneTests {
    /// A lane is woken through a descriptor. When it has ended, its number belongs to others: eight bytes there would be
    /// the end of somebody's conversation.
    @Test func stoppedLaneWritesIntoNobodysSocket() throws {
        for _ in 0..<50 {
            let lane = try Lane(name: "stopped")
            lane.stop()
            var pairs: [(Int32, Int32)] = []
            defer {
                for pair in pairs {
                    close(pair.0)
                    close(pair.1)
                }
            }
            for _ in 0..<20 {
                var pair: (Int32, Int32) = (-1, -1)
                try #require(corral_socket_pair(&pair.0, &pair.1) == 0)
                pairs.append(pair)
                lane.stop()
            }
            var byte: UInt8 = 0
            for pair in pairs {
                #expect(recv(pair.0, &byte, 1, Int32(MSG_DONTWAIT)) < 0)
                #expect(recv(pair.1, &byte, 1, Int32(MSG_DONTWAIT)) < 0)
            }
        }
    }
}
