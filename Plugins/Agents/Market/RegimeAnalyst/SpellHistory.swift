// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Counts what a line of states went through: its spells, how long they lasted, what followed them.
struct SpellHistory {
    private let returns: Returns
    private let perYear: Double?
    private let confirm: Int

    init(_ returns: Returns, perYear: Double?, confirm: Int) {
        self.returns = returns
        self.perYear = perYear
        self.confirm = confirm
    }

    /// Nil when no bar has a state.
    func dimension(_ line: RegimeRules.Line, _ names: [String], _ rule: String) -> RegimeReport.Dimension? {
        let states = RegimeRules.confirmed(line.state, bars: confirm)
        let spells = spells(states)
        guard let last = spells.last, let measure = line.measure.last.flatMap(\.self) else { return nil }
        return RegimeReport.Dimension(
            rule: rule, current: last.state, since: last.from, bars: last.bars, measure: measure,
            states: names.compactMap { state($0, states, spells) }, transitions: transitions(spells, names),
            spellsTotal: spells.count, spells: Array(spells.suffix(RegimeReport.spellsListedMax)))
    }

    private func spells(_ states: [String?]) -> [RegimeReport.Spell] {
        var spells: [RegimeReport.Spell] = []
        var start = 0
        for bar in states.indices {
            guard let state = states[bar] else {
                start = bar + 1
                continue
            }
            if bar + 1 < states.count, states[bar + 1] == state { continue }
            spells.append(
                RegimeReport.Spell(
                    state: state, from: returns.date[start], to: returns.date[bar], bars: bar - start + 1,
                    change: returns.prices[bar] / returns.prices[start] - 1, isOpen: bar + 1 == states.count))
            start = bar + 1
        }
        return spells
    }

    private func state(_ name: String, _ states: [String?], _ spells: [RegimeReport.Spell]) -> RegimeReport.State? {
        let known = states.count { $0 != nil }
        let bars = states.indices.filter { states[$0] == name }
        guard !bars.isEmpty else { return nil }
        let own = spells.filter { $0.state == name }
        let ended = own.filter { !$0.isOpen }.map { Double($0.bars) }
        let followed = bars.filter { $0 + 1 < states.count }
        // Return i leads from bar i to bar i + 1: what came after the state was known.
        let after = followed.map { returns.values[$0] }
        let deviation = after.count >= 10 ? Moments.standardDeviation(after) : nil
        return RegimeReport.State(
            state: name, bars: bars.count, share: Double(bars.count) / Double(known), spells: own.count,
            medianBars: Moments.median(ended), longestBars: ended.max().map { Int($0) },
            stays: followed.isEmpty
                ? nil : Double(followed.count { states[$0 + 1] == name }) / Double(followed.count),
            annualReturn: deviation.flatMap { _ in perYear.map { Moments.mean(after) * $0 } },
            annualVolatility: deviation.flatMap { value in perYear.map { value * $0.squareRoot() } })
    }

    private func transitions(_ spells: [RegimeReport.Spell], _ names: [String]) -> [RegimeReport.Transition] {
        var counts: [[String]: Int] = [:]
        for (before, after) in zip(spells, spells.dropFirst()) { counts[[before.state, after.state], default: 0] += 1 }
        return names.flatMap { from in
            let total = names.reduce(0) { $0 + (counts[[from, $1]] ?? 0) }
            return names.compactMap { to in
                counts[[from, to]].map {
                    RegimeReport.Transition(from: from, to: to, count: $0, share: Double($0) / Double(total))
                }
            }
        }
    }
}
