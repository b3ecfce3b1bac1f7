// SPDX-License-Identifier: Apache-2.0
// RedactedLog: what workers print and log, on its way to the host's log, without the values in it. What one plugin says is
// kept in order, and looked at together: a private key that is printed comes as many lines.

import CorralBase
import CorralPipeline
import CorralSupervision
import Logging
import Synchronization

/// One per tenant.
final class RedactedLog: Sendable {
    /// Whose words a line is.
    private struct Source: Hashable {
        var worker: WorkerKey
        var plugin: PluginID?
        var level: LogLevel
    }

    private struct State {
        var waiting: [WorkerLogLine] = []
        var dropped = 0
        /// Lines that may go on in what is said next.
        var held: [Source: HeldText] = [:]
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
        let held = state.withLock { state in
            defer { state.held = [:] }
            return state.held
        }
        await write(held.map { ($0, $1) }, isEnd: true)
    }

    private func drain() async {
        while let (lines, dropped) = next() {
            await write(grouped(lines), isEnd: false)
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

    /// What each said, behind what is held of it, in the order in which they began.
    private func grouped(_ lines: [WorkerLogLine]) -> [(Source, HeldText)] {
        var order: [Source] = []
        var texts: [Source: HeldText] = [:]
        for line in lines {
            let source = Source(worker: line.worker, plugin: line.plugin, level: line.level)
            if texts[source] == nil {
                order.append(source)
                texts[source] = state.withLock { $0.held.removeValue(forKey: source) } ?? HeldText()
            }
            texts[source]?.append(shown(line) + "\n")
        }
        return order.compactMap { source in texts[source].map { (source, $0) } }
    }

    private func write(_ said: [(source: Source, text: HeldText)], isEnd: Bool) async {
        guard !said.isEmpty else { return }
        let found = await redactor.hidden(in: said.map { ScanText($0.text.text) })
        for (index, (source, text)) in said.enumerated() {
            guard let findings = found?[index] else {
                write(Redactor.withheld, source)
                continue
            }
            var text = text
            let gone = text.release(findings, isEnd: isEnd)
            for line in gone.split(separator: "\n") { write(String(line), source) }
            if !text.isEmpty { state.withLock { $0.held[source] = text } }
        }
    }

    private func shown(_ line: WorkerLogLine) -> String {
        // What is printed has no plugin's name; scanners have workers that no other plugin is in.
        let isScanners = line.plugin.map(isScanner) ?? line.worker.compartment.text.hasPrefix("operator")
        guard isScanners else { return line.text }
        return "a scanner said something (\(line.text.utf8.count) bytes), which is not kept: it may quote what it read"
    }

    private func write(_ text: String, _ source: Source) {
        log.log(
            level: Logger.Level(source.level), "\(text)",
            metadata: ["worker": "\(source.worker)", "plugin": "\(source.plugin?.text ?? "-")"])
    }
}
