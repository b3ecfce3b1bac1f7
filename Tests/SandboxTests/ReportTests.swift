// SPDX-License-Identifier: Apache-2.0
// ReportTests: wait statuses and packets as the structs say, without a process.

import CSpawnerProtocol
import CorralBase
import Foundation
import Testing

@testable import CorralSandbox

@Suite struct ReportTests {
    @Test func readsAWaitStatusAsWaitpidWritesIt() {
        var reply = corral_spawner_reply()
        reply.wait_status = 3 << 8
        #expect(ExitReport(reply).status == .exited(code: 3))
        reply.wait_status = SIGSEGV | 0x80
        #expect(ExitReport(reply).status == .signaled(SIGSEGV))
        reply.user_ns = 5
        reply.system_ns = 6
        reply.rss_bytes_max = 7
        let report = ExitReport(reply)
        #expect((report.userNanoseconds, report.systemNanoseconds, report.maxRSSBytes) == (5, 6, 7))
    }

    @Test func refusesRepliesOfAnotherSizeOrVersion() {
        var reply = corral_spawner_reply()
        reply.version = CORRAL_SPAWNER_VERSION
        withUnsafeBytes(of: reply) { bytes in
            #expect(SpawnerPacket.reply(bytes) != nil)
            #expect(SpawnerPacket.reply(UnsafeRawBufferPointer(rebasing: bytes.dropLast())) == nil)
        }
        reply.version += 1
        withUnsafeBytes(of: reply) { #expect(SpawnerPacket.reply($0) == nil) }
    }
}
