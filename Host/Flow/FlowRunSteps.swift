// SPDX-License-Identifier: Apache-2.0
// FlowRunSteps: a step's way from "its predecessors are done" to "its successors may start".

import CorralBase

extension FlowRun {
    mutating func start(_ now: Int64, _ effects: inout [FlowEffect]) {
        guard phase == .notStarted else { return }
        phase = .running
        ready = steps.indices.filter { steps[$0].waiting == 0 }
        settle(&effects)
    }

    /// Starts what is ready until nothing is, then ends the run if nothing is left.
    mutating func settle(_ effects: inout [FlowEffect]) {
        var next = 0
        while phase == .running, next < ready.count {
            begin(ready[next], &effects)
            next += 1
        }
        ready.removeAll(keepingCapacity: true)
        if phase == .running, unfinished == 0 { finish(&effects) }
    }

    private mutating func begin(_ index: Int, _ effects: inout [FlowEffect]) {
        if let reason = skipReason(index) { return skip(index, reason, &effects) }
        do throws(CorralError) {
            if let when = definition.steps[index].when, try !isTrue(when, index) {
                return skip(index, .condition, &effects)
            }
            var meter = steps[index].meter
            let list = try elements(index, &meter)
            steps[index].meter = meter
            steps[index].status = .running
            steps[index].list = list
            steps[index].items = [ItemState](repeating: ItemState(), count: list?.count ?? 1)
        } catch { return failStep(index, error, &effects) }
        if steps[index].items.isEmpty { return finishStep(index, &effects) }
        let slots = definition.steps[index].forEach?.parallelMax ?? steps[index].items.count
        for _ in 0..<min(slots, steps[index].items.count) where phase == .running { startNextItem(index, &effects) }
    }

    /// A step is skipped when everything it waits for and reads was skipped. One that reads `steps.…` asks how others
    /// ended, and therefore runs.
    private func skipReason(_ index: Int) -> SkipReason? {
        let step = definition.steps[index]
        guard !step.after.isEmpty, step.metadataReads.isEmpty else { return nil }
        let isSkipped = (step.after + step.reads).allSatisfy { steps[$0].status == .skipped }
        return isSkipped ? .predecessors : nil
    }

    private mutating func skip(_ index: Int, _ reason: SkipReason, _ effects: inout [FlowEffect]) {
        steps[index].status = .skipped
        effects.append(.stepSkipped(step: definition.steps[index].name, reason: reason))
        release(index)
    }

    // MARK: Items

    mutating func startNextItem(_ index: Int, _ effects: inout [FlowEffect]) {
        let item = steps[index].nextItem
        guard item < steps[index].items.count else { return }
        steps[index].nextItem += 1
        let step = definition.steps[index]
        do throws(CorralError) {
            var meter = steps[index].meter
            let input = try itemInput(index, item: item, &meter)
            steps[index].meter = meter
            steps[index].items[item].attempt = 1
            let key = AttemptKey(
                step: step.name, item: steps[index].list == nil ? nil : item, attempt: 1, lineage: 1)
            issue(
                AttemptStart(
                    key: key, target: step.target, input: input, timeoutNanoseconds: step.timeoutNanoseconds),
                &effects)
        } catch { failStep(index, error, &effects) }
    }

    mutating func issue(_ start: AttemptStart, _ effects: inout [FlowEffect]) {
        started[start.key] = start
        effects.append(.startAttempt(start))
    }

    mutating func finishItem(_ index: Int, _ effects: inout [FlowEffect]) {
        steps[index].doneItems += 1
        if steps[index].doneItems == steps[index].items.count {
            finishStep(index, &effects)
        } else {
            startNextItem(index, &effects)
        }
    }

    // MARK: The end of a step

    private mutating func finishStep(_ index: Int, _ effects: inout [FlowEffect]) {
        let results = steps[index].items.compactMap(\.result)
        let confidences = results.compactMap(\.confidence)
        steps[index].value = steps[index].list == nil ? results.first?.value ?? .null : .array(results.map(\.value))
        steps[index].extent = steps[index].value.extent(bytesMax: Limits.requestBytesMax)
        steps[index].confidence = confidences.count == results.count ? confidences.min() : nil
        steps[index].changes = results.flatMap(\.changes)
        steps[index].retries = steps[index].items.reduce(0) { max($0, $1.lineage - 1) }
        steps[index].items = []
        steps[index].list = nil
        steps[index].status = .succeeded
        let outcome = StepOutcome.succeeded(value: steps[index].value, confidence: steps[index].confidence)
        effects.append(.stepFinished(step: definition.steps[index].name, outcome: outcome))
        release(index)
    }

    private mutating func release(_ index: Int) {
        unfinished -= 1
        for successor in definition.graph.successors[index] {
            steps[successor].waiting -= 1
            if steps[successor].waiting == 0 { ready.append(successor) }
        }
    }

    mutating func failStep(_ index: Int, _ error: CorralError, _ effects: inout [FlowEffect]) {
        steps[index].status = .failed
        let name = definition.steps[index].name
        effects.append(.stepFinished(step: name, outcome: .failed(error)))
        end(.failed(error, step: name), &effects)
    }

    // MARK: The end of the run

    private mutating func finish(_ effects: inout [FlowEffect]) {
        do throws(CorralError) {
            end(.succeeded(output: try output()), &effects)
        } catch { end(.failed(error, step: nil), &effects) }
    }

    /// Decides the outcome, once; the run finishes when nothing is under way any more.
    mutating func end(_ outcome: RunOutcome, _ effects: inout [FlowEffect]) {
        guard phase == .running || phase == .notStarted else { return }
        phase = .ending(outcome)
        ready.removeAll()
        for timer in timers.keys.sorted(by: { $0.attempt < $1.attempt }) { effects.append(.cancelTimer(timer)) }
        timers.removeAll()
        for start in inFlight { effects.append(.cancelAttempt(start.key)) }
        finishIfDrained(&effects)
    }

    mutating func finishIfDrained(_ effects: inout [FlowEffect]) {
        guard case .ending(let outcome) = phase, started.isEmpty else { return }
        phase = .finished(outcome)
        effects.append(.runFinished(outcome))
    }
}
