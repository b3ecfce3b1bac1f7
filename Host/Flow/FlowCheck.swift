// SPDX-License-Identifier: Apache-2.0
// FlowCheck: the mistakes that a flow shows without knowing any plugin: cycles, names that nothing has, values read
// before they exist, inputs that nobody reads.

import CorralBase
import CorralExpression

extension Limits {
    /// Looking for the nearest of thousands of names costs milliseconds; a hostile file must not make that hours.
    static let advisedMistakesMax = 50
}

struct FlowCheck {
    private let draft: FlowDraft
    private var diagnostics: [Diagnostic] = []
    private var usedInputs: Set<String> = []
    private var usesWholeInput = false
    private var ancestry: FlowAncestry?
    private let stepNames: [String]

    static let metadata = ["status", "confidence", "retries", "changes"]

    init(_ draft: FlowDraft) {
        self.draft = draft
        stepNames = draft.steps.map(\.name)
    }

    consuming func run() -> [Diagnostic] {
        checkCycles()
        for position in draft.steps.indices { checkStep(position) }
        for reference in draft.output?.references ?? [] { checkOutput(reference) }
        checkUnusedInputs()
        return diagnostics
    }

    private mutating func checkCycles() {
        for cycle in draft.graph.cycles() {
            let names = cycle.map { draft.steps[$0].name }
            let place = cycle.first.map { draft.steps[$0] }
            guard let place else { continue }
            diagnostics.append(.cycle(names, place.after.first?.location ?? place.location))
        }
    }

    private mutating func checkStep(_ position: Int) {
        let step = draft.steps[position]
        if step.after.isEmpty, step.with == nil, step.forEach == nil { usesWholeInput = true }
        for reference in step.with?.references ?? [] {
            if let forEach = step.forEach, [forEach.itemName, "index"].contains(reference.reference.root) { continue }
            check(reference, position)
        }
        for reference in (step.when?.references ?? []) + (step.forEach?.list.references ?? []) {
            if let forEach = step.forEach, [forEach.itemName, "index"].contains(reference.reference.root) {
                diagnostics.append(.itemOutside(reference.reference.root, reference.location))
            } else {
                check(reference, position)
            }
        }
        checkConstant(step)
    }

    /// A condition that reads nothing has the same value in every run.
    private mutating func checkConstant(_ step: StepDraft) {
        guard let when = step.when, when.expression.references.isEmpty else { return }
        do throws(ExpressionError) {
            if try !when.expression.condition([String: JSON]()) {
                diagnostics.append(.neverRuns(step.name, when.place.location))
            }
        } catch { diagnostics.append(error.diagnostic(at: when.place.location(ofScalar: when.offset + error.offset))) }
    }

    // MARK: References

    private mutating func checkOutput(_ reference: PlacedReference) {
        check(reference, nil)
    }

    private mutating func check(_ placed: PlacedReference, _ reader: Int?) {
        let reference = placed.reference
        switch reference.root {
        case "input": checkInput(placed)
        case "steps": checkMetadata(placed, reader)
        default:
            if let other = draft.graph.index[reference.root] {
                checkVisible(other, placed, reader)
                checkMember(other, placed)
            } else if !Expression.isTypeName(reference.root) {
                checkUnknown(placed, reader)
            }
        }
    }

    private mutating func checkInput(_ placed: PlacedReference) {
        guard let name = placed.reference.path.first else {
            usesWholeInput = true
            return
        }
        usedInputs.insert(name)
        let known = draft.inputs.map(\.name)
        if !known.contains(name), !placed.reference.isTest || placed.reference.path.count > 1 {
            diagnostics.append(.unknownInput(name, known, placed.location))
        }
    }

    private mutating func checkMetadata(_ placed: PlacedReference, _ reader: Int?) {
        guard let name = placed.reference.path.first else {
            return diagnostics.append(.wholeSteps(placed.location))
        }
        guard let other = draft.graph.index[name] else {
            return diagnostics.append(.unknownStep(name, nearNames, placed.location))
        }
        checkVisible(other, placed, reader)
        guard placed.reference.path.count > 1, !Self.metadata.contains(placed.reference.path[1]) else { return }
        diagnostics.append(.unknownMetadata(placed.reference.path[1], Self.metadata, placed.location))
    }

    private mutating func checkVisible(_ other: Int, _ placed: PlacedReference, _ reader: Int?) {
        guard let reader, !draft.graph.after[reader].contains(other) else { return }
        let ancestry = knownAncestry()
        guard !ancestry.precedes(other, reader) else { return }
        let (name, step) = (draft.steps[other].name, draft.steps[reader].name)
        if other == reader { return diagnostics.append(.readsItself(name, placed.location)) }
        let isLater = ancestry.precedes(reader, other)
        diagnostics.append(.notPredecessor(name, of: step, placed.location, isLater: isLater))
    }

    /// Filled when a step first reads more than its direct predecessors.
    private mutating func knownAncestry() -> FlowAncestry {
        if let ancestry { return ancestry }
        let filled = FlowAncestry(draft.graph)
        ancestry = filled
        return filled
    }

    private mutating func checkMember(_ other: Int, _ placed: PlacedReference) {
        guard let member = placed.reference.path.first, draft.steps[other].forEach != nil else { return }
        diagnostics.append(.memberOfList(draft.steps[other].name, member, placed.location))
    }

    private mutating func checkUnknown(_ placed: PlacedReference, _ reader: Int?) {
        let name = placed.reference.root
        if ["item", "index"].contains(name) { return diagnostics.append(.itemOutside(name, placed.location)) }
        let locals = reader.flatMap { draft.steps[$0].forEach }.map { [$0.itemName, "index"] } ?? []
        let known = locals + nearNames + ["input", "steps"]
        let advice =
            draft.inputs.contains { $0.name == name }
            ? "write input.\(name)" : didYouMean(name, among: known)
        diagnostics.append(.unknownName(name, advice, placed.location))
    }

    /// The names to look among for "did you mean": a file with thousands of mistakes gets advice on the first ones.
    private var nearNames: [String] { diagnostics.count < Limits.advisedMistakesMax ? stepNames : [] }

    private mutating func checkUnusedInputs() {
        guard !usesWholeInput else { return }
        for input in draft.inputs where !usedInputs.contains(input.name) {
            diagnostics.append(.unusedInput(input.name, input.location))
        }
    }
}
