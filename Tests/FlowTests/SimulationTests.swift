// SPDX-License-Identifier: Apache-2.0
// SimulationTests: the state at every step start is a function of what attempts gave, not of when they gave it.

import CorralBase
import CorralFlow
import Testing

@Suite struct SimulationTests {
    /// Flows of many shapes, a few schedules each.
    @Test(arguments: 0..<8) func manyFlowsBehaveTheSameUnderEverySchedule(_ part: Int) throws {
        for seed in (part * 50)..<(part * 50 + 50) { try compare(UInt64(seed), schedules: 12) }
    }

    /// Some flows, very many schedules each.
    @Test(arguments: [14, 16, 23, 24, 28] as [UInt64]) func oneFlowBehavesTheSameUnderAThousandSchedules(_ seed: UInt64)
        throws
    {
        try compare(seed, schedules: 1000)
    }

    private func compare(_ seed: UInt64, schedules: UInt64) throws {
        let flow = RandomFlow(seed: seed)
        let definition = try FlowDefinition.parse(flow.text, file: "seed-\(seed)")
        var first: Simulation.Outcome?
        for schedule in 0..<schedules {
            var simulation = Simulation(flow, definition, flowSeed: seed, schedule: schedule)
            simulation.play()
            let outcome = simulation.outcome
            let place = "flow seed \(seed), schedule \(schedule)\n\(flow.text)"
            #expect(simulation.violations == [], "\(place)")
            guard let reference = first else {
                first = outcome
                continue
            }
            #expect(outcome.isFailed == reference.isFailed, "\(place)")
            #expect(outcome.output == reference.output, "\(place)")
            let common = outcome.inputs.keys.filter { reference.inputs[$0] != nil }
            for key in common where outcome.inputs[key] != reference.inputs[key] {
                Issue.record("\(key) starts with another input: \(place)")
            }
            // A failing run is cut off wherever it was; one that succeeds has started the same attempts.
            if !outcome.isFailed {
                #expect(common.count == max(outcome.inputs.count, reference.inputs.count), "\(place)")
            }
            if !simulation.violations.isEmpty { return }
        }
    }
}
