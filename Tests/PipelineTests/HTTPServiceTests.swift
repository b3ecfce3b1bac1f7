// SPDX-License-Identifier: Apache-2.0
// HTTPServiceTests: a plugin's request to the network is a call like any other: granted, traced, journaled. The broker is a
// thread of the test's that answers frames.

import CorralBase
import CorralBroker
import CorralPipeline
import CorralServices
import CorralStore
import CorralWire
import Foundation
import Synchronization
import Testing

import class CorralSupervision.Lane
import struct CorralSupervision.LaunchedWorker
import struct CorralSupervision.SystemClock
import struct CorralSupervision.WorkerExit

/// Stands for corral-broker: answers each request with "answer N", a stream with two events, and remembers them all.
private final class ScriptedBroker: BrokerLauncher {
    private let state = Mutex<[BrokerRequest]>([])
    var requests: [BrokerRequest] { state.withLock { $0 } }

    func launch(
        socket: Int32, output: Int32, onExit: @escaping @Sendable (WorkerExit) -> Void
    ) async throws(CorralError) -> LaunchedWorker {
        let copy = dup(socket)
        Thread.detachNewThread {
            try? self.serve(FrameSocket(copy, payloadBytesMax: Limits.brokerFrameBytesMax, descriptorsMax: 1))
            close(copy)
            onExit(WorkerExit(status: .exited(0)))
        }
        return LaunchedWorker(pid: 1, level: "script") { shutdown(copy, Int32(SHUT_RDWR)) }
    }

    private func serve(_ socket: FrameSocket) throws {
        while let received = try socket.receive() {
            guard received.frame.kind == .brokerRequest else { continue }
            let request = try BrokerRequest(received.frame)
            let count = state.withLock { requests -> Int in
                requests.append(request)
                return requests.count
            }
            // As a broker that is killed.
            if request.url.hasSuffix("/die") { return }
            let id = received.frame.call
            try socket.send(BrokerHead(status: 200, headers: [.init("A", "b")], url: request.url).frame(call: id))
            if request.isStream {
                for data in ["one", "two"] {
                    let batch: JSON = ["events": [["event": "message", "data": .string(data), "id": ""]]]
                    try socket.send(Frame(.brokerEvents, call: id, payload: batch.bytes()))
                }
            } else {
                try socket.send(Frame(.brokerBody, call: id, payload: Array("answer \(count)".utf8)))
            }
            try socket.send(BrokerDone(bytesReceived: 8, redirects: 0).frame(call: id))
        }
    }
}

@Suite struct HTTPServiceTests {
    private struct Rig {
        let bench: Bench
        let broker = ScriptedBroker()
        let client: BrokerClient
        let services: Services
        let grants = Grants(http: [
            HTTPGrant(host: "api.example.com", methods: ["GET", "POST"]), HTTPGrant(host: "other.example.com"),
        ])

        init() async throws {
            bench = try await Bench()
            client = BrokerClient(
                lane: try Lane(name: "broker"), launcher: broker, settings: NetworkSettings()
            ) { _ in }
            let binding = SecretBinding(name: "KEY", source: .variable("KEY"), hosts: ["api.example.com"])
            let vault = SecretVault([binding], environment: ["KEY": "s3cr3t-value"])
            let counter = Mutex<UInt64>(5_000)
            services = Services(
                executor: bench.lane, services: [HTTPService(broker: client, vault: vault, clock: SystemClock())]
            ) {
                counter.withLock { number in
                    number += 1
                    return number
                }
            }
            await services.connect(bench.pipeline)
        }

        func parent(lineage: Int = 1, attempt: Int = 1) async throws -> Call {
            let call = try bench.call(attempt: attempt, lineage: lineage)
            await services.register(LiveCall(call: call))
            return call
        }

        func ask(_ parent: Call, _ json: JSON, emit: @escaping ServiceEmit = noEvents) async -> ServiceAnswer {
            let worker = WorkerKey(tenant: .standard, compartment: CompartmentID("shared"), generation: 1)
            let request = ServiceRequest(
                call: parent.id, service: "corral.host.http/1", method: "request", body: json.bytes(), grants: grants)
            return await services.receive(request, from: worker, emit: emit)
        }
    }

    private func value(_ answer: ServiceAnswer) throws -> JSON {
        guard case .success(let bytes, _) = answer else {
            Issue.record("\(answer)")
            return .null
        }
        return try JSON(parsing: bytes)
    }

    private func error(_ answer: ServiceAnswer) -> (status: ServiceStatus, error: CorralError)? {
        guard case .failure(let status, let error) = answer else { return nil }
        return (status, error)
    }

    @Test func requestIsTracedWithoutItsPathAndQuery() async throws {
        let rig = try await Rig()
        let parent = try await rig.parent()
        let answer = try value(await rig.ask(parent, ["url": "https://api.example.com/private/path?token=hidden"]))
        #expect(answer["status"] == 200 && answer["body"] == "answer 1")
        #expect(answer["headers"] == [["A", "b"]])
        let span = try #require(try await rig.bench.spans().first { $0.kind == "http" })
        #expect(span.attributes["http.request.method"] == "GET")
        #expect(span.attributes["server.address"] == "api.example.com")
        #expect(span.attributes["http.response.status_code"] == 200)
        let text = span.name + String(decoding: span.attributes.bytes(), as: UTF8.self)
        #expect(!text.contains("hidden") && !text.contains("private"), "\(text)")
        #expect(span.parent == parent.span.span)
    }

    @Test func secretIsInTheRequestAndNowhereElse() async throws {
        let rig = try await Rig()
        let parent = try await rig.parent()
        let header: JSON = ["Authorization", "Bearer ${secret:KEY}"]
        _ = try value(await rig.ask(parent, ["url": "https://api.example.com/", "headers": [header]]))
        #expect(rig.broker.requests.first?.secrets.first?.value == "s3cr3t-value")
        let journal = try await rig.bench.events().map { "\($0)" }.joined()
        let bytes = try await rig.bench.events().compactMap { event -> [UInt8]? in
            if case .effectIntent(_, _, let request) = event { request } else { nil }
        }
        #expect(bytes.contains { String(decoding: $0, as: UTF8.self).contains("${secret:KEY}") })
        #expect(!journal.contains("s3cr3t-value"))
        #expect(!(try await rig.bench.spans()).contains { "\($0)".contains("s3cr3t-value") })
        let refused = try #require(
            error(await rig.ask(parent, ["url": "https://other.example.com/", "headers": [header]])))
        #expect(refused.status == .denied && refused.error.code.number == 765)
        #expect(rig.broker.requests.count == 1)
    }

    @Test func whatIsNotGrantedIsDeniedAndTraced() async throws {
        let rig = try await Rig()
        let parent = try await rig.parent()
        for (json, code, status) in [
            (["url": "https://evil.test/"] as JSON, 755, ServiceStatus.denied),
            (["url": "https://other.example.com/", "method": "POST"], 755, .denied),
            (["url": "http://api.example.com/"], 755, .denied), (["url": "https://api.example.com:444/"], 755, .denied),
            (["url": "https://api.example.com\\@evil.test/"], 753, .invalid), (["method": "GET"], 754, .invalid),
        ] {
            let refused = try #require(error(await rig.ask(parent, json)))
            #expect(refused.error.code.number == code && refused.status == status, "\(json)")
        }
        #expect(rig.broker.requests.isEmpty)
        let spans = try await rig.bench.spans().filter { $0.kind == "http" }
        #expect(spans.count == 6 && spans.allSatisfy { $0.status == "error" })
    }

    @Test func completedRequestIsAnsweredFromTheJournal() async throws {
        let rig = try await Rig()
        let request: JSON = ["url": "https://api.example.com/", "method": "POST", "body": "x"]
        let first = try await rig.parent()
        #expect(try value(await rig.ask(first, request))["body"] == "answer 1")
        // The worker was lost; the same lineage asks again.
        let again = try await rig.parent(attempt: 2)
        #expect(try value(await rig.ask(again, request))["body"] == "answer 1")
        #expect(rig.broker.requests.count == 1)
        // An equal request of the same call is another effect, and has another key.
        #expect(try value(await rig.ask(again, request))["body"] == "answer 2")
        let keys = rig.broker.requests.compactMap { request in
            request.headers.first { $0.name == "Idempotency-Key" }?.value
        }
        #expect(keys.count == 2 && Set(keys).count == 2 && keys.allSatisfy { $0.utf8.count == 40 })
    }

    @Test func lostRequestIsSentAgainWithItsKey() async throws {
        let rig = try await Rig()
        let request: JSON = ["url": "https://api.example.com/die", "method": "POST"]
        let lost = try #require(error(await rig.ask(try await rig.parent(), request)))
        #expect(lost.status == .unavailable && lost.error.code.number == 751 && lost.error.isRetryable)
        _ = await rig.ask(try await rig.parent(attempt: 2), request)
        let keys = rig.broker.requests.map { $0.headers.first { $0.name == "Idempotency-Key" }?.value }
        #expect(keys.count == 2 && keys[0] == keys[1] && keys[0] != nil)
    }

    @Test func streamIsEmittedAndEmittedAgainFromTheJournal() async throws {
        let rig = try await Rig()
        let request: JSON = ["url": "https://api.example.com/", "stream": true]
        for attempt in 1...2 {
            let emitted = Mutex<[JSON]>([])
            let parent = try await rig.parent(attempt: attempt)
            let answer = try value(
                await rig.ask(parent, request) { bytes in
                    let events = (try? JSON(parsing: bytes))?["events"]?.arrayValue ?? []
                    emitted.withLock { $0 += events }
                    return true
                })
            #expect(emitted.withLock { $0 }.map { $0["data"] } == ["one", "two"], "attempt \(attempt)")
            #expect(answer["events"] == nil && answer["body"] == nil && answer["status"] == 200)
        }
        #expect(rig.broker.requests.count == 1)
    }
}
