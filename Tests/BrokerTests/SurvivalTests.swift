// SPDX-License-Identifier: Apache-2.0
// SurvivalTests: the broker may die at any time; what was under way says so, and the next request finds another one.

import CorralBase
import CorralBroker
import CorralSocket
import CorralWire
import Foundation
import Testing

extension WithProcesses {
    @Suite struct SurvivalTests {
        @Test func killedBrokerFailsWhatIsUnderWayAndIsStartedAgain() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let tasks = (0..<10).map { _ in Task { try await client.perform(peer.get("/silent"), tenant: .acme) } }
                try await eventually("they have arrived") { try await peer.counts(client)["silent"] == 10 }
                let first = try #require(await client.processID)
                kill(first, SIGKILL)
                for task in tasks {
                    do {
                        _ = try await task.value
                        Issue.record("a request outlived its broker")
                    } catch {
                        let error = try #require(error as? CorralError)
                        #expect(error.code.number == 751 && error.isRetryable, "\(error)")
                    }
                }
                #expect(try await client.perform(peer.get("/hello"), tenant: .acme).head.status == 200)
                #expect(await client.processID != first)
            }
        }

        @Test func brokerThatCannotLiveIsNotStartedForever() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                for _ in 0..<5 {
                    _ = try await client.perform(peer.get("/hello"), tenant: .acme)
                    let pid = try #require(await client.processID)
                    kill(pid, SIGKILL)
                    try await eventually("it is gone") { await client.processID == nil }
                }
                let error = await failure(client, peer.get("/hello"))
                #expect(error?.code.number == 750 && error?.isRetryable == true)
            }
        }

        @Test func missingBrokerIsAnError() async throws {
            let harness = try BrokerHarness()
            let launcher = SpawnerBrokerLauncher(spawner: harness.spawner, executable: "/nowhere/corral-broker")
            try await withBroker(launcher: launcher) { client in
                let error = await failure(client, makeRequest("https://example.com/"))
                #expect(error?.code.number == 332, "\(error as Any)")
            }
            await harness.end()
        }

        @Test func brokerEndsWithTheHost() async throws {
            let peer = try PythonPeer()
            let harness = try BrokerHarness()
            _ = try await harness.client.perform(peer.get("/hello"), tenant: .acme)
            let pid = try #require(await harness.client.processID)
            await harness.client.shutDown()
            try await eventually("it is gone") { kill(pid, 0) != 0 }
            await harness.end()
        }

        /// The broker's side of the conversation, spoken to directly.
        @Test func framesThatMakeNoSenseEndItInOrder() async throws {
            var generator = SeededGenerator(seed: 20_261_125)
            for round in 0..<40 {
                var (mine, theirs): (Int32, Int32) = (-1, -1)
                #expect(corral_socket_pair(&mine, &theirs) == 0)
                let process = try Child([products.appending(path: "corral-broker").path()], descriptors: [3: theirs])
                close(theirs)
                let socket = FrameSocket(mine, payloadBytesMax: Limits.brokerFrameBytesMax)
                let isGreeted = round % 2 == 0
                if isGreeted { try? socket.send(BrokerHello(hasCertificates: false).frame) }
                for _ in 0..<20 { try? socket.send(Self.nonsense(&generator)) }
                shutdown(mine, Int32(SHUT_WR))
                let status = process.waitBriefly()
                #expect(status.map { $0 & 0x7F } == 0, "seed 20261125, round \(round)")
                close(mine)
            }
        }

        private static func nonsense(_ generator: inout SeededGenerator) -> Frame {
            let kinds: [FrameKind] = [
                .brokerRequest, .brokerConnect, .brokerCancel, .brokerCredit, .brokerHello, .init(rawValue: 7),
            ]
            let kind = kinds.randomElement(using: &generator) ?? .brokerRequest
            var frame = makeRequest("http://127.0.0.1:1/path").frame(call: .random(in: 0...3, using: &generator))
            if kind != .brokerRequest { frame = Frame(kind, call: frame.call, payload: Array("{\"host\":\"a\"}".utf8)) }
            for _ in 0..<Int.random(in: 0...4, using: &generator) where !frame.payload.isEmpty {
                let index = Int.random(in: 0..<frame.payload.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: frame.payload[index] = .random(in: 0...255, using: &generator)
                case 1: frame.payload.removeSubrange(index...)
                default: frame.payload.insert(.random(in: 0...255, using: &generator), at: index)
                }
            }
            return frame
        }
    }
}
