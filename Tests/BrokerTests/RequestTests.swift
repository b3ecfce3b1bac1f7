// SPDX-License-Identifier: Apache-2.0
// RequestTests: requests and responses between the real broker and a real server.

import CorralBase
import CorralBroker
import CorralWire
import Foundation
import Testing

extension WithProcesses {
    @Suite struct RequestTests {
        @Test func bringsAResponseWithHeadAndBody() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let response = try await client.perform(peer.get("/hello"), tenant: .acme)
                #expect(response.head.status == 200)
                #expect(response.head.headers.contains { $0.name == "Content-Type" && $0.value == "text/plain" })
                #expect(String(decoding: response.body, as: UTF8.self) == "hello")
                #expect(response.head.url == peer.url("/hello"))
                #expect(response.done.bytesReceived == 5)
            }
        }

        @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
        func sendsMethodHeadersAndBodyAsTheyAre(method: String) async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let request = peer.get("/echo?a=1&b=%20", method: method) {
                    $0.headers = [.init("X-One", "1"), .init("X-Empty", ""), .init("Content-Type", "text/x")]
                    $0.body = method == "GET" ? [] : Array("the body".utf8)
                }
                let echo = try JSON(parsing: try await client.perform(request, tenant: .acme).body)
                #expect(echo["method"] == .string(method))
                #expect(echo["path"] == "/echo?a=1&b=%20")
                #expect(echo["body"] == .string(method == "GET" ? "" : "the body"))
                let headers = (echo["headers"]?.arrayValue ?? []).compactMap {
                    $0.arrayValue?.compactMap(\.stringValue)
                }
                #expect(headers.contains(["x-one", "1"]) && headers.contains(["x-empty", ""]))
                #expect(headers.contains(["user-agent", "corral"]))
                #expect(headers.contains(["content-type", "text/x"]) == (method != "GET"))
                #expect(!headers.contains { $0[0] == "expect" })
            }
        }

        @Test func headHasNoBody() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let response = try await client.perform(peer.get("/hello", method: "HEAD"), tenant: .acme)
                #expect(response.head.status == 200 && response.body.isEmpty)
            }
        }

        @Test func statusesOfFailureAreAnswers() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                for status in [404, 500, 204] {
                    let response = try await client.perform(peer.get("/status/\(status)"), tenant: .acme)
                    #expect(response.head.status == status)
                }
            }
        }

        @Test func bytesStayBytes() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                #expect(try await client.perform(peer.get("/binary"), tenant: .acme).body == Array(0...255))
                let unpacked = try await client.perform(peer.get("/zipped"), tenant: .acme)
                #expect(unpacked.body == Array(String(repeating: "unpacked", count: 100).utf8))
                #expect(unpacked.done.bytesReceived < 800)
            }
        }

        @Test func hundredRequestsRunAtOnce() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let bodies = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                    for number in 0..<100 {
                        // The limit of one tenant is 64.
                        let tenant = TenantID.make("tenant-\(number % 2)")
                        group.addTask {
                            let request = peer.get("/echo", method: "POST") { $0.body = Array("\(number)".utf8) }
                            let response = try await client.perform(request, tenant: tenant)
                            return (number, try JSON(parsing: response.body)["body"]?.stringValue ?? "")
                        }
                    }
                    return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
                }
                #expect(bodies.count == 100 && bodies.allSatisfy { "\($0.key)" == $0.value })
            }
        }

        @Test func oneTenantCannotTakeAllRequests() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let held = (0..<Limits.networkRequestsPerTenantMax).map { _ in
                    Task { try await client.perform(peer.get("/silent"), tenant: .acme) }
                }
                try await eventually("all wait") { await client.requestCount == held.count }
                let error = await failure(client, peer.get("/hello"))
                #expect(error?.code.number == 752 && error?.isRetryable == true)
                #expect(error?.message.contains("64") == true && error?.message.contains("acme") == true)
                #expect(try await client.perform(peer.get("/hello"), tenant: .make("other")).head.status == 200)
                for task in held { task.cancel() }
            }
        }

        @Test func cancellationClosesTheConnection() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let task = Task { try await client.perform(peer.get("/silent"), tenant: .acme) }
                try await eventually("it has arrived") { try await peer.counts(client)["silent"] == 1 }
                task.cancel()
                await #expect(throws: CorralError.self) { try await task.value }
                try await eventually("it is closed") { try await peer.counts(client)["closed by peer"] == 1 }
                #expect(await client.requestCount == 0)
            }
        }

        @Test func connectionHandsOutASocketThatWaits() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let socket = try await client.connect(
                    host: "127.0.0.1", port: peer.port, isInternal: true, timeout: .seconds(5), tenant: .acme)
                #expect(fcntl(socket.number, F_GETFL) & O_NONBLOCK == 0)
                let request = Array("GET /hello HTTP/1.0\r\n\r\n".utf8)
                #expect(write(socket.number, request, request.count) == request.count)
                var answer: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while case let count = read(socket.number, &buffer, buffer.count), count > 0 {
                    answer += buffer[..<count]
                }
                #expect(String(decoding: answer, as: UTF8.self).hasSuffix("hello"))
            }
        }

        @Test func connectionIsRefusedLikeARequest() async throws {
            try await withBroker { client in
                for (host, isInternal, code) in [
                    ("127.0.0.1", false, 756), ("127.0.0.1", true, 759), ("nowhere.invalid", false, 758),
                    ("0x7f.1", true, 753),
                ] {
                    do throws(CorralError) {
                        _ = try await client.connect(
                            host: host, port: 1, isInternal: isInternal, timeout: .seconds(5), tenant: .acme)
                        Issue.record("\(host) was connected")
                    } catch { #expect(error.code.number == code, "\(error)") }
                }
            }
        }
    }
}
