// SPDX-License-Identifier: Apache-2.0
// StreamTests: event streams arrive while they happen, in batches, and wait for whoever is slow.

import CorralBase
import CorralBroker
import CorralWire
import Foundation
import Synchronization
import Testing

/// The batches a plugin would get.
private final class Batches: Sendable {
    private let state = Mutex<[(at: ContinuousClock.Instant, events: [JSON])]>([])

    var all: [(at: ContinuousClock.Instant, events: [JSON])] { state.withLock { $0 } }
    var events: [JSON] { all.flatMap(\.events) }

    func append(_ bytes: [UInt8]) {
        let events = (try? JSON(parsing: bytes))?["events"]?.arrayValue ?? []
        state.withLock { $0.append((.now, events)) }
    }
}

extension WithProcesses {
    @Suite struct StreamTests {
        @Test func eventsArriveAndAreKept() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let batches = Batches()
                let request = peer.get("/sse?count=3") { $0.isStream = true }
                let response = try await client.perform(request, tenant: .acme) {
                    batches.append($0)
                    return true
                }
                let expected: [JSON] = (0..<3).map {
                    ["event": "tick", "data": .string("line \($0)\nsecond"), "id": .string("\($0)")]
                }
                #expect(batches.events == expected && response.events == expected)
                #expect(response.body.isEmpty && response.head.status == 200)
            }
        }

        @Test func burstsShareABatchAndNoEventWaitsLong() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let batches = Batches()
                let request = peer.get("/sse?count=300&pause=0.001") { $0.isStream = true }
                _ = try await client.perform(request, tenant: .acme) {
                    batches.append($0)
                    return true
                }
                let all = batches.all
                #expect(batches.events.count == 300)
                // An event each millisecond and a batch each ten: far fewer batches than events, yet not one at the end.
                #expect(all.count < 200 && all.count > 10, "\(all.count) batches")
            }
        }

        @Test func firstEventDoesNotWaitForTheSecond() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let batches = Batches()
                let request = peer.get("/heartbeat") { $0.isStream = true }
                let task = Task {
                    try await client.perform(request, tenant: .acme) {
                        batches.append($0)
                        return batches.all.count < 5
                    }
                }
                // The plugin wants no more after five: the request ends and its connection with it.
                await #expect(throws: CorralError.self) { try await task.value }
                #expect(batches.all.count == 5)
                try await eventually("it is closed") { try await peer.counts(client)["closed by peer"] == 1 }
            }
        }

        @Test func slowPluginMakesThePeerWait() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let (gate, opening) = AsyncStream.makeStream(of: Void.self)
                let batches = Batches()
                let request = peer.get("/endless") {
                    $0.isStream = true
                    $0.bodyBytesMax = 2 << 20
                }
                let task = Task {
                    try await client.perform(request, tenant: .acme) { batch in
                        batches.append(batch)
                        for await _ in gate { break }
                        return true
                    }
                }
                try await eventually("the first batch is there") { !batches.all.isEmpty }
                // Others are served meanwhile, and nothing more is read for the slow one than its window: the limit of the
                // whole response is not reached.
                for _ in 0..<20 { _ = try await client.perform(peer.get("/hello"), tenant: .acme) }
                #expect(batches.all.count == 1)
                #expect(await client.requestCount == 1)
                // It goes on, until all that one response may hold is reached.
                opening.finish()
                let error = await #expect(throws: CorralError.self) { try await task.value }
                #expect(error?.code.number == 762, "\(error as Any)")
                let bytes = batches.events.reduce(0) { $0 + ($1["data"]?.stringValue?.utf8.count ?? 0) }
                #expect(bytes > 1 << 20 && bytes <= 2 << 20, "\(bytes)")
            }
        }

        @Test func otherResponsesToAStreamRequestComeWhole() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let response = try await client.perform(peer.get("/hello") { $0.isStream = true }, tenant: .acme)
                #expect(response.events == nil && response.body == Array("hello".utf8))
            }
        }
    }
}
