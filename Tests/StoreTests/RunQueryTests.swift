// SPDX-License-Identifier: Apache-2.0
// RunQueryTests: runs, steps, attempts and effects as they are asked for.

import CorralBase
import Testing

@testable import CorralStore

@Suite struct RunQueryTests {
    let home: StoreHome
    let store: TenantStore

    init() throws {
        home = try StoreHome()
        store = try home.open()
    }

    @Test func readsBackARunAndWhatItWasStartedWith() throws {
        let run = runID(1)
        try store.add(run, at: 7, .runCreated(creation(session: "s", request: "q")))
        let stored = try #require(try store.run(run))
        #expect(stored.state == .running && stored.createdAt == 7 && stored.finishedAt == nil)
        #expect(stored.labels == ["a": "1", "b": "2"] && stored.seed == .max - 3 && stored.user == "mia")
        #expect(try store.creation(of: run) == creation(session: "s", request: "q"))
        #expect(try store.creation(of: runID(2)) == nil)
    }

    @Test func tellsHowARunEnded() throws {
        try store.add(runID(1), .runCreated(creation()), .runFinished(.succeeded(output: Array("42".utf8))))
        try store.add(runID(2), at: 9, .runCreated(creation()), .runFinished(.failed(failure, step: "load")))
        #expect(try store.run(runID(1))?.state == .succeeded)
        #expect(try store.output(of: runID(1)) == Array("42".utf8))
        let failed = try #require(try store.run(runID(2)))
        #expect(failed.error == failure && failed.failedStep == "load" && failed.finishedAt == 9)
        #expect(try store.output(of: runID(2)) == nil)
    }

    @Test func listsNewestFirstByPageStateFlowAndSession() throws {
        for number in 1...6 {
            let flow = number.isMultiple(of: 2) ? "even" : "odd"
            try store.add(runID(UInt32(number)), .runCreated(creation(flow: flow, session: "s\(number / 4)")))
        }
        try store.add(runID(6), .runFinished(.cancelled(reason: "")))
        func numbers(_ filter: RunFilter) throws -> [RunID] { try store.runs(filter).map(\.id) }
        #expect(try numbers(RunFilter(limit: 2)) == [runID(6), runID(5)])
        #expect(try numbers(RunFilter(before: runID(5), limit: 2)) == [runID(4), runID(3)])
        #expect(try numbers(RunFilter(state: .running, flow: "even")) == [runID(4), runID(2)])
        #expect(try numbers(RunFilter(flow: "odd", session: "s1")) == [runID(5)])
        #expect(try store.unfinishedRuns().map(\.id) == (1...5).map { runID($0) })
    }

    @Test func findsARunByTheStartOfItsID() throws {
        let (a, b) = (
            RunID(milliseconds: 1_700_000_000_000, random: 1), RunID(milliseconds: 1_800_000_000_000, random: 1)
        )
        try store.add(a, .runCreated(creation()))
        try store.add(b, .runCreated(creation()))
        #expect(try store.resolve(a.text) == a)
        #expect(try store.resolve(String(b.text.prefix(6))) == b)
        #expect(code { _ = try store.resolve("r") } == .runAmbiguous)
        for text in ["", "x", "r%", "r' OR 1", "rrrrrrrrrrrrrrrrrrrrrrrrrrr"] {
            #expect(code { _ = try store.resolve(text) } == .runUnknown)
        }
    }

    @Test func namesTheNearestRun() throws {
        let run = runID(1)
        try store.add(run, .runCreated(creation()))
        let mistyped = String(run.text.dropLast()) + "z"
        #expect { _ = try store.resolve(mistyped) } throws: { error in
            (error as? CorralError)?.hint?.contains(run.text) ?? false
        }
    }

    @Test func foldsRecordsIntoSteps() throws {
        let run = runID(1)
        try store.add(
            run, .runCreated(creation()),
            .attemptIntent(attempt("load"), target: "a/b", request: []),
            .attemptStarted(attempt("load"), worker: "w1", pluginDigest: "d1"),
            .attemptFailed(attempt("load"), failure, isInfrastructure: false, metrics: AttemptMetrics(startedAt: 2)),
            .attemptIntent(attempt("load", 2, lineage: 1), target: "a/b", request: []),
            .attemptResult(attempt("load", 2, lineage: 1), AttemptSuccess(value: [1], confidence: 0.5)),
            .stepSkipped(step: "maybe", item: nil, reason: "when"),
            .attemptIntent(attempt("each", item: 0), target: "c/d", request: []),
            .attemptIntent(attempt("each", item: 1), target: "c/d", request: []),
            .attemptStarted(attempt("each", item: 1), worker: "w2", pluginDigest: nil))
        let steps = try store.steps(of: run)
        #expect(steps.map(\.step) == ["load", "maybe", "each", "each"])
        #expect(steps.map(\.state) == [.succeeded, .skipped, .queued, .running])
        #expect(steps[0].attempts.map(\.state) == [.failed, .succeeded])
        #expect(steps[0].attempts[0].error == failure && steps[0].attempts[0].startedAt == 2)
        #expect(steps[0].attempts[0].metrics.worker == "w1" && steps[0].attempts[0].metrics.pluginDigest == "d1")
        #expect(steps[0].attempts[1].confidence == 0.5 && steps[1].reason == "when" && steps[3].item == 1)
        let open = try store.unresolvedAttempts(of: run).map(\.address)
        #expect(open == [attempt("each", item: 0), attempt("each", item: 1)])
    }

    @Test func theViewForPeopleAgreesWithTheFold() throws {
        let run = runID(1)
        try store.add(
            run, .runCreated(creation()),
            .attemptIntent(attempt("a"), target: "t", request: []),
            .attemptIntent(attempt("b"), target: "t", request: []),
            .attemptStarted(attempt("b"), worker: "w", pluginDigest: nil),
            .attemptIntent(attempt("c"), target: "t", request: []),
            .attemptFailed(attempt("c"), failure, isInfrastructure: true, metrics: AttemptMetrics()),
            .attemptIntent(attempt("d"), target: "t", request: []),
            .attemptFailed(attempt("d"), failure, isInfrastructure: true, metrics: AttemptMetrics()),
            .attemptIntent(attempt("d"), target: "t", request: []),
            .attemptResult(attempt("d"), AttemptSuccess(value: [1])))
        let view = try home.sqlite("SELECT step || ' ' || state FROM attempts ORDER BY step")
        let fold = try store.steps(of: run).flatMap(\.attempts).map { "\($0.address.step) \($0.state.rawValue)" }
        #expect(view == fold.joined(separator: "\n"))
        #expect(try home.sqlite("SELECT group_concat(step) FROM unresolved") == "a,b")
    }

    @Test func answersEffectsFromTheJournal() throws {
        let (run, key) = (runID(1), JournalTests.effect)
        var other = key
        other.ordinal += 1
        var outside = key
        outside.item = nil
        try store.add(run, .runCreated(creation()))
        #expect(try store.effect(key, of: run) == nil)
        try store.add(run, .effectIntent(key, attempt: 1, request: [1]), .effectIntent(other, attempt: 1, request: [1]))
        try store.add(run, .effectIntent(outside, attempt: 1, request: []))
        #expect(try store.effect(key, of: run) == .pending)
        #expect(try store.unresolvedEffects(of: run) == [key, other, outside])
        try store.add(
            run, .effectResult(key, attempt: 1, .succeeded([9])), .effectResult(other, attempt: 1, .failed(failure)))
        #expect(try store.effect(key, of: run) == .completed(.succeeded([9])))
        #expect(try store.effect(other, of: run) == .completed(.failed(failure)))
        #expect(try store.unresolvedEffects(of: run) == [outside])
    }

    @Test func theFirstResultOfAnEffectCounts() throws {
        let (run, key) = (runID(1), JournalTests.effect)
        try store.add(run, .runCreated(creation()), .effectIntent(key, attempt: 1, request: []))
        try store.add(run, .effectResult(key, attempt: 1, .succeeded([1])))
        try store.add(run, .effectIntent(key, attempt: 2, request: []), .effectResult(key, attempt: 2, .succeeded([2])))
        #expect(try store.effect(key, of: run) == .completed(.succeeded([1])))
    }

    @Test func refusesAResultWithoutAnIntent() throws {
        try store.add(runID(1), .runCreated(creation()))
        let result = JournalEvent.effectResult(JournalTests.effect, attempt: 1, .succeeded([]))
        #expect(code { try store.add(runID(1), result) } == .internalFault)
    }
}
