// SPDX-License-Identifier: Apache-2.0
// StressTests: many calls at once, ended in every way there is, in an order drawn from a seed. Whatever happens, each call
// completes exactly once and nothing follows its completion.

import CorralBase
import CorralSandbox
import CorralSocket
import CorralWire
import Foundation
import Testing

@Suite struct StressTests {
    /// The host's side of one run: which calls are open, and what each does to be ended.
    private struct Run {
        let worker: TestWorker
        var random: SeededGenerator
        var open: [UInt64: String] = [:]
        var completed: Set<UInt64> = []
        var next: UInt64 = 1

        static let scenarios = [
            "pending", "early", "facts", "large", "pieces", "tool", "large_tool", "poll_cancel", "callback",
            "late_callback",
            "push_after_cancel", "text", "error",
        ]

        mutating func start() throws {
            let scenario = Run.scenarios.randomElement(using: &random) ?? "facts"
            open[next] = scenario
            try worker.send(next, "\"\(scenario)\"")
            next += 1
        }

        /// Cancels the call now and then; calls that only end that way, when they say they run.
        mutating func perhapsCancel(_ call: UInt64, _ kind: FrameKind) throws {
            let waits = ["poll_cancel", "callback", "late_callback", "push_after_cancel"].contains(open[call] ?? "")
            if waits || Int.random(in: 0..<8, using: &random) == 0 {
                try worker.socket.send(CancelReason.requested.frame(call: call))
            }
        }

        mutating func handle(_ frame: Frame) throws {
            #expect(open[frame.call] != nil, "a frame of call \(frame.call), which is over")
            switch frame.kind {
            case .data:
                try worker.socket.send(CreditMessage(bytes: UInt32(frame.payload.count)).frame(call: frame.call))
                try perhapsCancel(frame.call, frame.kind)
            case .serviceRequest:
                let request = try ServiceRequestMessage(frame)
                let reply = ServiceReplyMessage(request: request.request, status: 0, result: Array("[1]".utf8))
                try worker.socket.send(reply.frame(call: frame.call))
                try perhapsCancel(frame.call, frame.kind)
            case .complete:
                let status = try CompleteMessage(frame).status
                #expect([0, -1, -4].contains(status))
                open[frame.call] = nil
                #expect(completed.insert(frame.call).inserted)
            case .serviceData, .progress: break
            default: Issue.record("a frame of kind \(frame.kind.rawValue)")
            }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func completesEachCallExactlyOnce(_ seed: UInt64) async throws {
        let worker = try await TestWorker.start(callsMax: 16, creditBytes: 100_000)
        _ = try worker.load("probe")
        var run = Run(worker: worker, random: SeededGenerator(seed: seed))
        while run.completed.count < 400 {
            while run.open.count < 16, run.next <= 400 { try run.start() }
            try run.handle(try worker.nextFrame())
        }
        #expect(run.open.isEmpty)
        try worker.socket.send(Frame(.shutdown))
        _ = try worker.next(.goodbye)
        #expect(try worker.awaitExit().status == .exited(code: 0))
    }
}
