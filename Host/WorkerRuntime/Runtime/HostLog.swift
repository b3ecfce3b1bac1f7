// SPDX-License-Identifier: Apache-2.0
// HostLog: log lines of plugins on their way to the host. A flood is counted here already, so that it cannot fill the
// socket and delay everybody's results; the host counts again, because it trusts no worker.

import CorralBase
import CorralWire
import Glibc

final class HostLog: @unchecked Sendable {
    // Unchecked: everything below `monitor` is touched only while it is held.
    private let monitor = Monitor()
    private let writer: FrameWriter
    private var second: UInt64 = 0
    private var lines = 0
    private var dropped = 0

    init(_ writer: FrameWriter) { self.writer = writer }

    /// - Parameters:
    ///   - plugin: the plugin that speaks, `UInt32.max` when unknown.
    ///   - call: the host's id of the call, 0 = none.
    func write(plugin: UInt32, call: UInt64, level: UInt32, _ text: String) {
        let (isDropped, lost) = admit()
        if lost > 0 {
            send(
                plugin: plugin, call: 0, level: 3,
                "\(lost) log lines were dropped: more than "
                    + "\(Limits.logLinesPerSecondMax) in one second")
        }
        if !isDropped { send(plugin: plugin, call: call, level: UInt8(clamping: min(max(level, 1), 4)), text) }
    }

    private func admit() -> (isDropped: Bool, lost: Int) {
        monitor.withLock {
            let now = monotonicNanoseconds() / 1_000_000_000
            var lost = 0
            if now != second { (second, lines, lost, dropped) = (now, 0, dropped, 0) }
            lines += 1
            guard lines > Limits.logLinesPerSecondMax else { return (false, lost) }
            dropped += 1
            return (true, lost)
        }
    }

    private func send(plugin: UInt32, call: UInt64, level: UInt8, _ text: String) {
        writer.send(LogMessage(plugin: plugin, level: level, text: text).frame(call: call))
    }
}
