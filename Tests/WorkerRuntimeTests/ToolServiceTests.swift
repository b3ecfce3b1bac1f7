// SPDX-License-Identifier: Apache-2.0
// ToolServiceTests: "corral.host.tool/1" from the host's end.

import CorralBase
import CorralSandbox
import CorralSocket
import CorralWire
import Foundation
import Testing

@Suite struct ToolServiceTests {
    @Test func passesTheAnswerToTheCompletion() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("probe")
        try worker.send(1, "\"tool\"")
        let request = try ServiceRequestMessage(worker.next(.serviceRequest))
        #expect(request.service == "corral.host.tool/1")
        #expect(request.method == "test/other.add")
        #expect(request.bytes == Array("{\"a\":1}".utf8))
        #expect(request.totalBytes == 7)
        let reply = ServiceReplyMessage(request: request.request, status: 0, result: Array("42".utf8))
        try worker.socket.send(reply.frame(call: 1))
        #expect(try worker.finish(1).text == "42")
    }

    @Test func passesALargeAnswerInADescriptor() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("probe")
        try worker.send(1, "\"tool\"")
        let request = try ServiceRequestMessage(worker.next(.serviceRequest))
        let body = [UInt8](repeating: UInt8(ascii: "1"), count: 500_000)
        let memory = corral_sealed_memfd("reply", body, body.count)
        let reply = ServiceReplyMessage(request: request.request, status: 0, result: [])
        try worker.socket.send(reply.frame(call: 1, bodyInDescriptor: true), descriptors: [memory])
        close(memory)
        #expect(try worker.finish(1).result == body)
    }

    @Test func passesADenialOn() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("probe")
        try worker.send(1, "\"tool\"")
        let request = try ServiceRequestMessage(worker.next(.serviceRequest))
        try worker.socket.send(
            ServiceReplyMessage(request: request.request, status: -5, result: Array("{}".utf8)).frame(call: 1))
        #expect(try worker.finish(1).complete.status == -5)
    }

    @Test func sendsLargeArgumentsInSeveralFrames() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("probe")
        try worker.send(1, "\"large_tool\"")
        let request = try ServiceRequestMessage(worker.next(.serviceRequest))
        var bytes = request.bytes
        while bytes.count < Int(request.totalBytes) {
            let more = try ServiceDataMessage(worker.next(.serviceData))
            #expect(more.request == request.request)
            bytes += more.bytes
        }
        #expect(bytes.count == 200_000 && bytes.first == UInt8(ascii: "{") && bytes.last == UInt8(ascii: "}"))
    }

    @Test func answersWithGoneWhatTheEndOfTheCallLeavesOpen() async throws {
        let worker = try await TestWorker.start()
        _ = try worker.load("probe")
        try worker.send(1, "\"tool_limits\"")
        for _ in 0..<Limits.serviceRequestsPerCallMax { _ = try worker.next(.serviceRequest) }
        #expect(try worker.finish(1).text == "\"ok\"")
        #expect(try worker.call("\"count_abandoned\"").text == "\"64 abandoned\"")
        // An answer that comes after all that is nobody's, and harms nobody.
        try worker.socket.send(ServiceReplyMessage(request: 1, status: 0, result: []).frame(call: 1))
        #expect(try worker.call("\"vtable\"").text == "\"ok\"")
    }
}
