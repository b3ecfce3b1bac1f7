// SPDX-License-Identifier: Apache-2.0
// FrameWriter: frames to the host, whole and one at a time, from any thread. The host always reads, so a write waits only
// while the socket is full.

import CorralSocket
import CorralWire
import Glibc

final class FrameWriter: @unchecked Sendable {
    // Unchecked: `monitor` is held for each write.
    private let descriptor: Int32
    private let monitor = Monitor()

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func send(_ frame: Frame) {
        frame.bytes.withUnsafeBytes { write($0, UnsafeRawBufferPointer(start: nil, count: 0)) }
    }

    /// Sends two runs of bytes that together are whole frames.
    func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) {
        monitor.lock()
        defer { monitor.unlock() }
        var sent = 0
        while sent < first.count + second.count {
            let count: Int
            if sent < first.count {
                count = corral_socket_send(
                    descriptor, first.baseAddress! + sent, first.count - sent, second.baseAddress, second.count, nil, 0)
            } else {
                let done = sent - first.count
                count = corral_socket_send(
                    descriptor, second.baseAddress! + done, second.count - done, nil, 0, nil, 0)
            }
            if count <= 0 { leave(count) }
            sent += count
        }
    }

    /// Without its host a worker has nothing to live for. A plugin that closed the descriptor ends here too.
    private func leave(_ result: Int) -> Never {
        if result == -Int(EPIPE) || result == -Int(ECONNRESET) { _exit(0) }
        die("cannot write to the host (errno \(-result))")
    }
}
