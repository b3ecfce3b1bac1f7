// SPDX-License-Identifier: Apache-2.0
// CallRecord: what the pool knows about a call from its request to its outcome. Touched on the pool's lane only.

import CorralBase
import CorralCatalog
import CorralWire

final class CallRecord {
    enum Place {
        case queued(CompartmentID)
        /// The number of the worker.
        case running(UInt64)
        case over
    }

    /// Its plugin may be replaced by another version until it is sent.
    private(set) var call: PluginCall
    let events: @Sendable (CallEvent) -> Void
    let queuedAt: UInt64
    var place = Place.over
    var sentAt: UInt64?
    var metrics = CallMetrics()
    var output: CallOutput
    var continuation: CheckedContinuation<CallOutcome, Never>?
    /// The first reason counts.
    var cancelReason: CancelReason?
    /// Which limit was broken, in words.
    var brokenLimit: String?
    /// The tenant's limit that was reached, in full.
    var limitError: CorralError?
    var account = CallAccount()
    /// The grace after its cancellation is over: the worker is to be killed because of it.
    var isCulprit = false
    var deadlineTimer: Lane.TimerID?
    var graceTimer: Lane.TimerID?
    var services: [UInt32: Task<Void, Never>] = [:]
    /// Events of services that wait until the plugin has taken earlier ones.
    var heldEvents: [UInt32: [HeldEvent]] = [:]
    var partialTimer: Lane.TimerID?
    private var partialGate = RateGate(perSecond: Limits.progressPerSecondMax)
    private var progressGate = RateGate(perSecond: Limits.progressPerSecondMax)
    /// Partial output that waits for its time, or for the rest of a UTF-8 sequence.
    private var partialTail: [UInt8] = []

    init(_ call: PluginCall, queuedAt: UInt64, spoolFolder: String?, events: @escaping @Sendable (CallEvent) -> Void) {
        self.call = call
        self.queuedAt = queuedAt
        self.events = events
        output = CallOutput(spoolFolder: spoolFolder)
    }

    /// While it waits outside of any queue.
    func take(version: CatalogEntry) { call.plugin = version }

    var isNested: Bool { call.depth > 0 }
    var line: CallQueue.Line { CallQueue.Line(plugin: call.plugin.digest, isNested: isNested) }
    var plugin: String { call.plugin.id.text }
    var doing: String { "running \(call.noun)" }

    func progress(_ message: ProgressMessage, at now: UInt64) {
        guard progressGate.passes(at: now) else { return }
        events(.progress(fraction: message.fraction, text: printable(message.text)))
    }

    /// Takes partial output. Above the rate, pieces are put together instead of dropped.
    /// - Returns: whether some of it waits for `showPartial`.
    func partial(_ bytes: [UInt8], at now: UInt64) -> Bool {
        partialTail += bytes
        if partialGate.passes(at: now) { showPartial() }
        return partialTail.count > 4
    }

    func showPartial() {
        let whole = partialTail.count - openSequence(partialTail)
        guard whole > 0 else { return }
        events(.partial(text: String(decoding: partialTail[..<whole], as: UTF8.self)))
        partialTail.removeSubrange(..<whole)
    }
}

/// How many bytes at the end begin a UTF-8 sequence that is not complete.
private func openSequence(_ bytes: [UInt8]) -> Int {
    for (back, byte) in bytes.suffix(3).reversed().enumerated() {
        if byte & 0xC0 == 0x80 { continue }
        let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
        return length > back + 1 ? back + 1 : 0
    }
    return 0
}
