// SPDX-License-Identifier: Apache-2.0
// HostilePeerTests: servers that are slow, endless, broken or bent on filling memory cost one request its answer and
// nobody else anything.

import CorralBase
import CorralBroker
import CorralWire
import Foundation
import Testing

extension WithProcesses {
    @Suite struct HostilePeerTests {
        private struct Case: Sendable, CustomTestStringConvertible {
            var path: String
            var code: Int
            var says: String
            var change: @Sendable (inout BrokerRequest) -> Void = { _ in }
            var testDescription: String { path }
        }

        private static let quick: @Sendable (inout BrokerRequest) -> Void = {
            $0.times.firstByte = .milliseconds(300)
            $0.times.idle = .milliseconds(300)
            $0.times.total = .milliseconds(1500)
        }

        private static let cases = [
            Case(path: "/silent", code: 761, says: "to begin its answer", change: quick),
            Case(path: "/drip", code: 761, says: "in all", change: quick),
            Case(path: "/stall", code: 761, says: "without sending a byte", change: quick),
            Case(path: "/drip-head", code: 762, says: "lines of headers"),
            Case(path: "/headers/100", code: 762, says: "bytes or"),
            Case(path: "/bomb", code: 762, says: "times as many"),
            Case(path: "/large/2000", code: 762, says: "more than 1000 bytes") { $0.bodyBytesMax = 1000 },
            Case(path: "/large/20000000", code: 762, says: "more than 16777216 bytes"),
            Case(path: "/half", code: 763, says: "broke off"),
            Case(path: "/garbage", code: 763, says: "no HTTP"),
            Case(path: "/long-event", code: 762, says: "event") { $0.isStream = true },
        ]

        @Test(arguments: cases) private func endsWithItsReason(_ attempt: Case) async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let error = await failure(client, peer.get(attempt.path, change: attempt.change))
                #expect(
                    error?.code.number == attempt.code && error?.message.contains(attempt.says) == true,
                    "\(error as Any)")
                // The broker lives, and so does its way to the same server.
                let next = try await client.perform(peer.get("/hello"), tenant: .acme)
                #expect(next.head.status == 200)
            }
        }

        @Test func bombNeverReachesTheHost() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                _ = try await client.perform(peer.get("/hello"), tenant: .acme)
                let pid = try #require(await client.processID)
                _ = await failure(client, peer.get("/bomb"))
                let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
                let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
                let kilobytes = try #require(peak?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
                #expect(kilobytes < 40 << 10, "64 MiB would have been unpacked; the peak was \(kilobytes) KiB")
            }
        }

        @Test func nobodyThereIsAnErrorThatMayPass() async throws {
            try await withBroker { client in
                var request = makeRequest("http://127.0.0.1:1/")
                request.rules = [NetworkRule(scheme: .http, host: "127.0.0.1", ports: [1], isInternal: true)]
                let error = await failure(client, request)
                #expect(error?.code.number == 759 && error?.isRetryable == true)
                #expect(error?.message.contains("http://127.0.0.1:1") == true)
            }
        }
    }
}
