// SPDX-License-Identifier: Apache-2.0
// FlowRunTests: the state machine, event by event.

import CorralBase
import CorralFlow
import Testing

@Suite struct FlowRunTests {
    @Test func runsTheReviewFromLoadToReport() throws {
        var drive = try Drive(
            """
            flow: market-review
            input:
              prices: {type: file}
              symbol: string
            steps:
              load: {agent: corral/market-data, with: {prices: "${input.prices}", symbol: "${input.symbol}"}}
              technical: {agent: corral/technical-analyst, after: load, with: {bars: "${load.bars}"}}
              risk: {agent: corral/risk-manager, after: load, with: {bars: "${load.bars}"}}
              decide: {agent: corral/portfolio-manager, after: [technical, risk]}
              report: {agent: corral/report-writer, after: decide, with: {bars: "${load.bars}", d: "${decide}"}}
            output: "${report}"
            """, input: ["prices": ["$artifact": "abc"], "symbol": "SPX"])
        drive.start()
        #expect(drive.inputs == ["load#1": ["prices": ["$artifact": "abc"], "symbol": "SPX"]])
        drive.succeed("load", ["bars": [1, 2, 3]])
        #expect(drive.inputs == ["technical#1": ["bars": [1, 2, 3]], "risk#1": ["bars": [1, 2, 3]]])
        drive.succeed("risk", ["var": 0.1])
        #expect(drive.inputs.keys.sorted() == ["technical#1"])
        drive.succeed("technical", ["trend": "up"])
        #expect(drive.inputs == ["decide#1": ["technical": ["trend": "up"], "risk": ["var": 0.1]]])
        drive.succeed("decide", ["action": "hold"])
        #expect(drive.inputs == ["report#1": ["bars": [1, 2, 3], "d": ["action": "hold"]]])
        drive.succeed("report", "done")
        #expect(drive.run.outcome == .succeeded(output: "done"))
    }

    @Test func givesTheFlowInputToAStepThatWaitsForNothing() throws {
        var drive = try Drive(
            "flow: f\ninput: {a: int, b: {type: string, default: x}, c: {type: any, required: false}}\n"
                + "steps: {s: {tool: corral/libm.pow, timeout: 90s}}", input: ["a": 3])
        drive.start()
        #expect(drive.inputs == ["s#1": ["a": 3, "b": "x", "c": nil]])
        #expect(drive.run.inFlight.first?.target == .tool(try ToolID("corral/libm.pow")))
        #expect(drive.run.inFlight.first?.timeoutNanoseconds == 90_000_000_000)
        drive.succeed("s", 9)
        #expect(drive.run.outcome == .succeeded(output: ["s": 9]))
    }

    // MARK: Skipping

    static let branching = """
        flow: f
        steps:
          a: {agent: x/y, with: {}}
          b: {agent: x/y, after: a, when: "a > 1"}
          c: {agent: x/y, after: b}
          d: {agent: x/y, after: b, with: {v: "${a}"}}
          e: {agent: x/y, after: [a, b], with: {b: "${b}"}}
          f: {agent: x/y, after: b, when: "steps.b.status == 'skipped'", with: {}}
        output: {c: "${c}", e: "${e}"}
        """

    @Test func skipsWhatOnlyDependsOnSkippedSteps() throws {
        var drive = try Drive(Self.branching)
        drive.start()
        drive.succeed("a", 1)
        #expect(drive.run.status(ofStep: "b") == .skipped)
        #expect(drive.effects.contains(.stepSkipped(step: "b", reason: .condition)))
        #expect(drive.effects.contains(.stepSkipped(step: "c", reason: .predecessors)))
        #expect(drive.inputs == ["d#1": ["v": 1], "e#1": ["b": nil], "f#1": [:]])
        for step in ["d", "e", "f"] { drive.succeed(step, "ok") }
        #expect(drive.run.outcome == .succeeded(output: ["c": nil, "e": "ok"]))
    }

    @Test func runsTheBranchWhenTheConditionHolds() throws {
        var drive = try Drive(Self.branching)
        drive.start()
        drive.succeed("a", 2)
        #expect(drive.inputs == ["b#1": ["a": 2]])
        drive.succeed("b", "B")
        #expect(drive.inputs == ["c#1": ["b": "B"], "d#1": ["v": 2], "e#1": ["b": "B"]])
        #expect(drive.effects.contains(.stepSkipped(step: "f", reason: .condition)))
    }

    // MARK: for_each

    @Test func runsItemsAndKeepsTheirOrder() throws {
        var drive = try Drive(
            """
            flow: f
            input: {names: list}
            steps:
              s: {agent: x/y, for_each: "${input.names}", as: who, max_parallel: 2, with: {n: "${who}", i: "${index}"}}
              t: {agent: x/y, after: s, with: {all: "${s.map(x, x + '!')}", least: "${steps.s.confidence}"}}
            """, input: ["names": ["a", "b", "c"]])
        drive.start()
        #expect(drive.inputs == ["s[0]#1": ["n": "a", "i": 0], "s[1]#1": ["n": "b", "i": 1]])
        drive.succeed("s", item: 1, "B", confidence: 0.5)
        #expect(drive.inputs.keys.sorted() == ["s[0]#1", "s[2]#1"])
        drive.succeed("s", item: 2, "C", confidence: 0.9)
        drive.succeed("s", item: 0, "A", confidence: 0.7)
        #expect(drive.inputs == ["t#1": ["all": ["A!", "B!", "C!"], "least": 0.5]])
    }

    @Test func givesTheElementToAnItemWithoutWith() throws {
        var drive = try Drive("flow: f\nsteps: {s: {agent: x/y, for_each: [1, {a: 2}]}}")
        drive.start()
        #expect(drive.inputs == ["s[0]#1": 1, "s[1]#1": ["a": 2]])
    }

    @Test func finishesAStepWithoutItems() throws {
        var drive = try Drive("flow: f\nsteps: {s: {agent: x/y, for_each: []}, t: {agent: x/y, after: s}}")
        drive.start()
        #expect(drive.inputs == ["t#1": ["s": []]])
    }

    @Test(arguments: [("7", "int"), ("null", "null"), ("{a: 1}", "map")])
    func refusesToIterateOverOtherThings(_ value: String, _ type: String) throws {
        var drive = try Drive("flow: f\nsteps: {s: {agent: x/y, for_each: \(value)}}")
        drive.start()
        guard case .failed(let error, "s")? = drive.run.outcome else {
            Issue.record("the run should have failed")
            return
        }
        #expect(error.code == .flowNotAList)
        #expect(error.message == "flow.yaml:2:35: for_each of step \"s\" must be a list, not \(type)")
    }

    // MARK: Failure

    @Test func aFailedStepEndsTheRunWhenTheOthersHaveEnded() throws {
        var drive = try Drive(
            "flow: f\nsteps: {a: {agent: x/y}, b: {agent: x/y}, c: {agent: x/y, after: b}, d: {agent: x/y, after: a}}")
        drive.start()
        drive.fail("a")
        let error = CorralError(ErrorCode(900, "own_failure"), "it failed")
        #expect(
            drive.effects == [
                .stepFinished(step: "a", outcome: .failed(error)),
                .cancelAttempt(AttemptKey(step: "b", attempt: 1, lineage: 1)),
            ])
        #expect(drive.run.isEnding)
        drive.succeed("b", "too late")
        #expect(drive.effects == [.runFinished(.failed(error, step: "a"))])
        #expect(drive.inputs.isEmpty)
    }

    @Test func aMistakeInAnExpressionNamesItsPlace() throws {
        var drive = try Drive(
            "flow: f\nsteps:\n  a: {agent: x/y, with: {}}\n  b: {agent: x/y, after: a, with: {v: \"n: ${a.bars}\"}}")
        drive.start()
        drive.succeed("a", ["bar": 1])
        guard case .failed(let error, "b")? = drive.run.outcome else {
            Issue.record("the run should have failed")
            return
        }
        #expect(error.code.name == "expression_missing_key")
        #expect(error.message == "flow.yaml:4:47: no such key \"bars\"")
        #expect(error.hint == "did you mean \"bar\"?")
    }

    @Test func aMistakeInTheOutputFailsTheRun() throws {
        var drive = try Drive("flow: f\nsteps: {a: {agent: x/y, with: {}}}\noutput: \"${a + 1}\"")
        drive.start()
        drive.succeed("a", "text")
        guard case .failed(let error, nil)? = drive.run.outcome else {
            Issue.record("the run should have failed")
            return
        }
        #expect(error.message.hasPrefix("flow.yaml:3:14: + does not apply"))
    }

    @Test func refusesAnInputThatGrewTooLarge() throws {
        var drive = try Drive(
            "flow: f\nsteps: {a: {agent: x/y, with: {}}, b: {agent: x/y, after: a, with: [\(Array(repeating: "\"${a}\"", count: 40).joined(separator: ","))]}}"
        )
        drive.start()
        drive.succeed("a", .string(String(repeating: "x", count: 2 << 20)))
        guard case .failed(let error, "b")? = drive.run.outcome else {
            Issue.record("the run should have failed")
            return
        }
        #expect(error.code == .flowValueTooLarge)
    }

    // MARK: Retries

    static let retrying = """
        flow: f
        defaults: {retry: {max: 1, backoff: 2s, jitter: 0}}
        steps:
          a: {agent: x/y, with: {}, retry: {max: 3, backoff: 1s, factor: 3, max_backoff: 5s, jitter: 0}}
          b: {agent: x/y, with: {}, retry: {max: 2, on: [own_failure, CRL-0950]}}
          c: {agent: x/y, with: {}}
        """

    @Test func waitsLongerBeforeEachRetry() throws {
        var drive = try Drive(Self.retrying)
        drive.start()
        for (attempt, delay) in [(2, 1), (3, 3), (4, 5)] as [(Int, Int64)] {
            drive.fail("a")
            let key = TimerKey(attempt: AttemptKey(step: "a", attempt: attempt, lineage: attempt))
            #expect(drive.effects == [.setTimer(key, delayNanoseconds: delay * 1_000_000_000)])
            #expect(drive.run.pendingTimers.map(\.dueNanoseconds) == [drive.now + delay * 1_000_000_000])
            drive.fire()
            #expect(drive.inputs["a#\(attempt)"] == [:])
        }
        drive.fail("a")
        #expect(drive.run.isEnding)
    }

    @Test func retriesOnlyWhatIsListed() throws {
        for (number, name, isRetried) in [(900, "own_failure", true), (950, "other", true), (951, "third", false)] {
            var drive = try Drive(Self.retrying)
            drive.start()
            drive.fail("b", ErrorCode(number, name))
            #expect(drive.run.isEnding != isRetried)
        }
    }

    @Test func takesRetriesFromTheDefaults() throws {
        var drive = try Drive(Self.retrying)
        drive.start()
        drive.fail("c")
        #expect(drive.run.pendingTimers.count == 1)
        drive.fire()
        drive.fail("c")
        #expect(drive.run.isEnding)
    }

    @Test func jitterComesFromTheSeedAlone() throws {
        func delays(seed: UInt64, reversed: Bool) throws -> [Int64] {
            var drive = try Drive(
                "flow: f\nsteps: {s: {agent: x/y, for_each: [1, 2, 3, 4], retry: {max: 2, backoff: 10s, jitter: 0.5}}}",
                seed: seed)
            drive.start()
            for item in reversed ? [3, 1, 2, 0] : [0, 1, 2, 3] { drive.fail("s", item: item) }
            return drive.run.pendingTimers.map { $0.dueNanoseconds - drive.now }
        }
        let delays7 = try delays(seed: 7, reversed: false)
        #expect(Set(delays7).count == 4)
        #expect(delays7.allSatisfy { (5_000_000_000...10_000_000_000).contains($0) })
        #expect(try delays(seed: 7, reversed: true) == delays7)
        #expect(try delays(seed: 8, reversed: false) != delays7)
    }

    @Test func aLossRunsAgainWithoutUsingARetry() throws {
        var drive = try Drive("flow: f\nsteps: {a: {agent: x/y, with: {k: 1}}}")
        drive.start()
        for attempt in 2...6 {
            drive.fail("a", isInfrastructure: true)
            #expect(drive.run.inFlight.map(\.key) == [AttemptKey(step: "a", attempt: attempt, lineage: 1)])
            #expect(drive.run.inFlight.first?.input == ["k": 1])
        }
        drive.fail("a", isInfrastructure: true)
        guard case .failed(let error, "a")? = drive.run.outcome else {
            Issue.record("the run should have failed")
            return
        }
        #expect(error.code == .flowAttemptLost)
    }

    @Test func onlyLossesInARowCount() throws {
        var drive = try Drive("flow: f\nsteps: {a: {agent: x/y, retry: {max: 1}}}")
        drive.start()
        for _ in 1...5 { drive.fail("a", isInfrastructure: true) }
        drive.fail("a")
        drive.fire()
        for _ in 1...5 { drive.fail("a", isInfrastructure: true) }
        #expect(drive.run.inFlight.map(\.key) == [AttemptKey(step: "a", attempt: 12, lineage: 2)])
    }

    // MARK: Cancelling

    @Test func cancelsWhatRunsAndWaits() throws {
        var drive = try Drive("flow: f\nsteps: {a: {agent: x/y, retry: 1}, b: {agent: x/y}, c: {agent: x/y, after: b}}")
        drive.start()
        drive.fail("a")
        drive.send(.cancelRequested(reason: "the user", now: 5))
        #expect(
            drive.effects == [
                .cancelTimer(TimerKey(attempt: AttemptKey(step: "a", attempt: 2, lineage: 2))),
                .cancelAttempt(AttemptKey(step: "b", attempt: 1, lineage: 1)),
            ])
        drive.send(.cancelRequested(reason: "again", now: 6))
        #expect(drive.effects.isEmpty)
        drive.fail("b", isInfrastructure: true)
        #expect(drive.effects == [.runFinished(.cancelled(reason: "the user"))])
    }

    @Test func ignoresWhatComesTwiceOrTooLate() throws {
        var drive = try Drive("flow: f\nsteps: {a: {agent: x/y, with: {}}}")
        let key = AttemptKey(step: "a", attempt: 1, lineage: 1)
        let result = FlowEvent.attemptSucceeded(key, AttemptResult(value: 1), now: 1)
        drive.send(result)
        #expect(drive.effects.isEmpty)
        drive.start()
        drive.start()
        #expect(drive.effects.isEmpty)
        drive.send(.attemptSucceeded(AttemptKey(step: "nope", attempt: 1, lineage: 1), AttemptResult(value: 1), now: 1))
        drive.send(.timerFired(TimerKey(attempt: key), now: 1))
        #expect(drive.effects.isEmpty)
        drive.send(result)
        #expect(drive.run.outcome == .succeeded(output: ["a": 1]))
        drive.send(result)
        drive.send(.cancelRequested(reason: "late", now: 2))
        #expect(drive.effects.isEmpty)
        #expect(drive.run.outcome == .succeeded(output: ["a": 1]))
    }

    // MARK: Resuming

    @Test func foldingTheEventsGivesTheSameRun() throws {
        var drive = try Drive(Self.retrying)
        drive.start()
        drive.fail("a")
        drive.succeed("c", 3, confidence: 0.4)
        drive.fail("b", isInfrastructure: true)
        let resumed = FlowRun(
            definition: drive.run.definition, input: drive.run.input, seed: drive.run.seed, replaying: drive.events)
        #expect(resumed.inFlight == drive.run.inFlight)
        #expect(resumed.inFlight.map(\.key) == [AttemptKey(step: "b", attempt: 2, lineage: 1)])
        #expect(resumed.pendingTimers.map(\.key) == drive.run.pendingTimers.map(\.key))
        #expect(resumed.pendingTimers.map(\.dueNanoseconds) == drive.run.pendingTimers.map(\.dueNanoseconds))
        #expect(resumed.value(ofStep: "c") == 3)
    }
}
