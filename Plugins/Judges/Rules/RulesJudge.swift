// SPDX-License-Identifier: Apache-2.0
import CorralBase
import CorralSDK

/// corral/judge-rules: what the operator declared in `evaluation.rules`, held against what an agent made. It asks for
/// nothing and knows nothing but what is in the request.
package struct RulesJudge: Judge {
    package static let card = PluginCard(
        "corral/judge-rules", version: "1.0.0",
        summary: "Holds outputs against rules: schemas, texts, lengths, ranges and expressions")

    package static let criteria = Criterion.kinds.map { JudgeCriterion($0, help: help[$0] ?? "") }

    private static let help = [
        "schema": "the value fits a JSON schema", "contains": "the value says all of these texts",
        "lacks": "the value says none of these texts", "length": "the value is as long as asked for",
        "range": "the number is within its bounds", "expression": "a CEL expression over input and output",
    ]

    /// Rules for one output. The host hands over those that apply; more are a mistake of its configuration.
    private static let rulesMax = 256

    package init(_ activation: Activation) throws {}

    package func judge(_ request: JudgeRequest, _ context: PluginContext) async throws -> [JudgeScore] {
        guard case .array(let rules)? = request.criteria else { return [] }
        let judge = RuleJudge(input: CorralBase.JSON(request.input), output: CorralBase.JSON(request.output))
        var scores: [JudgeScore] = []
        for rule in rules.prefix(Self.rulesMax) {
            try Task.checkCancellation()
            let criterion = CorralBase.JSON(rule)
            let verdict = judge.verdict(on: criterion)
            scores.append(
                JudgeScore(
                    criterion["name"]?.stringValue ?? "", score: verdict.score, explanation: verdict.explanation))
        }
        return scores
    }
}

extension CorralBase.JSON {
    /// Members in the order of their names: the same request gives the same words.
    init(_ json: CorralSDK.JSON) {
        switch json {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .integer(let number): self = .int(Int64(number))
        case .number(let number): self = .double(number)
        case .text(let text): self = .string(text)
        case .array(let elements): self = .array(elements.map { Self($0) })
        case .object(let members):
            self = .object(CorralBase.JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, Self($0.value)) }))
        }
    }
}
