// SPDX-License-Identifier: Apache-2.0
// JudgePanel: judges what steps gave, after the fact: sampled, a few at a time, each within a time. It has a queue with an
// end: what does not fit is dropped and counted, and no run ever waits for it.

import CorralBase
import CorralPipeline
import CorralStore
import CorralWire
import Logging

import class CorralSupervision.Lane

extension Limits {
    /// Steps that wait to be judged, and what their inputs and outputs may hold together.
    package static let judgedWaitingMax = 256
    package static let judgedWaitingBytesMax = 16 << 20
    /// Scores in one answer of one judge.
    package static let scoresPerAnswerMax = 256
    /// A score's explanation; more is cut.
    package static let explanationBytesMax = 4 << 10
}

/// A step that succeeded, as a judge sees it.
package struct JudgedStep: Sendable {
    package var place: NoticePlace
    package var attempt: AttemptKey
    package var span: SpanContext
    package var context: CallContext
    /// As the plugin got and gave them.
    package var input: [UInt8]
    package var output: [UInt8]

    var bytes: Int { input.count + output.count }
}

/// What became of what was to be judged, since the tenant was opened.
package struct JudgeCounts: Sendable, Hashable {
    package var judged = 0
    package var notSampled = 0
    /// There was no room in the queue.
    package var dropped = 0
    /// A judge failed, was too slow, or gave an answer that cannot be used.
    package var failed = 0

    /// For people, by name; those that are there.
    package var counters: [String: Int64] {
        let named = [
            ("steps judged", judged), ("steps not judged for want of room", dropped), ("judgements failed", failed),
        ]
        return Dictionary(uniqueKeysWithValues: named.filter { $0.1 > 0 }.map { ($0.0, Int64($0.1)) })
    }
}

/// How the panel asks a judge about a step.
package typealias JudgeCall = @Sendable (PluginID, JSONObject, JudgedStep, Duration) async throws(CallFailure) -> JSON

/// One per tenant, on the tenant's lane.
package actor JudgePanel {
    private nonisolated let lane: Lane
    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    private let tenant: TenantID
    private let log: Logger
    private let judges: @Sendable () -> [PluginID]
    private let judge: JudgeCall
    private let keeper: ScoreKeeper
    private let clock: any HostClock
    private var settings: EvaluationSettings
    private var waiting: [JudgedStep] = []
    private var waitingBytes = 0
    private var atWork = 0
    private var isOver = false
    private var hasSaidSo = false
    package private(set) var counts = JudgeCounts()

    /// - Parameters:
    ///   - judges: the installed judges of the operator's.
    ///   - judge: asks one of them about a step, within a time.
    ///   - keeper: takes the scores of a step.
    init(
        tenant: TenantID, lane: Lane, clock: any HostClock, log: Logger, settings: EvaluationSettings,
        judges: @escaping @Sendable () -> [PluginID], judge: @escaping JudgeCall,
        keeper: ScoreKeeper
    ) {
        self.tenant = tenant
        self.lane = lane
        self.clock = clock
        self.log = log
        self.settings = settings
        self.judges = judges
        self.judge = judge
        self.keeper = keeper
    }

    package func apply(_ settings: EvaluationSettings) { self.settings = settings }

    /// What waits is not judged any more.
    package func stop() {
        isOver = true
        counts.dropped += waiting.count
        (waiting, waitingBytes) = ([], 0)
    }

    /// Steps that wait or are being judged: a host that leaves when idle waits for them.
    package var isBusy: Bool { atWork > 0 || !waiting.isEmpty }

    /// Takes a step to be judged, or not; never waits.
    package func offer(_ step: JudgedStep) {
        guard !isOver, settings.isActive, isWanted(step) else { return }
        guard settings.isSampled(run: step.place.run, step: step.place.step, item: step.place.item) else {
            counts.notSampled += 1
            return
        }
        guard waiting.count < Limits.judgedWaitingMax, waitingBytes + step.bytes <= Limits.judgedWaitingBytesMax else {
            counts.dropped += 1
            return
        }
        waiting.append(step)
        waitingBytes += step.bytes
        pump()
    }

    /// Whether a rule applies or a judge wants to see all.
    private func isWanted(_ step: JudgedStep) -> Bool {
        settings.judges?.isEmpty == false || !criteria(for: step).isEmpty
    }

    private func criteria(for step: JudgedStep) -> [JSON] {
        settings.criteria(agent: step.place.agent, flow: step.place.flow, step: step.place.step)
    }

    private func pump() {
        while atWork < settings.concurrency, !waiting.isEmpty {
            let step = waiting.removeFirst()
            waitingBytes -= step.bytes
            atWork += 1
            // Not structured: nobody waits for a verdict.
            Task {
                await self.judge(step)
                self.atWork -= 1
                self.pump()
            }
        }
    }

    private func judge(_ step: JudgedStep) async {
        let criteria = criteria(for: step)
        let asked = settings.judges ?? (criteria.isEmpty ? [] : judges())
        guard !asked.isEmpty else {
            sayNobodyJudges()
            return
        }
        guard let body = body(of: step, criteria) else { return counts.failed += 1 }
        var scores: [StoredScore] = []
        for plugin in asked {
            do throws(CallFailure) {
                let answer = try await judge(plugin, body, step, settings.timeout)
                scores += try read(answer, of: plugin, step)
            } catch {
                counts.failed += 1
                log.warning(
                    "\(plugin) did not judge \(step.place.step) of run \(step.place.run): \(error.error.message)",
                    metadata: ["tenant": "\(tenant)"])
            }
        }
        guard !scores.isEmpty else { return }
        counts.judged += 1
        await keeper.keep(scores, of: step, passScore: settings.passScore)
    }

    /// Once: rules without a judge are a mistake that the configuration alone cannot show.
    private func sayNobodyJudges() {
        counts.failed += 1
        guard !hasSaidSo else { return }
        hasSaidSo = true
        log.warning(
            "evaluation.rules are held against nothing: no judge is installed", metadata: ["tenant": "\(tenant)"])
    }

    private func body(of step: JudgedStep, _ criteria: [JSON]) -> JSONObject? {
        guard let input = try? JSON(parsing: step.input), let output = try? JSON(parsing: step.output) else {
            return nil
        }
        var body: JSONObject = [
            "agent": .string(step.place.agent), "flow": .string(step.place.flow), "step": .string(step.place.step),
            "run": .string(step.place.run.text), "input": input, "output": output,
        ]
        if !criteria.isEmpty { body["criteria"] = .array(criteria) }
        return body
    }

    /// A judge's word is a stranger's: what cannot be a score is none.
    private func read(
        _ answer: JSON, of judge: PluginID, _ step: JudgedStep
    ) throws(CallFailure) -> [StoredScore] {
        guard let list = answer["scores"]?.arrayValue else {
            throw CallFailure(.judgeAnswerInvalid(judge, "it has no list \"scores\""))
        }
        guard list.count <= Limits.scoresPerAnswerMax else {
            throw CallFailure(.judgeAnswerInvalid(judge, "it has \(list.count) scores"))
        }
        let now = clock.wallNanoseconds()
        var scores: [StoredScore] = []
        for item in list {
            guard let criterion = item["criterion"]?.stringValue, (1...128).contains(criterion.utf8.count) else {
                throw CallFailure(.judgeAnswerInvalid(judge, "a score names no criterion"))
            }
            let value = item["score"]?.doubleValue
            guard value.map({ $0 >= 1 && $0 <= 10 }) ?? (item["score"]?.isNull ?? true) else {
                throw CallFailure(.judgeAnswerInvalid(judge, "the score of \"\(criterion)\" is not from 1 to 10"))
            }
            scores.append(
                StoredScore(
                    run: step.place.run, step: step.place.step, item: step.place.item, attempt: step.attempt.attempt,
                    judge: judge.text, criterion: criterion, score: value,
                    explanation: shortened(item["explanation"]?.stringValue ?? ""), at: now))
        }
        return scores
    }

    private func shortened(_ text: String) -> String {
        guard text.utf8.count > Limits.explanationBytesMax else { return text }
        return String(decoding: text.utf8.prefix(Limits.explanationBytesMax), as: UTF8.self) + "…"
    }
}
