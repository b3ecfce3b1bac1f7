// SPDX-License-Identifier: Apache-2.0
// Drive: a run driven by hand, for tests that say what happens and look at what follows.

import CorralBase
import CorralFlow

struct Drive {
    var run: FlowRun
    private(set) var events: [FlowEvent] = []
    private(set) var effects: [FlowEffect] = []
    var now: Int64 = 1000

    init(_ text: String, input: JSON = nil, seed: UInt64 = 7) throws {
        let definition = try FlowDefinition.parse(text, file: "flow.yaml")
        run = FlowRun(definition: definition, input: try definition.resolveInput(input), seed: seed)
    }

    /// The inputs of the attempts under way, by key.
    var inputs: [String: JSON] {
        Dictionary(uniqueKeysWithValues: run.inFlight.map { ($0.key.description, $0.input) })
    }

    mutating func start() { send(.started(now: now)) }

    mutating func send(_ event: FlowEvent) {
        events.append(event)
        effects = run.handle(event)
    }

    /// Ends the attempt under way of a step (and item).
    mutating func succeed(_ step: String, item: Int? = nil, _ value: JSON, confidence: Double? = nil) {
        guard let key = key(step, item) else { return }
        send(.attemptSucceeded(key, AttemptResult(value: value, confidence: confidence), now: now))
    }

    mutating func fail(
        _ step: String, item: Int? = nil, _ code: ErrorCode = ErrorCode(900, "own_failure"),
        isInfrastructure: Bool = false
    ) {
        guard let key = key(step, item) else { return }
        send(.attemptFailed(key, CorralError(code, "it failed"), isInfrastructure: isInfrastructure, now: now))
    }

    mutating func fire() {
        guard let timer = run.pendingTimers.first else { return }
        now = timer.dueNanoseconds
        send(.timerFired(timer.key, now: now))
    }

    func key(_ step: String, _ item: Int? = nil) -> AttemptKey? {
        run.inFlight.map(\.key).first { $0.step == step && $0.item == item }
    }
}
