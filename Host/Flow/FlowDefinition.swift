// SPDX-License-Identifier: Apache-2.0
// FlowDefinition: a flow file that has been read and found sound in itself. Whether the agents it names exist is a
// second question, asked of a catalogue.

import CorralBase

package struct FlowDefinition: Sendable {
    package let name: String
    package let summary: String?
    package let inputs: [FlowInput]
    /// In the order they are written.
    package let steps: [FlowStep]
    /// The run's result; nil for the values of the steps that no step waits for, by name.
    package let output: Binding?
    /// Nil when the flow does not say.
    package let mode: Durability?
    /// The file as it was read, for the journal.
    package let text: String
    package let file: String
    let graph: FlowGraph
    let outputMetadataReads: [Int]

    package var stepNames: [String] { steps.map(\.name) }

    package func step(named name: String) -> FlowStep? { graph.index[name].map { steps[$0] } }
}

// MARK: Reading

extension FlowDefinition {
    /// Reads a flow.
    /// - Throws: every mistake in the file, warnings included, when at least one is an error. Needs no catalogue.
    package static func parse(_ text: String, file: String) throws(DiagnosticsError) -> FlowDefinition {
        let (definition, diagnostics) = check(text, file: file, catalogue: nil)
        guard let definition else { throw DiagnosticsError(diagnostics) }
        return definition
    }

    /// Everything there is to say about a flow file, in the order of the file: `corral flow check`.
    /// - Parameter catalogue: nil leaves out what depends on the plugins that are there.
    /// - Returns: the definition, or nil when a diagnostic is an error; warnings do not stand in its way.
    package static func check(
        _ text: String, file: String, catalogue: (any FlowCatalogue)?
    ) -> (definition: FlowDefinition?, diagnostics: [Diagnostic]) {
        var reader = FlowReader(text: text, file: file)
        let draft = reader.read()
        var diagnostics = reader.fields.diagnostics
        if let draft {
            diagnostics += FlowCheck(draft).run()
            if let catalogue { diagnostics += CatalogueCheck(draft, catalogue).run() }
        }
        diagnostics.sort { $0.location < $1.location }
        guard let draft, !diagnostics.contains(where: { $0.severity == .error }) else { return (nil, diagnostics) }
        return (FlowDefinition(draft, text: text, file: file), diagnostics)
    }

    /// What a catalogue has to say about a flow that is sound in itself.
    package func check(catalogue: any FlowCatalogue) -> [Diagnostic] {
        Self.check(text, file: file, catalogue: catalogue).diagnostics
    }

    /// Nil when the draft has a step whose target could not be read; such a draft has errors and is not asked.
    private init?(_ draft: FlowDraft, text: String, file: String) {
        var steps: [FlowStep] = []
        for (position, step) in draft.steps.enumerated() {
            guard let target = step.target else { return nil }
            steps.append(FlowStep(step, target: target, after: draft.graph.after[position], draft.graph))
        }
        self.init(
            name: draft.name, summary: draft.summary, inputs: draft.inputs, steps: steps, output: draft.output,
            mode: draft.mode, text: text, file: file, graph: draft.graph,
            outputMetadataReads: draft.graph.metadataReads(draft.output?.references ?? []))
    }
}

extension FlowStep {
    fileprivate init(_ draft: StepDraft, target: FlowTarget, after: [Int], _ graph: FlowGraph) {
        let references = draft.references
        let locals = draft.forEach.map { [$0.itemName, "index"] } ?? []
        let reads = references.map(\.reference.root).filter { !locals.contains($0) }.compactMap { graph.index[$0] }
        self.init(
            name: draft.name, location: draft.location, target: target, after: after, with: draft.with,
            when: draft.when, forEach: draft.forEach, timeoutNanoseconds: draft.timeoutNanoseconds,
            retry: draft.retry, reads: Array(Set(reads)).sorted(), metadataReads: graph.metadataReads(references))
    }
}

extension FlowGraph {
    /// Steps whose metadata is read through `steps.name`.
    fileprivate func metadataReads(_ references: [PlacedReference]) -> [Int] {
        let names = references.filter { $0.reference.root == "steps" }.compactMap(\.reference.path.first)
        return Array(Set(names.compactMap { index[$0] })).sorted()
    }
}
