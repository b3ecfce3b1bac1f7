// SPDX-License-Identifier: Apache-2.0
// ScoreKeeper: what becomes of scores: rows of the tenant's store, spans below the step that was judged, and news of a
// quality check.

import CorralBase
import CorralPipeline
import CorralStore
import Logging

struct ScoreKeeper: Sendable {
    let tenant: TenantID
    let journal: JournalWriter
    let tracer: Tracer
    let courier: Courier
    /// Takes out of texts what must not leave the sealed journal.
    let redact: @Sendable ([String]) async -> [String]
    let clock: any HostClock
    let log: Logger

    /// - Parameter passScore: from this score on a check has passed.
    func keep(_ scores: [StoredScore], of step: JudgedStep, passScore: Double) async {
        let scores = await redacted(scores)
        do {
            try await journal.withStore { try $0.addScores(scores) }
        } catch {
            log.warning("scores of run \(step.place.run) are lost: \(error)", metadata: ["tenant": "\(tenant)"])
        }
        for score in scores { await tracer.record(span(of: score, step, passScore)) }
        await announce(scores, of: step, passScore)
    }

    /// A judge may quote what it judged.
    private func redacted(_ scores: [StoredScore]) async -> [StoredScore] {
        let words = await redact(scores.map(\.explanation))
        return zip(scores, words).map { score, explanation in
            var score = score
            score.explanation = explanation
            return score
        }
    }

    /// OpenTelemetry's event `gen_ai.evaluation.result`, as a span below the one that was evaluated: our spans have no
    /// events.
    private func span(of score: StoredScore, _ step: JudgedStep, _ passScore: Double) -> SpanRecord {
        let place = step.span.child()
        var attributes: JSONObject = [
            "corral.tenant": .string(tenant.text), "corral.judge": .string(score.judge),
            "gen_ai.evaluation.name": .string(score.criterion),
            "gen_ai.evaluation.explanation": .string(score.explanation),
        ]
        if let value = score.score {
            attributes["gen_ai.evaluation.score.value"] = .double(value)
            attributes["gen_ai.evaluation.score.label"] = value >= passScore ? "pass" : "fail"
        } else {
            attributes["gen_ai.evaluation.score.label"] = "abstained"
        }
        return SpanRecord(
            trace: place.trace, span: place.span, parent: place.parent, run: score.run, step: score.step,
            item: score.item, attempt: score.attempt, name: "evaluation \(score.criterion)", kind: "evaluation",
            startedAt: score.at, endedAt: score.at, status: "ok", attributes: .object(attributes))
    }

    /// A step passes when its lowest score does.
    private func announce(_ scores: [StoredScore], of step: JudgedStep, _ passScore: Double) async {
        let values = scores.compactMap { score in score.score.map { (score.criterion, $0) } }
        guard let worst = values.min(by: { $0.1 < $1.1 }) else { return }
        let hasPassed = worst.1 >= passScore
        let topic: NoticeTopic = hasPassed ? .qualityCheckPassed : .qualityCheckFailed
        guard await courier.wants(topic) else { return }
        let list = JSONObject(values.map { ($0.0, JSON.double($0.1)) })
        await courier.announce(
            .step(
                topic, hasPassed ? .info : .warning, step.place,
                title: "\(step.place.flow)/\(step.place.step) \(hasPassed ? "passed" : "failed") its quality check",
                text: "lowest score: \(worst.0), \(worst.1) of 10; at least \(passScore) is asked",
                data: ["scores": .object(list)], at: clock.wallNanoseconds()))
    }
}
