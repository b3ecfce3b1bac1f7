// SPDX-License-Identifier: Apache-2.0
// SpokenEvents: what a call says while it runs, on its way to followers: progress, partial output and log lines, redacted in
// order. Partial output comes in pieces that a value may lie across, so it is let go at borders only (`HeldText`).

import CorralBase
import CorralControl
import CorralPipeline

/// Of one attempt; touched on the tenant's lane only.
final class SpokenEvents {
    private enum Saying {
        case progress(fraction: Double?, text: String)
        case partial
        case log(level: Int, plugin: String, text: String)

        /// Of a piece of partial output the text is with what is held.
        var text: String {
            switch self {
            case .progress(_, let text), .log(_, _, let text): text
            case .partial: ""
            }
        }
    }

    private let step: StepReference
    private var waiting: [Saying] = []
    private var held = HeldText()
    private var dropped = 0
    private var hasEnded = false
    /// Whether somebody is taking what waits.
    var isDraining = false
    var whenDrained: [CheckedContinuation<Void, Never>] = []

    init(_ step: StepReference) { self.step = step }

    var isEmpty: Bool { waiting.isEmpty && dropped == 0 && (held.isEmpty || !hasEnded) }

    func add(_ event: CorralPipeline.CallEvent) {
        switch event {
        case .started: return
        case .progress(let fraction, let text): keep(.progress(fraction: fraction, text: text))
        case .log(let level, let plugin, let text): keep(.log(level: Int(level), plugin: plugin, text: text))
        case .partial(let text):
            held.append(text)
            // Many pieces that wait are scanned as one.
            if case .partial? = waiting.last { return }
            if held.hasBorder { keep(.partial) }
        }
    }

    /// The call is over: what was held back of its partial output is its end.
    func end() { hasEnded = true }

    /// A scanner that does not keep up costs events, never memory.
    private func keep(_ saying: Saying) {
        if waiting.count < Limits.heldEventsMax { waiting.append(saying) } else { dropped += 1 }
    }

    /// Takes all that waits, redacted.
    func take(_ redactor: Redactor) async -> [RunEvent.Body] {
        let (taken, lost) = (waiting, dropped)
        (waiting, dropped) = ([], 0)
        let piece = held
        held = HeldText()
        let found = await redactor.hidden(in: taken.map { ScanText($0.text) } + [ScanText(piece.text)])
        var bodies = taken.enumerated().compactMap { index, saying -> RunEvent.Body? in
            let text = found.map { saying.text.redacted($0[index]) } ?? Redactor.withheld
            switch saying {
            case .progress(let fraction, _): return .stepProgress(step, fraction: fraction, text: text)
            case .log(let level, let plugin, _): return .log(level: level, plugin: plugin, step: step, text: text)
            case .partial: return nil
            }
        }
        let shown = await release(piece, found?.last, redactor)
        if !shown.isEmpty { bodies.append(.stepPartial(step, text: shown)) }
        if lost > 0 { bodies.append(.eventsDropped(count: lost)) }
        return bodies
    }

    /// What of the partial output may be shown; the rest goes before what came meanwhile.
    private func release(_ piece: HeldText, _ findings: [Finding]?, _ redactor: Redactor) async -> String {
        guard !piece.isEmpty else { return "" }
        guard let findings else { return Redactor.withheld }
        var piece = piece
        let isWatched = await redactor.isUseful
        // What came meanwhile may be the end of a value that is not whole yet.
        let shown = piece.release(findings, isEnd: (hasEnded && held.isEmpty) || !isWatched)
        piece.append(held.text)
        held = piece
        return shown
    }
}

extension TenantRuntime {
    /// Something a call says; it reaches followers when the scanners have seen it.
    func hear(_ event: CorralPipeline.CallEvent, _ key: AttemptKey, of run: ActiveRun) {
        let spoken = run.spoken[key] ?? SpokenEvents(key.reference)
        run.spoken[key] = spoken
        spoken.add(event)
        guard !spoken.isEmpty, !spoken.isDraining else { return }
        spoken.isDraining = true
        // Not structured: `settleEvents` waits for it before the attempt's end is told.
        Task { await self.drain(spoken, of: run) }
    }

    /// Returns when everything that an ended call said has been told.
    func settleEvents(_ key: AttemptKey, of run: ActiveRun) async {
        guard let spoken = run.spoken.removeValue(forKey: key) else { return }
        spoken.end()
        if spoken.isDraining {
            await withCheckedContinuation { spoken.whenDrained.append($0) }
        } else if !spoken.isEmpty {
            spoken.isDraining = true
            await drain(spoken, of: run)
        }
    }

    private func drain(_ spoken: SpokenEvents, of run: ActiveRun) async {
        while !spoken.isEmpty {
            let bodies = await spoken.take(redactor)
            let now = clock.wallNanoseconds()
            for body in bodies { run.emit(body, at: now) }
        }
        spoken.isDraining = false
        for waiter in spoken.whenDrained { waiter.resume() }
        spoken.whenDrained = []
    }
}
