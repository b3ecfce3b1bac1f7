// SPDX-License-Identifier: Apache-2.0
// JudgePanelTests: steps that are judged after the fact, by judges that answer, hang, lie and fail.

import CorralBase
import CorralPipeline
import CorralStore
import Testing

@testable import CorralEngine

@Suite struct JudgePanelTests {
    private static let rule: JSON = ["name": "sane", "kind": "range", "of": "output.size", "max": 1]

    private func settings(rate: Double = 1, _ targets: String...) -> EvaluationSettings {
        var settings = EvaluationSettings()
        settings.rules = [
            EvaluationRule(name: "sane", targets: targets.compactMap { StepPattern($0) }, criterion: Self.rule)
        ]
        settings.rate = rate
        return settings
    }

    private func bench(_ settings: EvaluationSettings, installed: [String] = ["corral/judge-rules"]) async throws
        -> DeskBench
    {
        let bench = try await DeskBench(NotificationSettings(), settings, installed: installed)
        bench.judge.answer { _, _ in
            ["scores": [["criterion": "sane", "score": 7.5, "explanation": "\"output.size\" is 2"]]]
        }
        try await bench.begin()
        return bench
    }

    private func scores(_ bench: DeskBench) async throws -> [StoredScore] {
        try await bench.journal.withStore { try $0.scores(of: bench.run) }
    }

    @Test func scoresAreInTheStoreAndOnSpans() async throws {
        let bench = try await bench(settings())
        await bench.judges.offer(bench.step(output: #"{"size":2}"#))
        try await eventually("it is judged") { try await scores(bench).count == 1 }
        let score = try #require(try await scores(bench).first)
        #expect(score.step == "decide" && score.judge == "corral/judge-rules" && score.score == 7.5)
        #expect(score.explanation == "\"output.size\" is 2")
        let body = try #require(bench.judge.asked.first?.body)
        #expect(body["criteria"] == [Self.rule] && body["output"] == ["size": 2] && body["input"] == ["a": 1])
        #expect(body["agent"] == "corral/desk" && body["flow"] == "market-review" && body["step"] == "decide")
        try await eventually("it is on a span") { try await !bench.tracer.spans(of: bench.run).spans.isEmpty }
        let span = try #require(try await bench.tracer.spans(of: bench.run).spans.first)
        #expect(span.kind == "evaluation" && span.parent != nil)
        #expect(span.attributes["gen_ai.evaluation.name"] == "sane")
        #expect(span.attributes["gen_ai.evaluation.score.value"] == 7.5)
        #expect(span.attributes["gen_ai.evaluation.score.label"] == "pass")
        await bench.end()
    }

    @Test func abstentionIsNoScoreAndNoZero() async throws {
        let bench = try await bench(settings())
        bench.judge.answer { _, _ in
            ["scores": [["criterion": "sane", "score": nil, "explanation": "not judged: no number"]]]
        }
        await bench.judges.offer(bench.step())
        try await eventually("it is judged") { try await scores(bench).count == 1 }
        #expect(try await scores(bench).first?.score == nil)
        try await eventually("the span says so") {
            try await bench.tracer.spans(of: bench.run).spans.first?
                .attributes["gen_ai.evaluation.score.label"] == "abstained"
        }
        await bench.end()
    }

    @Test func onlyStepsWithARuleAreJudged() async throws {
        let bench = try await bench(settings("market-review/decide"))
        await bench.judges.offer(bench.step("load"))
        await bench.judges.offer(bench.step("decide"))
        try await eventually("one is judged") { try await scores(bench).count == 1 }
        #expect(bench.judge.asked.map { $0.body["step"] } == ["decide"])
        await bench.end()
    }

    @Test func whatIsOutsideTheSampleIsNotAsked() async throws {
        let bench = try await bench(settings(rate: 0.5))
        for number in 0..<200 { await bench.judges.offer(bench.step("s\(number)")) }
        try await eventually("the sample is judged") {
            let counts = await bench.judges.counts
            return counts.judged + counts.notSampled == 200
        }
        let counts = await bench.judges.counts
        #expect((60...140).contains(counts.judged) && counts.dropped == 0, "\(counts)")
        #expect(counts.counters == ["steps judged": Int64(counts.judged)])
        await bench.end()
    }

    @Test(arguments: [
        #"{}"#, #"{"scores": 1}"#, #"{"scores": [{"score": 5}]}"#,
        #"{"scores": [{"criterion": "x", "score": 11, "explanation": ""}]}"#,
        #"{"scores": [{"criterion": "x", "score": 0, "explanation": ""}]}"#,
        #"{"scores": [{"criterion": "x", "score": "ten", "explanation": ""}]}"#,
        #"{"scores": [{"criterion": "x"}, {"criterion": "", "score": 5}]}"#,
    ])
    func answerThatCannotBeUsedGivesNoScore(_ answer: String) async throws {
        let bench = try await bench(settings())
        let json = try JSON(parsing: answer)
        bench.judge.answer { _, _ in json }
        await bench.judges.offer(bench.step())
        try await eventually("it failed") { await bench.judges.counts.failed == 1 }
        #expect(try await scores(bench).isEmpty)
        await bench.end()
    }

    @Test func aHangingJudgeFillsABoundedQueueAndNothingElse() async throws {
        var settings = settings()
        settings.concurrency = 2
        let bench = try await bench(settings)
        let gate = AsyncStream.makeStream(of: Void.self)
        bench.judge.answer { _, _ async throws(CallFailure) in
            for await _ in gate.stream { break }
            throw .plugin("call_timeout", retryable: true)
        }
        let extra = 10
        for number in 0..<(Limits.judgedWaitingMax + 2 + extra) { await bench.judges.offer(bench.step("s\(number)")) }
        #expect(await bench.judges.counts.dropped == extra)
        #expect(bench.judge.asked.count <= 2, "\(bench.judge.asked.count)")
        gate.continuation.finish()
        try await eventually("all are through") { await !bench.judges.isBusy }
        #expect(await bench.judges.counts.failed == Limits.judgedWaitingMax + 2)
        await bench.end()
    }

    @Test func largeOutputsFillTheQueueByTheirBytes() async throws {
        var settings = settings()
        settings.concurrency = 1
        let bench = try await bench(settings)
        let gate = AsyncStream.makeStream(of: Void.self)
        bench.judge.answer { _, _ async throws(CallFailure) in
            for await _ in gate.stream { break }
            return ["scores": []]
        }
        let large = "\"" + String(repeating: "x", count: Limits.judgedWaitingBytesMax / 4) + "\""
        for _ in 0..<6 { await bench.judges.offer(bench.step(output: large)) }
        #expect(await bench.judges.counts.dropped == 2, "one is at work, three wait")
        gate.continuation.finish()
        await bench.end()
    }

    @Test func aJudgeThatIsNamedSeesStepsWithoutARule() async throws {
        var settings = EvaluationSettings()
        settings.judges = [try PluginID("test/other")]
        let bench = try await bench(settings)
        await bench.judges.offer(bench.step())
        try await eventually("it is judged") { try await scores(bench).count == 1 }
        #expect(bench.judge.asked.map(\.plugin.text) == ["test/other"])
        #expect(bench.judge.asked.first?.body["criteria"] == nil)
        await bench.end()
    }

    @Test func withoutAJudgeRulesAreHeldAgainstNothing() async throws {
        let bench = try await bench(settings(), installed: [])
        await bench.judges.offer(bench.step())
        try await eventually("it is counted") { await bench.judges.counts.failed == 1 }
        #expect(bench.judge.asked.isEmpty)
        await bench.end()
    }

    @Test func failedCheckIsNews() async throws {
        var notifications = NotificationSettings()
        notifications.channels = [
            NotificationChannel(name: "ops", plugin: try PluginID("test/notifier"), settings: [:])
        ]
        notifications.rules = [NotificationRule(topics: [.qualityCheckFailed], channels: ["ops"])]
        let bench = try await DeskBench(notifications, settings())
        try await bench.begin()
        bench.judge.answer { _, _ in
            ["scores": [["criterion": "sane", "score": 2, "explanation": ""], ["criterion": "b", "score": 9]]]
        }
        await bench.judges.offer(bench.step())
        try await eventually("it is told") { bench.notifier.asked.count == 1 }
        let body = try #require(bench.notifier.asked.first?.body)
        #expect(body["topic"] == "quality_check_failed" && body["data"]?["scores"] == ["sane": 2.0, "b": 9.0])
        await bench.end()
    }
}
