// SPDX-License-Identifier: Apache-2.0
// FlowRunValues: what expressions see. A step sees the input and what it waits for, directly or through others; the
// check of the definition has made sure that it names nothing else.

import CorralBase
import CorralExpression

extension FlowRun {
    func isTrue(_ when: Condition, _ index: Int) throws(CorralError) -> Bool {
        try when.isTrue(bindings(definition.steps[index].metadataReads))
    }

    /// The elements of `for_each`, or nil for a step without.
    func elements(_ index: Int, _ meter: inout ExpressionMeter) throws(CorralError) -> [JSON]? {
        let step = definition.steps[index]
        guard let forEach = step.forEach else { return nil }
        let value = try forEach.list.json(bindings(step.metadataReads), &meter)
        guard let list = value.arrayValue else {
            throw .forEachNotList(step.name, value.typeName, forEach.list.location)
        }
        guard list.count <= Limits.forEachItemsMax else {
            throw .tooManyItems(step.name, list.count, forEach.list.location)
        }
        return list
    }

    /// What an item's attempts receive. Without `with`: the element, the predecessors' values by name, or the input.
    func itemInput(_ index: Int, item: Int, _ meter: inout ExpressionMeter) throws(CorralError) -> JSON {
        let step = definition.steps[index]
        let element = steps[index].list.map { $0[item] }
        let value: JSON
        if let with = step.with {
            var bindings = bindings(step.metadataReads)
            if let element, let forEach = step.forEach {
                bindings.item = (forEach.itemName, element)
                bindings.index = item
            }
            value = try with.json(bindings, &meter)
            if let extent = with.extent(of: bindings.extent(of:)), extent.fits(bytes: Limits.requestBytesMax) {
                return value
            }
        } else if let element {
            value = element
        } else if step.after.isEmpty {
            value = input
        } else {
            value = .object(JSONObject(step.after.map { (definition.steps[$0].name, steps[$0].value) }))
        }
        guard value.extent(bytesMax: Limits.requestBytesMax)?.fits(bytes: Limits.requestBytesMax) == true else {
            throw .inputTooLarge(step.name, step.with?.location ?? step.location)
        }
        return value
    }

    /// The result of the run. Without `output`: the values of the steps that no step waits for, by name.
    func output() throws(CorralError) -> JSON {
        guard let output = definition.output else {
            let last = definition.graph.last
            return .object(JSONObject(last.map { (definition.steps[$0].name, steps[$0].value) }))
        }
        var meter = ExpressionMeter()
        let value = try output.json(bindings(definition.outputMetadataReads), &meter)
        guard value.extent(bytesMax: Limits.resultBytesMax)?.fits(bytes: Limits.resultBytesMax) == true else {
            throw .outputTooLarge(output.location)
        }
        return value
    }

    private func bindings(_ metadataReads: [Int]) -> RunBindings {
        RunBindings(run: self, metadataReads: metadataReads, item: nil, index: 0)
    }

    fileprivate func extent(ofStep name: String) -> JSONExtent? {
        guard let index = definition.graph.index[name], steps[index].status.isDone else { return nil }
        return steps[index].extent
    }

    fileprivate func metadata(_ indices: [Int]) -> JSON {
        .object(JSONObject(indices.map { (definition.steps[$0].name, steps[$0].metadata) }))
    }
}

extension StepState {
    /// What `steps.name` shows. Losses are not in it: they are chance, and a flow must not depend on them.
    fileprivate var metadata: JSON {
        [
            "status": .string(status.rawValue),
            "confidence": confidence.map { .double($0) } ?? .null,
            "retries": .int(Int64(retries)),
            "changes": .array(
                changes.map { ["class": .string($0.changeClass), "target": .string($0.target)] }),
        ]
    }
}

/// The names of one evaluation.
private struct RunBindings: ExpressionBindings {
    let run: FlowRun
    let metadataReads: [Int]
    var item: (name: String, value: JSON)?
    var index: Int

    func value(named name: String) -> CELValue? {
        if let item, name == item.name { return CELValue(item.value) }
        switch name {
        case "index" where item != nil: return .int(Int64(index))
        case "input": return CELValue(run.input)
        case "steps": return CELValue(run.metadata(metadataReads))
        default: return run.value(ofStep: name).map { CELValue($0) }
        }
    }

    /// The extent of what a name stands for, as far as it is known.
    func extent(of name: String) -> JSONExtent? {
        if let item, name == item.name { return item.value.extent(bytesMax: Limits.requestBytesMax) }
        return name == "input" ? run.inputExtent : run.extent(ofStep: name)
    }
}
