// SPDX-License-Identifier: Apache-2.0
// FlowCheck: the mistakes that a flow shows without knowing any plugin: cycles, names that nothing has, values read
// before they exist, inputs that nobody reads.

import CorralBase
import CorralExpression

struct FlowCheck {
    private let draft: FlowDraft
    private var diagnostics: [Diagnostic] = []
    private var usedInputs: Set<String> = []
    private var usesWholeInput = false

    static let metadata = ["status", "confidence", "retries", "changes"]

    init(_ draft: FlowDraft) { self.draft = draft }

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
        let scope = Scope(draft.graph, position)
        for reference in step.with?.references ?? [] {
            if let forEach = step.forEach, [forEach.itemName, "index"].contains(reference.reference.root) { continue }
            check(reference, scope)
        }
        for reference in (step.when?.references ?? []) + (step.forEach?.list.references ?? []) {
            if let forEach = step.forEach, [forEach.itemName, "index"].contains(reference.reference.root) {
                diagnostics.append(.itemOutside(reference.reference.root, reference.location))
            } else {
                check(reference, scope)
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

    /// The steps that a step may read, found once and only when more than its direct predecessors are asked for.
    private final class Scope {
        let graph: FlowGraph
        let position: Int?
        private lazy var ancestors = position.map { graph.ancestors(of: $0) } ?? []

        /// A nil position is that of the output, which sees every step.
        init(_ graph: FlowGraph, _ position: Int?) { (self.graph, self.position) = (graph, position) }

        func sees(_ other: Int) -> Bool {
            guard let position else { return true }
            return graph.after[position].contains(other) || ancestors.contains(other)
        }
    }

    private mutating func checkOutput(_ reference: PlacedReference) {
        check(reference, Scope(draft.graph, nil))
    }

    private mutating func check(_ placed: PlacedReference, _ scope: Scope) {
        let reference = placed.reference
        switch reference.root {
        case "input": checkInput(placed)
        case "steps": checkMetadata(placed, scope)
        default:
            if let other = draft.graph.index[reference.root] {
                checkVisible(other, placed, scope)
                checkMember(other, placed)
            } else if !Expression.isTypeName(reference.root) {
                checkUnknown(placed, scope)
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

    private mutating func checkMetadata(_ placed: PlacedReference, _ scope: Scope) {
        guard let name = placed.reference.path.first else {
            return diagnostics.append(.wholeSteps(placed.location))
        }
        guard let other = draft.graph.index[name] else {
            return diagnostics.append(.unknownStep(name, draft.steps.map(\.name), placed.location))
        }
        checkVisible(other, placed, scope)
        guard placed.reference.path.count > 1, !Self.metadata.contains(placed.reference.path[1]) else { return }
        diagnostics.append(.unknownMetadata(placed.reference.path[1], Self.metadata, placed.location))
    }

    private mutating func checkVisible(_ other: Int, _ placed: PlacedReference, _ scope: Scope) {
        guard let position = scope.position, !scope.sees(other) else { return }
        let (name, step) = (draft.steps[other].name, draft.steps[position].name)
        if other == position { return diagnostics.append(.readsItself(name, placed.location)) }
        let isLater = draft.graph.ancestors(of: other).contains(position)
        diagnostics.append(.notPredecessor(name, of: step, placed.location, isLater: isLater))
    }

    private mutating func checkMember(_ other: Int, _ placed: PlacedReference) {
        guard let member = placed.reference.path.first, draft.steps[other].forEach != nil else { return }
        diagnostics.append(.memberOfList(draft.steps[other].name, member, placed.location))
    }

    private mutating func checkUnknown(_ placed: PlacedReference, _ scope: Scope) {
        let name = placed.reference.root
        if ["item", "index"].contains(name) { return diagnostics.append(.itemOutside(name, placed.location)) }
        let locals = scope.position.flatMap { draft.steps[$0].forEach }.map { [$0.itemName, "index"] } ?? []
        let known = locals + draft.steps.map(\.name) + ["input", "steps"]
        let advice =
            draft.inputs.contains { $0.name == name }
            ? "write input.\(name)" : didYouMean(name, among: known)
        diagnostics.append(.unknownName(name, advice, placed.location))
    }

    private mutating func checkUnusedInputs() {
        guard !usesWholeInput else { return }
        for input in draft.inputs where !usedInputs.contains(input.name) {
            diagnostics.append(.unusedInput(input.name, input.location))
        }
    }
}
