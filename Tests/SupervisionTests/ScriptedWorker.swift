// SPDX-License-Identifier: Apache-2.0
// ScriptedWorker: a peer in the test's own process that says what a test makes it say, where a real worker never would.

import CorralBase
import CorralSupervision
import CorralWire
import Foundation
import Synchronization

/// Launches "workers" that are threads running a script on their end of the socket.
final class ScriptedLauncher: WorkerLauncher {
    typealias Script = @Sendable (ScriptedWorker) throws -> Void
    private let script: Script
    private let onEnd: @Sendable () -> Void
    private let count = Mutex(0)

    /// - Parameter onEnd: called for each worker before the host hears that it is gone.
    init(onEnd: @escaping @Sendable () -> Void = {}, _ script: @escaping Script) {
        self.onEnd = onEnd
        self.script = script
    }

    var launches: Int { count.withLock { $0 } }

    func launch(
        _ launch: WorkerLaunch, onExit: @escaping @Sendable (WorkerExit) -> Void
    ) async throws(CorralError) -> LaunchedWorker {
        let number = count.withLock { count -> Int in
            count += 1
            return count
        }
        let onEnd = onEnd
        let worker = ScriptedWorker(number, launch.ends) { exit in
            onEnd()
            onExit(exit)
        }
        let script = script
        Thread.detachNewThread {
            // A script that throws has been killed or has said all it had to say.
            try? script(worker)
            worker.end(.exited(0))
        }
        return LaunchedWorker(pid: Int32(100_000 + number), level: "script") { worker.end(.signaled(9)) }
    }
}

final class ScriptedWorker: Sendable {
    /// 1 for the first that was launched.
    let number: Int
    let socket: FrameSocket
    let crash: Int32
    private let output: Int32
    private let onExit: @Sendable (WorkerExit) -> Void
    private let hasEnded = Mutex(false)

    init(_ number: Int, _ ends: WorkerEnds, _ onExit: @escaping @Sendable (WorkerExit) -> Void) {
        self.number = number
        self.onExit = onExit
        output = dup(ends.output)
        crash = dup(ends.crash)
        socket = FrameSocket(dup(ends.socket), payloadBytesMax: 4 << 20, descriptorsMax: 64)
    }

    deinit { for descriptor in [output, crash, socket.descriptor] { close(descriptor) } }

    func end(_ status: WorkerExit.Status) {
        let isFirst = hasEnded.withLock { hasEnded in
            defer { hasEnded = true }
            return !hasEnded
        }
        guard isFirst else { return }
        shutdown(socket.descriptor, Int32(SHUT_RDWR))
        onExit(WorkerExit(status: status))
    }

    /// Dies as if by a signal, with what it still had to say.
    func crash(_ signal: Int32) { end(.signaled(signal)) }

    func next() throws -> Frame {
        guard let received = try socket.receive() else { throw CorralError.protocolViolation("nothing") }
        for descriptor in received.descriptors { close(descriptor) }
        return received.frame
    }

    func send(_ frame: Frame) throws { try socket.send(frame) }

    /// Greets, answers loads, and hands every other frame to the script.
    func serve(_ body: (Frame) throws -> Void) throws {
        while true {
            let frame = try next()
            switch frame.kind {
            case .hello: try send(ReadyMessage(toolchain: "script").frame)
            case .load: try send(LoadedMessage(plugin: try LoadMessage(frame).plugin).frame)
            case .shutdown:
                try send(Frame(.goodbye))
                return
            default: try body(frame)
            }
        }
    }

    func complete(_ call: UInt64, _ result: String = "1") throws {
        try send(DataMessage.result(Array(result.utf8)).frame(call: call))
        try send(CompleteMessage(status: 0).frame(call: call))
    }
}
