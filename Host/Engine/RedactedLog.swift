// SPDX-License-Identifier: Apache-2.0
// RedactedLog: what workers print and log, on its way to the host's log: in order, and without the values in it.

import CorralBase
import CorralPipeline
import CorralSupervision
import Logging
import Synchronization

/// One per tenant.
final class RedactedLog: Sendable {
    private struct State {
        var waiting: [WorkerLogLine] = []
        var dropped = 0
        var isDraining = false
        var whenDrained: [CheckedContinuation<Void, Never>] = []
    }

    private let log: Logger
    private let redactor: Redactor
    /// Whether a plugin is a scanner: what it says cannot be asked of it.
    private let isScanner: @Sendable (PluginID) -> Bool
    private let state = Mutex(State())

    /// Lines that wait for a scanner: some seconds of what one worker may write.
    private static let waitingMax = 4_096
    private static let batchMax = 256

    init(_ log: Logger, redactor: Redactor, isScanner: @escaping @Sendable (PluginID) -> Bool) {
        self.log = log
        self.redactor = redactor
        self.isScanner = isScanner
    }

    func write(_ line: WorkerLogLine) {
        let begins = state.withLock { state in
            guard state.waiting.count < Self.waitingMax else {
                state.dropped += 1
                return false
            }
            state.waiting.append(line)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        // Not structured: a worker's line has nobody who waits for it; `settle` waits for all.
        if begins { Task { await drain() } }
    }

    /// Returns when all that was written is in the log.
    func settle() async {
        await withCheckedContinuation { continuation in
            let isDraining = state.withLock { state in
                if state.isDraining { state.whenDrained.append(continuation) }
                return state.isDraining
            }
            if !isDraining { continuation.resume() }
        }
    }

    private func drain() async {
        while let (lines, dropped) = next() {
            let texts = await redactor.redact(lines.map { shown($0) })
            for (line, text) in zip(lines, texts) { write(line, text) }
            if dropped > 0 {
                log.warning("\(dropped) lines of workers were left out: they came faster than they are scanned")
            }
        }
    }

    /// Nil when nothing waits any more; the next line then begins anew.
    private func next() -> (lines: [WorkerLogLine], dropped: Int)? {
        let (taken, waiters) = state.withLock { state in
            guard !state.waiting.isEmpty || state.dropped > 0 else {
                state.isDraining = false
                defer { state.whenDrained = [] }
                return (nil as ([WorkerLogLine], Int)?, state.whenDrained)
            }
            let lines = Array(state.waiting.prefix(Self.batchMax))
            state.waiting.removeFirst(lines.count)
            defer { state.dropped = 0 }
            return ((lines, state.dropped), [])
        }
        for waiter in waiters { waiter.resume() }
        return taken
    }

    private func shown(_ line: WorkerLogLine) -> String {
        // What is printed has no plugin's name; scanners have workers that no other plugin is in.
        let isScanners = line.plugin.map(isScanner) ?? line.worker.compartment.text.hasPrefix("operator")
        guard isScanners else { return line.text }
        return "a scanner said something (\(line.text.utf8.count) bytes), which is not kept: it may quote what it read"
    }

    private func write(_ line: WorkerLogLine, _ text: String) {
        log.log(
            level: Logger.Level(line.level), "\(text)",
            metadata: ["worker": "\(line.worker)", "plugin": "\(line.plugin?.text ?? "-")"])
    }
}
