// SPDX-License-Identifier: Apache-2.0
// FlowRunAttempts: how attempts end, and which of them are tried again.

import CorralBase

extension Limits {
    /// A plugin that takes its worker down again and again is no bystander; after this many losses in a row the step fails.
    package static let attemptLossesMax = 5
}

extension FlowRun {
    mutating func succeed(
        _ key: AttemptKey, _ result: AttemptResult, _ now: Int64, _ effects: inout [FlowEffect]
    ) {
        guard started.removeValue(forKey: key) != nil else { return }
        guard phase == .running, let index = definition.graph.index[key.step] else { return finishIfDrained(&effects) }
        steps[index].items[key.item ?? 0].result = result
        finishItem(index, &effects)
        settle(&effects)
    }

    mutating func fail(
        _ key: AttemptKey, _ error: CorralError, isInfrastructure: Bool, _ now: Int64, _ effects: inout [FlowEffect]
    ) {
        guard let start = started.removeValue(forKey: key) else { return }
        guard phase == .running, let index = definition.graph.index[key.step] else { return finishIfDrained(&effects) }
        if isInfrastructure {
            rerun(start, error, index, &effects)
        } else {
            retry(start, error, index, now, &effects)
        }
        settle(&effects)
    }

    /// The same lineage again: nothing the plugin did is to be blamed, nor repeated.
    private mutating func rerun(
        _ start: AttemptStart, _ error: CorralError, _ index: Int, _ effects: inout [FlowEffect]
    ) {
        let item = start.key.item ?? 0
        if error.code != .hostDied { steps[index].items[item].losses += 1 }
        let losses = steps[index].items[item].losses
        guard losses <= Limits.attemptLossesMax else {
            return failStep(index, .attemptLost(start.key, times: losses, last: error), &effects)
        }
        steps[index].items[item].attempt += 1
        let key = AttemptKey(
            step: start.key.step, item: start.key.item, attempt: steps[index].items[item].attempt,
            lineage: start.key.lineage)
        issue(start.again(as: key), &effects)
    }

    private mutating func retry(
        _ start: AttemptStart, _ error: CorralError, _ index: Int, _ now: Int64, _ effects: inout [FlowEffect]
    ) {
        let policy = definition.steps[index].retry
        let item = start.key.item ?? 0
        let retries = steps[index].items[item].lineage
        guard retries <= policy.max, policy.allows(error) else { return failStep(index, error, &effects) }
        steps[index].items[item].losses = 0
        steps[index].items[item].attempt += 1
        steps[index].items[item].lineage += 1
        let key = AttemptKey(
            step: start.key.step, item: start.key.item, attempt: steps[index].items[item].attempt,
            lineage: steps[index].items[item].lineage)
        var chance = SeededGenerator(seed: chanceSeed(index, item, retries))
        let delay = policy.delayNanoseconds(retry: retries, chance: &chance)
        let due = now.addingReportingOverflow(delay)
        timers[TimerKey(attempt: key)] = PendingTimer(
            start: start.again(as: key), dueNanoseconds: due.overflow ? .max : due.partialValue)
        effects.append(.setTimer(TimerKey(attempt: key), delayNanoseconds: delay))
    }

    mutating func fire(_ key: TimerKey, _ effects: inout [FlowEffect]) {
        guard phase == .running, let timer = timers.removeValue(forKey: key) else { return }
        issue(timer.start, &effects)
    }

    /// A seed for each retry: one sequence shared by all would make the delays depend on which attempt failed first.
    private func chanceSeed(_ index: Int, _ item: Int, _ retry: Int) -> UInt64 {
        var mixer = SeededGenerator(seed: seed)
        for part in [index, item, retry] {
            mixer = SeededGenerator(seed: mixer.next() ^ UInt64(truncatingIfNeeded: part))
        }
        return mixer.next()
    }
}

extension AttemptStart {
    fileprivate func again(as key: AttemptKey) -> AttemptStart {
        AttemptStart(key: key, target: target, input: input, timeoutNanoseconds: timeoutNanoseconds)
    }
}
