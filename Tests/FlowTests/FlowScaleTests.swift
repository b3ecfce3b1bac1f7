// SPDX-License-Identifier: Apache-2.0
// FlowScaleTests: the cost of an event does not grow with the flow. The bounds are wide: they tell linear from quadratic,
// not fast from slow.

import CorralBase
import CorralFlow
import Testing

@Suite struct FlowScaleTests {
    @Test func aChainOfTenThousandStepsIsLinear() throws {
        let count = 10_000
        var text = "flow: chain\nsteps:\n  s0: {agent: x/y, with: {}}\n"
        for index in 1..<count {
            text += "  s\(index): {agent: x/y, after: s\(index - 1), with: {v: \"${s\(index - 1).v}\"}}\n"
        }
        let elapsed = try time { try play(text) }
        #expect(elapsed < .seconds(30))
    }

    @Test func aFanOutOfTenThousandItemsIsLinear() throws {
        let items = (0..<10_000).map(String.init).joined(separator: ", ")
        let text =
            "flow: fan\nsteps: {s: {agent: x/y, for_each: [\(items)], with: {v: \"${item}\"}}, t: {agent: x/y, after: s}}"
        let elapsed = try time { try play(text) }
        #expect(elapsed < .seconds(30))
    }

    @Test func manyBranchesShareALargeValue() throws {
        var text = "flow: fan\nsteps:\n  load: {agent: x/y, with: {}}\n"
        for index in 0..<1000 {
            text += "  b\(index): {agent: x/y, after: load, with: {bars: \"${load.bars}\", i: \(index)}}\n"
        }
        let bars = JSON.array((0..<20_000).map { ["close": .int($0)] })
        let elapsed = try time { try play(text, value: ["bars": bars], small: 1) }
        // Measured or copied for each branch, the value would take a minute.
        #expect(elapsed < .seconds(20))
    }

    @Test func checkingReferencesFarBackIsCheap() throws {
        var text = "flow: chain\nsteps:\n  s0: {agent: x/y, with: {}}\n"
        for index in 1..<12_000 { text += "  s\(index): {agent: x/y, after: s\(index - 1), with: \"${s0}\"}\n" }
        let elapsed = try time { _ = try FlowDefinition.parse(text, file: "f") }
        #expect(elapsed < .seconds(30))
    }

    @Test func thousandsOfMistakesAreFoundInTime() {
        var text = "flow: f\nsteps:\n"
        for index in 0..<3000 {
            text += "  step_\(index): {agent: x/y, after: stop_\(index), with: \"${stup_\(index)}\"}\n"
        }
        let elapsed = time {
            #expect(FlowDefinition.check(text, file: "f", catalogue: nil).diagnostics.count == 6000)
        }
        #expect(elapsed < .seconds(60))
    }

    @Test func aLongChainOfSkippedStepsNeedsNoDeepStack() throws {
        var text = "flow: chain\nsteps:\n  s0: {agent: x/y, with: {}, when: \"input.run\"}\n"
        for index in 1..<15_000 { text += "  s\(index): {agent: x/y, after: s\(index - 1)}\n" }
        let definition = try FlowDefinition.parse("input: {run: bool}\n" + text, file: "f")
        var run = FlowRun(definition: definition, input: ["run": false], seed: 1)
        let effects = run.handle(.started(now: 0))
        #expect(effects.count == 15_001)
        #expect(run.outcome == .succeeded(output: ["s14999": nil]))
    }

    /// Plays a flow to its end; every attempt succeeds in the order of its start.
    private func play(_ text: String, value: JSON = ["v": 1], small: JSON = ["v": 1]) throws {
        let definition = try FlowDefinition.parse(text, file: "f")
        var run = FlowRun(definition: definition, input: [:], seed: 1)
        var pending = starts(run.handle(.started(now: 0)))
        var next = 0
        while next < pending.count {
            let result = AttemptResult(value: next == 0 ? value : small)
            pending += starts(run.handle(.attemptSucceeded(pending[next], result, now: Int64(next))))
            next += 1
        }
        guard case .succeeded? = run.outcome else {
            Issue.record("the run did not succeed")
            return
        }
    }

    private func starts(_ effects: [FlowEffect]) -> [AttemptKey] {
        effects.compactMap { if case .startAttempt(let start) = $0 { start.key } else { nil } }
    }

    private func time(_ work: () throws -> Void) rethrows -> Duration { try ContinuousClock().measure(work) }
}
