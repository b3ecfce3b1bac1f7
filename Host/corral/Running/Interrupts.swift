// SPDX-License-Identifier: Apache-2.0
// Interrupts: Ctrl-C as something to wait for beside the host's words. The first asks the run to cancel and waits; the
// second leaves at once.

import CorralBase
import CorralWire
import Dispatch
import Glibc

final class Interrupts {
    /// Readable once for each Ctrl-C.
    let descriptor: Int32
    private let writing: Int32
    private let sources: [any DispatchSourceSignal]
    private let signals: [Int32]

    /// - Parameter signals: Ctrl-C, and what else should count as it.
    /// - Throws: `terminal_failed`.
    init(signals: [Int32] = [SIGINT]) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CorralError.terminalFailed("watch for Ctrl-C", errorText(errno)) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (descriptor, writing) = (ends[0], ends[1])
        self.signals = signals
        sources = signals.map { [writing = ends[1]] number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { _ = write(writing, [1] as [UInt8], 1) }
            source.activate()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
        for number in signals { signal(number, SIG_DFL) }
        close(descriptor)
        close(writing)
    }

    /// Makes the descriptor wait for the next Ctrl-C.
    func take() {
        var bytes = [UInt8](repeating: 0, count: 16)
        _ = read(descriptor, &bytes, bytes.count)
    }
}
