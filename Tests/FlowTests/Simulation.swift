// SPDX-License-Identifier: Apache-2.0
// Simulation: one run of a flow under a virtual clock and one schedule. What an attempt gives depends on the flow's seed
// and the attempt alone; who ends first, which worker is lost and when the host dies depends on the schedule's seed.

import CorralBase
import CorralFlow

struct Simulation {
    /// What must not depend on the schedule.
    struct Outcome: Equatable {
        /// The input of every lineage of every step and item that started.
        var inputs: [String: JSON] = [:]
        var output: JSON?
        var isFailed = false
    }

    private let definition: FlowDefinition
    private let flowSeed: UInt64
    private let parallelMax: [String: Int]
    private var chance: SeededGenerator
    private var run: FlowRun
    private var events: [FlowEvent] = []
    private var now: Int64 = 0
    private var startedKeys: Set<AttemptKey> = []
    private var losses: [String: Int] = [:]
    private(set) var outcome = Outcome()
    /// What went wrong, for the message of the test.
    private(set) var violations: [String] = []

    init(_ flow: RandomFlow, _ definition: FlowDefinition, flowSeed: UInt64, schedule: UInt64) {
        self.definition = definition
        self.flowSeed = flowSeed
        parallelMax = flow.parallelMax
        chance = SeededGenerator(seed: schedule &* 0x9E37_79B9 &+ flowSeed)
        run = FlowRun(definition: definition, input: ["n": 7], seed: flowSeed)
    }

    mutating func play() {
        send(.started(now: now))
        var turns = 0
        while run.outcome == nil, turns < 5000 {
            turns += 1
            if Int.random(in: 0..<40, using: &chance) == 0 { killHost() }
            step()
        }
        switch run.outcome {
        case .succeeded(let output)?: outcome.output = output
        case .failed?: outcome.isFailed = true
        case .cancelled?: violations.append("nobody cancelled the run")
        case nil: violations.append("the run does not end")
        }
    }

    private mutating func step() {
        let (attempts, timers) = (run.inFlight, run.pendingTimers)
        guard !attempts.isEmpty || !timers.isEmpty else { return violations.append("nothing is under way") }
        now += Int64.random(in: 1...1_000_000, using: &chance)
        let pick = Int.random(in: 0..<(attempts.count + timers.count), using: &chance)
        if pick >= attempts.count {
            let timer = timers[pick - attempts.count]
            now = max(now, timer.dueNanoseconds)
            return send(.timerFired(timer.key, now: now))
        }
        end(attempts[pick])
    }

    private mutating func end(_ start: AttemptStart) {
        let lineage = name(start.key)
        if Int.random(in: 0..<10, using: &chance) == 0, losses[lineage, default: 0] < 5 {
            losses[lineage, default: 0] += 1
            return send(.attemptFailed(start.key, Self.loss, isInfrastructure: true, now: now))
        }
        var fate = SeededGenerator(seed: hash(lineage))
        if Int.random(in: 0..<8, using: &fate) == 0 {
            let error = CorralError(ErrorCode(900, "own_failure"), "attempt \(lineage) fails")
            return send(.attemptFailed(start.key, error, isInfrastructure: false, now: now))
        }
        let value = JSON.int(Int64.random(in: 0..<1000, using: &fate))
        let confidence = Bool.random(using: &fate) ? Double.random(in: 0...1, using: &fate) : nil
        send(.attemptSucceeded(start.key, AttemptResult(value: value, confidence: confidence), now: now))
    }

    /// The journal is all that is left; what was under way is lost or goes on, as the schedule has it.
    private mutating func killHost() {
        let resumed = FlowRun(definition: definition, input: run.input, seed: run.seed, replaying: events)
        if resumed.inFlight != run.inFlight { violations.append("attempts differ after a resume") }
        if resumed.pendingTimers.map(\.key) != run.pendingTimers.map(\.key) {
            violations.append("timers differ after a resume")
        }
        if resumed.phase != run.phase { violations.append("the phase differs after a resume") }
        run = resumed
    }

    private mutating func send(_ event: FlowEvent) {
        events.append(event)
        for effect in run.handle(event) {
            switch effect {
            case .startAttempt(let start): note(start)
            case .runFinished: if run.outcome == nil { violations.append("finished without an outcome") }
            default: break
            }
        }
        for (step, slots) in parallelMax where run.inFlight.count(where: { $0.key.step == step }) > slots {
            violations.append("more than \(slots) items of \(step) at once")
        }
    }

    private mutating func note(_ start: AttemptStart) {
        if !startedKeys.insert(start.key).inserted { violations.append("\(start.key) starts twice") }
        let step = definition.step(named: start.key.step)
        for before in step?.after ?? [] where run.value(ofStep: definition.stepNames[before]) == nil {
            violations.append("\(start.key) starts before \(definition.stepNames[before]) is done")
        }
        let name = name(start.key)
        if let before = outcome.inputs.updateValue(start.input, forKey: name), before != start.input {
            violations.append("\(name) has two inputs")
        }
    }

    private func name(_ key: AttemptKey) -> String { "\(key.step)[\(key.item ?? -1)]/\(key.lineage)" }

    /// FNV-1a: the same in every process, which Swift's own hash is not.
    private func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(flowSeed ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static let loss = CorralError(ErrorCode(310, "worker_lost"), "the worker was lost")
}
